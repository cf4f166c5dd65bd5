"""Vehicles of a rental company, with SQLModel."""

"""Rooms and bookings: a unit of work with repositories, under asyncio."""

"""Rules about what a newer SQLAlchemy takes away or frowns upon."""

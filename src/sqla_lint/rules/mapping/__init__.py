"""Rules about mapped classes, tables and relationships."""

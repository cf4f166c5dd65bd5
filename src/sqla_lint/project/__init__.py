"""What the project is made of: its modules, its classes, and the kind of every expression."""

"""A bookshop: orders, stock and reports over a synchronous ORM."""

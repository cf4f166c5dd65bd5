"""sqla-lint: a static linter for how Python programs use SQLAlchemy."""

__version__ = "0.1.0"

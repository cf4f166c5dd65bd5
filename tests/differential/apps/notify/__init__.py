"""Messages to subscribers: a FastAPI application."""

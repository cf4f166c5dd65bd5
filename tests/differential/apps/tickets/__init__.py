"""A help desk: asyncio, a session per request, services that are given it."""

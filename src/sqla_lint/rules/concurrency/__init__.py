"""SAL8, asyncio and concurrency."""

"""Accounts: asyncio with the default `expire_on_commit`, transactions and server defaults."""

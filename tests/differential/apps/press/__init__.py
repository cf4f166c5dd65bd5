"""A newspaper's API: resolvers, a loader of many, repositories under asyncio."""

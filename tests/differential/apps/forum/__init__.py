"""A forum: trees of messages, awaitable attributes, strategies in the mapping."""

"""A warehouse: objects in dictionaries, tuples, data classes and generators."""

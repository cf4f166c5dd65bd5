"""Who may open which door: dependencies of FastAPI that give objects."""

"""SAL3, engine, connection or session."""

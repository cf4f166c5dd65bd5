"""SAL4, SQL text and parameters."""

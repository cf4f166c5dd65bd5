"""SAL2, what is written is committed or rolled back."""

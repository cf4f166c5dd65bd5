"""SAL1, who opens and who closes."""

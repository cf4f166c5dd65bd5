"""SAL5, expressions and statements."""

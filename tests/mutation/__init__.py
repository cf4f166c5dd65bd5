"""How many mistakes are found in correct functions that are broken one at a time."""

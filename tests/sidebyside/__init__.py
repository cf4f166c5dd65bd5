"""What linters find in programs that are wrong, and in programs that look so."""

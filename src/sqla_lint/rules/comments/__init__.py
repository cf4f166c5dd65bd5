"""The linter itself: comments that silence it."""

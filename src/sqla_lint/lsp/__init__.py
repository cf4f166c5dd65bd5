"""``sqla-lint server``: findings, fixes and explanations in an editor (LSP)."""

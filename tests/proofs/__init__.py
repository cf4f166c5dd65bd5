"""The proofs: what the rules claim, shown on the real SQLAlchemy of every supported version."""

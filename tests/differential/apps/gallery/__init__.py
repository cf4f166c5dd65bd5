"""Pictures: deferred columns, partial loads, second statements."""

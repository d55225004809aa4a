"""REST: the registry for programs, read-only unless a token is set."""

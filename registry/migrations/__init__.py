"""Schema revisions of the registry database, run by the store when it finds an older schema."""

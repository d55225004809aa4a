"""The rules of the row flags, one module a family; `analyzers.hygiene` lists them in their fixed order."""

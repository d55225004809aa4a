"""One module per trainer that can load a mixture."""

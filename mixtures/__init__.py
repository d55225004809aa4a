"""From a wish to files: recipes, plans, builds and locks."""

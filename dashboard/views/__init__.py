"""Pure functions from results to tables and charts ready to draw."""

"""Data tests: what the rows of a dataset are expected to be, decided on measured figures."""

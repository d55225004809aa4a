"""Measuring public files and measuring ourselves; not part of the package."""

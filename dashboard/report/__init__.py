"""A report to attach to a data card: what was declared and measured, in one file that needs nothing else."""

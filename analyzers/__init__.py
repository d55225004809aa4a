"""Rows in, numbers out: stateless, mergeable analyzers over Arrow batches."""

"""Pieces that pages put together."""

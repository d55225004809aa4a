"""Pages: widgets in, one view call, drawing out."""

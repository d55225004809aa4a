"""Fair comparison: figures of equally large random draws, beside those of draws from all rows together."""

"""The walk over batches of samples, and what computes on them."""

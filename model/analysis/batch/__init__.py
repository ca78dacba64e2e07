"""Batches: many runs of one case, each with some numbers changed."""

"""Designs: which runs answer a question over the sheet Ranges, and what their results say."""

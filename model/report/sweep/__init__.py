"""What a batch leaves to be looked at: pictures, a workbook with native charts, and a page."""

"""What projects and more money are worth: differences of optima, each found by a solve of its own."""

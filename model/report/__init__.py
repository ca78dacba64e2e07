"""What a run leaves: the console's summary, results.xlsx with charts, CSV tables and the record of the run."""

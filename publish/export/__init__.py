"""Export tables: one writer per format, citations for reference managers, and graph files."""

"""Report formats: one module each, and each with a `render` function that makes text of a report."""

"""Select comparisons, pool results, draw forest plots, compare networks of trials, and graph the crosstalk."""

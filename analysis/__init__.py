"""Questions to the evidence, pooled results, forest plots and the network of the crosstalk."""

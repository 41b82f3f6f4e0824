"""Network meta-analysis: contrasts, the model, inconsistency, ranking, plots, and frames for packages of R."""

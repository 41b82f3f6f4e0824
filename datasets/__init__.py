"""The evidence: one Frictionless data package per folder (a descriptor and its CSVs). Holds no code."""

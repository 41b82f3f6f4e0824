"""Check the cited papers in Crossref and PubMed: retractions, corrections, and the numbers in their abstracts."""

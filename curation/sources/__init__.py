"""What Crossref and PubMed say of the cited papers: their standing since, and the words of their abstracts."""

"""The mechanism graph as files for Cytoscape, Gephi and networkx."""

"""The mechanism network, for Cytoscape and the like."""

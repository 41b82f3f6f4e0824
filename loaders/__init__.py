"""Read data packages, releases and the installed tables with their joined views. Imports no pandera."""

"""`python -m luminaldb`: the command line."""

from luminaldb.cli.main import main

main()

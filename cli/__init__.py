"""The command line: one module per command, each of them thin: parse, call, print."""

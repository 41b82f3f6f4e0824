"""Answers for assistants that speak the Model Context Protocol: read-only, each with its sources."""

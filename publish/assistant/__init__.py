"""Answers for assistants that use the Model Context Protocol: read-only, each with its sources."""

"""Add and correct data: prompts, workbooks, fixes, checks of cited sources, the diff of two versions."""

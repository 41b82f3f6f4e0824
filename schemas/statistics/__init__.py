"""Checks of reported statistics for any extraction sheet, whatever its columns are called."""

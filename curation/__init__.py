"""How facts get in: rows asked for one by one, a workbook to fill in, a workbook brought back."""

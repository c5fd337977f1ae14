"""The plan of the evening in a spreadsheet: its prizes."""

"""From rows to entries, with a receipt that accounts for every row."""

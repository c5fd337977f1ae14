"""All drawing. The screen knows the wheel and the theme, but no snapshot, no ledger and no file of the home."""

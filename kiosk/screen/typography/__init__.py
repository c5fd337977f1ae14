"""Sets text in any script, from the fonts on the system."""

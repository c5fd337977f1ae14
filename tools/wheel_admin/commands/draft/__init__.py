"""Commands that make and edit the draft."""

"""How the screen looks and what it says: colours, texts, theme files."""

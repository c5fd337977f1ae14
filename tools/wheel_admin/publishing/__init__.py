"""How drafts become signed published files."""

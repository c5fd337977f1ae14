"""The only pygame drawing. It knows the wheel and the theme, never snapshots, the ledger or files of the home."""

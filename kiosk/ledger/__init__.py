"""What happened: an append-only chain of records, and the committed secrets behind it."""

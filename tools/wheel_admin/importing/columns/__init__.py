"""Which columns hold tickets, names and chances, and where the header is."""

"""The foundation: errors, clock, durable writes, keys, paths, and the rules for text."""

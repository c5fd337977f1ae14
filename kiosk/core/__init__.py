"""What everything else stands on: errors, clock, durable writes, keys, paths, rules for text."""

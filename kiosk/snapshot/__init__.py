"""The formats of what an organiser publishes: lists and requests in signed envelopes. Pure."""

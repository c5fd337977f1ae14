"""Health for monitoring from outside: what is reported, where it is read, and how it is written."""

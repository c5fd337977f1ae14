"""Fuzzing of everything that reads bytes from elsewhere: `python -m tools.fuzz --help`."""

"""What a power cut can do to a wheel home, enumerated: `python -m tools.crashes` prints the figures."""

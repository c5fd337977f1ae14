"""The composition root: builds the parts, connects them, and runs the loop."""

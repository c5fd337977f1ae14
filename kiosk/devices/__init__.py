"""The hardware that people use: display, keys, button, sound."""

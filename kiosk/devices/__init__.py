"""What people touch and hear: display, keys, button, sound."""

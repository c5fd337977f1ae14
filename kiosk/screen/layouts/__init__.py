"""Where each part of the screen is, at any size."""

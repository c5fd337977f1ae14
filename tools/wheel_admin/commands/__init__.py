"""The commands of `wheel-admin`, one module each, grouped as an organiser meets them."""

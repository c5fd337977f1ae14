"""The program on the Pi: what it shows, decides and records. It never imports from `tools`."""

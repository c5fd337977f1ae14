"""How published files reach the kiosk: watched, read, verified, loaded, and queued for the loop."""

"""What surrounds the kiosk: the organiser's commands, the verifier, the bench and the demo."""

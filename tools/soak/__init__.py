"""`python -m tools.soak`: the real kiosk and the real admin for hours, with faults mixed in."""

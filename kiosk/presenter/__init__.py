"""From the kiosk's state to what the screen shows: scenes, wording, notices."""

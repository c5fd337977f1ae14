"""The parts of the screen that stand still. Each is painted once, when it changes."""

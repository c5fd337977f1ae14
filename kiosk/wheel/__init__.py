"""Where things are on the wheel and how it moves: pure integers, no screen, no clock."""

"""The geometry and the motion of the wheel: pure integers, no screen, no clock."""

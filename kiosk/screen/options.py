"""Options of the screen. Imports no pygame, so that the command line parses without it."""

from typing import Literal

Choice = Literal["auto", "gpu", "software"]
"""The back end: `auto` uses the GPU if it draws correctly and fast enough."""
SMALLEST = (800, 480)
"""Smallest screen in pixels, landscape or portrait, on which names are readable."""
LARGEST_SIDES = (2560, 1440)
"""Longer and shorter side of the largest picture in pixels; larger displays show it scaled up."""
Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise by which the picture is turned."""
Motion = Literal["full", "reduced"]
"""How much moves: `reduced` leaves out the camera, the pulse, the bulbs' chase and the confetti."""

"""Options of the screen. Imports no pygame, so that the command line parses without it."""

from typing import Literal

Choice = Literal["auto", "gpu", "software"]
"""The back end: `auto` uses the GPU if it draws correctly and fast enough."""
SMALLEST = (800, 480)
"""Smallest screen in pixels, landscape or portrait, on which names are readable."""
LARGEST_SIDES = (2560, 1440)
"""Longer and shorter side in pixels of the largest picture of a CPU or a slow GPU; larger displays scale it up."""
LARGEST_SIDES_OF_A_GPU = (3840, 2160)
"""Of a GPU that is fast enough for it: a 4K display is sharp to its last pixel."""
Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise by which the picture is turned."""
Motion = Literal["full", "reduced"]
"""How much moves: `reduced` leaves out the camera, the pulse, the bulbs' chase and the confetti."""

"""What may be asked of the screen. No pygame, so that a command line can be read without it."""

from typing import Literal

Choice = Literal["auto", "gpu", "software"]
"""Which back end: `auto` takes the GPU if it draws, and draws fast enough."""
SMALLEST = (800, 480)
"""Smallest screen in pixels, lying or upright, on which names can be read."""
LARGEST_SIDES = (2560, 1440)
"""Longer and shorter side of the largest picture that is drawn; larger displays get it scaled up."""
Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise by which the picture is turned."""

"""Saves the pictures for `--screenshots`: one idle, one spinning, one settled."""

from pathlib import Path

import pygame

from kiosk.core.errors import WheelError
from kiosk.screen.scene import Phase, Scene
from kiosk.screen.view import View
from kiosk.wheel.spin import TICKS_PER_SECOND

_SPINNING_TICK = 104 * TICKS_PER_SECOND // 10
"""The tick of `spinning.png`: 0.6 s before rest, when names are readable even with 3000 entries."""

SETTLED_MS = 3850
"""How long after rest `settled.png` is taken: the camera has drawn back, the card is there, the confetti falls."""


class Pictures:
    """Draws scenes, and keeps pictures of three of them.

    Args:
        view: draws the scenes.
        directory: where `save` writes; None keeps no pictures.
    """

    def __init__(self, view: View, directory: Path | None) -> None:
        self._view = view
        self._directory = directory
        self._kept: dict[str, pygame.Surface] = {}

    def draw(self, scene: Scene, *, tick: int) -> bool:
        """Draw and present `scene`, at `tick` of its spin; returns False if nothing changed."""
        name = self._name(scene, tick) if self._directory is not None else ""
        if not name or name in self._kept:
            return self._view.draw(scene)
        self._kept[name] = self._view.capture(scene)
        return True

    def _name(self, scene: Scene, tick: int) -> str:
        if scene.phase is Phase.TURNING:
            return "spinning" if tick >= _SPINNING_TICK else ""
        if scene.phase is Phase.RESULT:
            return "settled" if scene.celebration_ms >= SETTLED_MS else ""
        return "idle"

    def save(self) -> None:
        """Write the pictures.

        Raises:
            WheelError: the directory cannot be written.
        """
        if self._directory is None:
            return
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            for name, picture in self._kept.items():
                pygame.image.save(picture, self._directory / f"{name}.png")
        except (OSError, pygame.error) as error:
            raise WheelError(f"The pictures could not be saved in {self._directory}: {error}.") from error

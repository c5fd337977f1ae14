"""Draws the names of the pointer strip, sharp or blurred by their speed.

Invariant: a moving strip typesets at most `_NAMES_SET_A_FRAME` names a frame, the middle one first.
"""

from collections import OrderedDict
from collections.abc import Callable

import pygame

from kiosk.screen.backends.adapter import Backend, Picture
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.scene import Face, Scene
from kiosk.screen.strip.rows import ROWS, Row, rows
from kiosk.screen.themes.colours import mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.wheel.angle import TURN

_NAMES_SET_A_FRAME = 2
"""Names typeset in one frame of a moving strip; each takes about half a millisecond."""
_CACHED_NAMES = 18
"""Pictures of names that are kept: as many as a slow wheel shows twice."""
_STREAK_NAMES = 12
_STREAK_ALPHA = 230
_FADE = (1.0, 0.78, 0.52, 0.3, 0.12)
"""How opaque a name is, by its distance from the pointer in rows."""


class NameStrip:
    """Draws the strip; keeps the pictures of its names.

    Args:
        backend: the screen.
        layout: of the screen.
        theme: colours.
        fonts: for the names.
    """

    def __init__(self, backend: Backend, layout: Layout, theme: Theme, fonts: Typesetter) -> None:
        self._backend = backend
        self._layout = layout
        self._theme = theme
        self._fonts = fonts
        self._names: OrderedDict[tuple[int, int, bool], Picture] = OrderedDict()
        self._names_to_set = 0
        self._streak: Picture | None = None

    def drop_names(self) -> None:
        """Free the pictures of the names."""
        self._names.clear()

    def change_face(self) -> None:
        """Free everything that shows the face before."""
        self._names.clear()
        self._streak = None

    def get_ready(self, face: Face | None) -> None:
        """Make the picture that only a turning wheel needs, unless it is there."""
        if self._streak is None and face is not None:
            self._streak = self._backend.picture(self._paint_streak(face))

    def draw(self, scene: Scene, sharp: float, *, all_names: bool = False) -> None:
        """Draw the names at the scene's angle.

        Args:
            scene: its face and angle.
            sharp: from `rows.sharpness`.
            all_names: typeset every name now, however long it takes.
        """
        if scene.face is None or scene.face.segments.count == 0:
            return
        if sharp <= 0:
            self._draw_streak(scene.face, scene.angle)
            return
        self._backend.clip(self._layout.strip)
        # The middle first: when names come into sight all at once, a frame has time to set only some of them.
        hurried = scene.speed and not all_names
        self._names_to_set = _NAMES_SET_A_FRAME if hurried else len(_FADE) * ROWS
        for row in sorted(rows(scene.face.segments, scene.angle), key=lambda row: abs(row.offset)):
            self._draw_name(scene.face, row, sharp)
        self._backend.clip(None)

    def _draw_streak(self, face: Face, angle: int) -> None:
        """Draw names that pass too fast to read, as a blur with the right amount of ink."""
        self.get_ready(face)
        box, picture = self._layout.strip, self._streak
        if picture is None:
            return
        # It scrolls with the wheel, at a twelfth of the speed: at full speed it would only flicker.
        down = angle * face.segments.count // 12 * self._row_pitch // TURN % picture.size[1]
        for y in range(box.y + down - picture.size[1], box.bottom, picture.size[1]):
            seen = pygame.Rect((box.x, y), picture.size).clip(box)
            self._backend.draw(picture, seen.topleft, area=seen.move(-box.x, -y))

    def _paint_streak(self, face: Face) -> pygame.Surface:
        """Return some names of the wheel, blurred in the direction of motion; the picture tiles seamlessly."""
        width, pitch = self._layout.strip.w, self._row_pitch
        height = pitch * _STREAK_NAMES
        names = pygame.Surface((width, height), pygame.SRCALPHA, 32)
        for place in range(_STREAK_NAMES):
            name = self._name(face, place * face.segments.count // _STREAK_NAMES, self._layout.row_size, middle=False)
            names.blit(name, (self._name_left(name.get_width()), place * pitch))
        rows = _STREAK_NAMES // 2
        few = pygame.transform.smoothscale(names, (width // 3, rows))
        # The last row is repeated above and the first one below, so that smoothing leaves no seam between tiles.
        ringed = pygame.Surface((few.get_width(), rows + 2), pygame.SRCALPHA, 32)
        for y in (1 - rows, 1, 1 + rows):
            ringed.blit(few, (0, y))
        row = height // rows
        # From the middle of its first row to that of its last: `rows` rows on is the same place again.
        soft = pygame.transform.smoothscale(ringed, (width, height + row))
        soft.set_alpha(_STREAK_ALPHA)
        streak = pygame.Surface((width, height), pygame.SRCALPHA, 32)
        streak.blit(soft, (0, -row // 2))
        return streak

    @property
    def _row_pitch(self) -> int:
        """Distance between the small rows of the strip, in pixels."""
        return (self._layout.strip.h - self._layout.band) // (ROWS - 1)

    def _name_left(self, width: int) -> int:
        """Return the left edge of a name of that width in the strip."""
        return (self._layout.strip.w - width) // 2 if self._layout.portrait else self._layout.px(40)

    def _draw_name(self, face: Face, row: Row, sharp: float) -> None:
        layout = self._layout
        middle = abs(row.offset) < 0.5
        size = layout.name_size if middle else layout.row_size
        key = (id(face), row.index, middle)
        if key not in self._names:
            if not self._names_to_set:
                return
            self._names_to_set -= 1
        picture = self._cached_name(key, lambda: self._name(face, row.index, size, middle=middle))
        near = min(abs(row.offset), 1.0)
        step = self._row_pitch
        y = layout.strip.centery + (near * (layout.band + step) / 2 + max(0.0, abs(row.offset) - 1) * step) * (
            1 if row.offset > 0 else -1
        )
        place = min(len(_FADE) - 2, int(abs(row.offset)))
        part = abs(row.offset) - place
        strength = _FADE[place] + (_FADE[place + 1] - _FADE[place]) * min(1.0, part)
        x = layout.strip.x + self._name_left(picture.size[0])
        self._backend.draw(picture, (x, round(y - picture.size[1] / 2)), alpha=round(255 * strength * sharp))

    def _name(self, face: Face, index: int, size: int, *, middle: bool) -> pygame.Surface:
        colour = self._theme.text if middle else mix(self._theme.text, self._theme.text_quiet, 0.6)
        return self._fonts.fit(face.names[index], size, colour, self._layout.strip.w - 2 * self._layout.px(40))

    def _cached_name(self, key: tuple[int, int, bool], build: Callable[[], pygame.Surface]) -> Picture:
        picture = self._names.get(key)
        if picture is None:
            picture = self._names[key] = self._backend.picture(build())
            if len(self._names) > _CACHED_NAMES:
                self._names.popitem(last=False)
        self._names.move_to_end(key)
        return picture

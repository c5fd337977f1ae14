"""Draws the names of the pointer strip: as they pass, or some that stand for a moment where they pass too fast.

Invariant: what can be read is exact: the middle name is the entry under the pointer, in every frame. Where nobody could
read them, real names stand at full brightness, `HOLD_MS` each: those at the pointer when their time began. A moving
strip typesets at most `_NAMES_SET_A_FRAME` names a frame, the middle one first, and those that come next ahead.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial

import pygame

from kiosk.screen.backends.adapter import Backend, Picture
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.scene import Face, Phase, Scene
from kiosk.screen.strip.holds import Holds
from kiosk.screen.strip.rows import ROWS, Row, centred, held, rows
from kiosk.screen.themes.colours import mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.name_block import name_block
from kiosk.screen.typography.typesetter import Typesetter, line_height
from kiosk.wheel.angle import TURN, normalize
from kiosk.wheel.spin import SPIN_TICKS, TICKS_PER_SECOND

_HOLDS_A_TURN = 6
"""How often in a turn other names come to stand, where the scene does not say how long the spin still takes."""
_LEAVES_CENTRE_MS = 500
"""At the start of a spin the strip slides from its centred rest to where the wheel really is."""
_NAMES_SET_A_FRAME = 2
"""Names typeset in one frame of a moving strip; each takes about half a millisecond."""
_CACHED_NAMES = 18
"""Names of the strip kept as pictures: what a slow wheel shows twice, and no more."""
_PLACES_A_ROW = 256
"""Where a name can stand, so that a strip that hardly moves is not drawn again: half a pixel at 1080p."""
_FADE = (1.0, 0.88, 0.76, 0.66, 0.2)
"""How opaque a name is, by its distance from the pointer in rows."""

_Placed = tuple[Picture, tuple[int, int], int]
"""A name's picture, where its corner is, and its alpha."""


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
        self._sheet = backend.sheet((layout.strip.w * 2 // 3, layout.band), _CACHED_NAMES + 1)
        self._names_to_set = 0
        self._standing: Hashable = None
        self._holds = Holds()
        self._unset = 0
        self._placed: list[_Placed] = []
        self._covered: list[pygame.Rect] | None = None
        self._found: tuple[Scene, float, list[Row]] | None = None

    def drop_names(self) -> None:
        """Free the pictures of the names."""
        self._names.clear()
        self._placed = []
        self._standing = self._found = self._covered = None

    def key(self, scene: Scene, snap: float) -> Hashable:
        """Return what changes when the strip shows something else."""
        slot = self._slot(scene)
        if slot is not None:
            return (slot, self._unset if self._stands(slot) else -1)
        if scene.face is None or scene.face.segments.count == 0:
            return None
        found = self._passing(scene, scene.face, snap)
        middle = found[len(found) // 2]
        return (id(scene.face), middle.index, middle.offset, not scene.speed, self._unset)

    def draw(self, scene: Scene, snap: float, *, quiet: float = 1.0, all_names: bool = False) -> None:
        """Draw the names at the scene's angle.

        Args:
            scene: its face and angle.
            snap: how far the middle name has slid into the middle of the band, 0..1.
            quiet: how strong the other names are, 0..1.
            all_names: typeset every name now, however long it takes.
        """
        face = scene.face
        if face is None or face.segments.count == 0:
            return
        slot = self._slot(scene)
        if self._unset or not self._placed or not self._stands(slot):
            found = self._rows(scene, face, snap, slot)
            self._place(scene, face, found, quiet, all_names=all_names)
        self._standing = slot
        self._backend.clip(self._layout.strip)
        for picture, at, alpha in self._placed:
            self._backend.draw(picture, at, alpha=alpha)
        self._backend.clip(None)
        self._covered = [pygame.Rect(at, picture.size) for picture, at, _ in self._placed]

    def set_ahead(self, scene: Scene) -> None:
        """Set one of the names that come next, to stand or to pass, while others stand."""
        plan, face = scene.plan, scene.face
        slot = self._slot(scene)
        if plan is None or face is None or slot is None or self._unset or not self._stands(slot):
            return
        following = self._holds.next(plan, scene.rest_in_ms)
        if following is None:
            return
        tick, stand = following
        found = rows(face.segments, normalize(plan.angle_at(tick)), self._layout.rows)
        for row in filter(self._in_sight, centred(found, 1.0)) if stand else found:
            key = (id(face), row.index, abs(row.offset) < 0.5)
            if key not in self._names:
                self._cached_name(key, partial(self._name, face, row.index, middle=key[2]))
                return

    def hide(self) -> None:
        """Draw no names, and free their pictures: something else covers the strip."""
        self.drop_names()

    @property
    def covered(self) -> list[pygame.Rect] | None:
        """What of the screen the names were drawn on last, clipped or not; None if they were hidden."""
        return self._covered

    def _place(self, scene: Scene, face: Face, found: list[Row], quiet: float, *, all_names: bool) -> None:
        """Find out which picture stands where, and how strong it is."""
        # The middle first: when names come into sight all at once, a frame has time to set only some of them.
        hurried = scene.speed and not all_names
        self._names_to_set = _NAMES_SET_A_FRAME if hurried else len(_FADE) * ROWS
        self._unset = 0
        ranked = sorted(filter(self._in_sight, found), key=lambda row: abs(row.offset))
        placed = [self._placed_name(face, row, quiet) for row in ranked]
        self._placed = [name for name in placed if name is not None]

    def _stands(self, slot: Hashable) -> bool:
        """Tell whether the names of the last frame still stand, which they do only while the wheel turns."""
        return slot is not None and self._standing == slot

    def _rows(self, scene: Scene, face: Face, snap: float, slot: Hashable) -> list[Row]:
        if slot is None:
            return self._passing(scene, face, snap)
        return centred(rows(face.segments, self._held_angle(scene), self._layout.rows), 1.0)

    def _held_angle(self, scene: Scene) -> int:
        """Return the wheel angle at which the names were that stand now."""
        hold = self._holds.at(scene.plan, scene.rest_in_ms) if scene.plan is not None else None
        if scene.plan is None or hold is None:
            return scene.angle * _HOLDS_A_TURN // TURN * TURN // _HOLDS_A_TURN
        return normalize(scene.plan.angle_at(hold.tick))

    def _passing(self, scene: Scene, face: Face, snap: float) -> list[Row]:
        """Return the rows of a strip whose names pass."""
        if self._found is None or self._found[0] is not scene or self._found[1] != snap:
            part = max(snap, self._leaving(scene))
            found = centred(rows(face.segments, scene.angle, self._layout.rows), part)
            middle = len(found) // 2
            offset = _placed(found[middle].offset)
            self._found = (scene, snap, [Row(row.index, place - middle + offset) for place, row in enumerate(found)])
        return self._found[2]

    def _slot(self, scene: Scene) -> Hashable:
        """Return which held name it is; None if names can be read as they pass."""
        if scene.face is None or not scene.speed:
            return None
        if scene.plan is None:
            is_held = held(names_per_second(scene))
            return (id(scene.face), scene.angle * _HOLDS_A_TURN // TURN) if is_held else None
        hold = self._holds.at(scene.plan, scene.rest_in_ms)
        return (id(scene.face), hold.number) if hold is not None else None

    def _leaving(self, scene: Scene) -> float:
        if scene.phase is not Phase.TURNING or scene.plan is None:
            return 0.0
        spun_ms = SPIN_TICKS * 1000 // TICKS_PER_SECOND - scene.rest_in_ms
        return max(0.0, 1 - spun_ms / _LEAVES_CENTRE_MS) if spun_ms >= 0 else 0.0

    @property
    def _row_pitch(self) -> int:
        """Distance between the small rows of the strip, in pixels."""
        return (self._layout.strip.h - self._layout.band) // (self._layout.rows - 1)

    def _distance(self, row: Row) -> float:
        """Return how far the middle of a row is from the strip's middle, in pixels."""
        near, step = min(abs(row.offset), 1.0), self._row_pitch
        return near * (self._layout.band + step) / 2 + max(0.0, abs(row.offset) - 1) * step

    def _in_sight(self, row: Row) -> bool:
        """Say whether some of a row is within the strip: the outermost two are not while names stand."""
        return self._distance(row) - line_height(self._layout.row_size) / 2 < self._layout.strip.h / 2 + 1

    def _placed_name(self, face: Face, row: Row, quiet: float) -> _Placed | None:
        """Return a name's picture, place and strength; None if it must be set in a later frame."""
        layout = self._layout
        middle = abs(row.offset) < 0.5
        key = (id(face), row.index, middle)
        if key not in self._names:
            if not self._names_to_set:
                self._unset += 1
                return None
            self._names_to_set -= 1
        picture = self._cached_name(key, lambda: self._name(face, row.index, middle=middle))
        y = layout.strip.centery + math.copysign(self._distance(row), row.offset)
        place = min(len(_FADE) - 2, int(abs(row.offset)))
        part = abs(row.offset) - place
        strength = _FADE[place] + (_FADE[place + 1] - _FADE[place]) * min(1.0, part)
        x = layout.name_left(picture.size[0])
        alpha = round(255 * strength * (1.0 if middle else quiet))
        return picture, (x, round(y - picture.size[1] / 2)), alpha

    def _name(self, face: Face, index: int, *, middle: bool) -> pygame.Surface:
        layout, fonts, name = self._layout, self._fonts, face.names[index]
        width = layout.strip.w - 2 * layout.px(40)
        if middle:
            return name_block(
                fonts,
                name,
                self._theme.text,
                width=width,
                height=layout.band,
                largest=layout.name_size,
                least=layout.least_name,
                align=layout.start if layout.portrait else None,
            )
        size = layout.row_size
        while size > max(layout.least, layout.row_size * 7 // 10) and fonts.width(name, size) > width:
            size -= 1
        return fonts.fit(name, size, mix(self._theme.text, self._theme.text_quiet, 0.6), width)

    def _cached_name(self, key: tuple[int, int, bool], build: Callable[[], pygame.Surface]) -> Picture:
        picture = self._names.get(key)
        if picture is None:
            picture = self._names[key] = self._sheet.put(build())
            if len(self._names) > _CACHED_NAMES:
                self._names.popitem(last=False)
        self._names.move_to_end(key)
        return picture


def _placed(offset: float) -> float:
    """Return where the middle name stands: always nearer to the pointer than any other."""
    most = _PLACES_A_ROW // 2 - 1
    return min(most, max(-most, round(offset * _PLACES_A_ROW))) / _PLACES_A_ROW


def names_per_second(scene: Scene) -> float:
    """Return how fast names pass the pointer, on average over the wheel."""
    if scene.face is None or not scene.speed:
        return 0.0
    return scene.speed * scene.face.segments.count / TURN

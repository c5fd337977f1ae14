"""From a scene to a frame: what must be drawn again, in which order.

Invariant: nothing is built while the wheel turns but the names that come into the strip. A region whose key did not
change is not drawn on a back end that retains; a frame in which nothing changed is not presented at all.
"""

import logging
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pygame
import pygame.freetype

from kiosk.screen import confetti, panels
from kiosk.screen.backend import Backend, Picture, Sharpness
from kiosk.screen.flap import LARGEST_DEGREES, deflection
from kiosk.screen.layout import Layout, arrange
from kiosk.screen.scene import Face, Outcome, Phase, Scene
from kiosk.screen.strip import ROWS, Row, rows, sharpness
from kiosk.screen.text import Typesetter
from kiosk.screen.theme import Theme, mix
from kiosk.screen.wheel_image import paint, peg_angles
from kiosk.wheel.angle import TURN, degrees

logger = logging.getLogger(__name__)

_NAMES_SET_A_FRAME = 2
"""Names typeset in one frame of a moving strip; each takes about half a millisecond."""
_CACHED_NAMES = 18
"""Names of the strip kept as pictures: what a slow wheel shows twice, and no more."""
_COARSE_PX_A_SECOND = 600
"""Above this speed of the rim, half the resolution cannot be told from the whole."""
_COARSE_FROM_PX = 600
"""A smaller wheel is quick to turn as it is, and half of it would be a blocky one."""
_POINTER_STEPS = 16
_STREAK_NAMES = 12
_STREAK_ALPHA = 230
_FADE = (1.0, 0.78, 0.52, 0.3, 0.12)
"""How strong a name is, by its distance from the pointer in rows."""


class _Region(NamedTuple):
    """A part of the screen: a backing that stands still, and what moves on it.

    Attributes:
        box: where it is.
        backing_key: what the backing shows.
        backing: paints the backing on a clear surface of the box's size; None if all of it moves.
        moving_key: what the moving part shows.
        move: draws the moving part.
    """

    box: pygame.Rect
    backing_key: Hashable
    backing: Callable[[], pygame.Surface] | None
    moving_key: Hashable = None
    move: Callable[[], None] = lambda: None

    @property
    def key(self) -> Hashable:
        """All that it shows."""
        return (self.backing_key, self.moving_key)


class _Wheel(NamedTuple):
    """A wheel on this screen: its face (kept so that its id stays its own), its picture, and where its pegs are."""

    face: Face
    picture: Picture
    pegs: list[int]


def _load_logo(path: Path | None) -> pygame.Surface | None:
    """Return the logo; None if there is none or it is no picture, which is no reason not to draw."""
    if path is None:
        return None
    try:
        return pygame.image.load(path)
    except (pygame.error, OSError) as error:
        logger.warning("the logo %s cannot be shown: %s", path, error)
        return None


class View:
    """Draws scenes on a back end.

    Args:
        backend: the screen.
        theme: colours and texts.
        fonts: shared with whoever paints wheels for this view.
    """

    def __init__(self, backend: Backend, theme: Theme, fonts: Typesetter) -> None:
        self.layout: Layout = arrange(backend.size)
        self._layout_without_proof = replace(self.layout, title=self.layout.title.union(self.layout.proof))
        self._backend = backend
        self._theme = theme
        self._fonts = fonts
        self._logo = _load_logo(theme.logo)
        self._ground = panels.Ground(self.layout, theme)
        whole = self._ground.whole()
        self._bezel = backend.picture(panels.bezel(self.layout, whole), sparse=True)
        beside = self._beside_wheel()
        self._beside = backend.picture(whole.subsurface(beside), opaque=True)
        self._pointers = self._make_pointers()
        self._papers: dict[tuple[int, int], Picture] = {}
        self._wheels: dict[int, _Wheel] = {}
        self._names: OrderedDict[tuple[int, int, bool], Picture] = OrderedDict()
        self._streak: Picture | None = None
        self._names_to_set = 0
        self._capturing = False
        self._backings: dict[str, tuple[Hashable, Picture]] = {}
        self._backdrop: tuple[Hashable, Picture] | None = None
        self._card_text: tuple[Outcome, Picture, pygame.Rect] | None = None
        self._drawn: dict[str, Hashable] = {}
        self._still: tuple[Hashable, dict[str, _Region]] | None = None

    def learn(self, face: Face) -> None:
        """Find fonts for the names of `face`, so that no frame has to. On the thread that paints it, before that."""
        self._fonts.sibling().learn(face.names)

    def paint_wheel(self, face: Face) -> pygame.Surface:
        """Paint the wheel of `face` for this screen. May run on any thread; `show_wheel` takes the result."""
        fonts = self._fonts.sibling()
        return paint(face.segments, face.names, diameter=self.layout.wheel.w, theme=self._theme, fonts=fonts)

    def show_wheel(self, face: Face, image: pygame.Surface) -> None:
        """Take a painted wheel; from now on scenes with `face` can be drawn, and with no other."""
        picture = self._backend.wheel(image, self._theme.ground)
        self._wheels = {id(face): _Wheel(face, picture, peg_angles(face.segments))}
        self._names.clear()
        self._streak = None

    def get_ready(self) -> None:
        """Make what only a turning wheel needs, unless it is there; its first picture does not wait for that."""
        for wheel in self._wheels.values():
            if self._streak is None:
                self._streak = self._backend.picture(self._paint_streak(wheel.face))

    @property
    def pegs(self) -> list[int]:
        """Where the pegs of the wheel on screen are: wheel angles in units, ascending."""
        return next((wheel.pegs for wheel in self._wheels.values()), [])

    def draw(self, scene: Scene) -> bool:
        """Draw and present what changed since the last scene; returns False if nothing did."""
        regions = self._regions(scene)
        if regions.keys() != self._drawn.keys():
            self._drawn = {}  # the card takes the place of strip and foot, or gives it back
            self._backings = {name: kept for name, kept in self._backings.items() if name in regions}
            if "card" not in regions:
                self._card_text = None
        keys = {name: region.key for name, region in regions.items()}
        changed = [name for name, key in keys.items() if self._drawn.get(name) != key]
        if not changed:
            return False
        self._paint(regions, changed)
        boxes = [regions[name].box for name in changed] if self._partly else [pygame.Rect((0, 0), self.layout.size)]
        self._backend.present(boxes)
        self._drawn = keys
        return True

    def capture(self, scene: Scene) -> pygame.Surface:
        """Draw and present `scene`, and return the picture of it."""
        regions = self._regions(scene)
        self._drawn = {}
        self._capturing = True  # a picture to keep has all its names, however long they take
        self._paint(regions, list(regions))
        self._capturing = False
        picture = self._backend.read_back()  # before presenting: afterwards a GPU's picture is gone
        self._backend.present([pygame.Rect((0, 0), self.layout.size)])
        self._drawn = {name: region.key for name, region in regions.items()}
        return picture

    @property
    def _partly(self) -> bool:
        """Whether the last frame is still there, so that only changes need drawing."""
        return self._backend.retains and bool(self._drawn)

    def _paint(self, regions: dict[str, _Region], changed: list[str]) -> None:
        if not self._backend.retains:
            self._draw_backdrop(regions)
            for region in regions.values():
                region.move()
            return
        if not self._partly:
            self._backend.draw(self._backend.picture(self._ground.whole(), opaque=True), (0, 0))
        for name in changed:
            self._draw_backing(name, regions[name])
            regions[name].move()
        self._ground.release()

    def _draw_backing(self, name: str, region: _Region) -> None:
        """Draw the backing of one region, from a picture that is made when it changes."""
        if region.backing is None:
            return
        kept = self._backings.get(name)
        if kept is None or kept[0] != region.backing_key:
            surface = self._ground.under(region.box)
            surface.blit(region.backing(), (0, 0))
            kept = self._backings[name] = (region.backing_key, self._backend.picture(surface, opaque=True))
        self._backend.draw(kept[1], region.box.topleft)

    def _draw_backdrop(self, regions: dict[str, _Region]) -> None:
        """Draw all backings at once, from one picture: on a GPU the number of pictures costs more than their size."""
        key = tuple([region.backing_key for region in regions.values()])
        if self._backdrop is None or self._backdrop[0] != key:
            whole = self._ground.whole().copy()
            self._ground.release()
            for region in regions.values():
                if region.backing is not None:
                    whole.blit(region.backing(), region.box)
            self._backdrop = (key, self._backend.picture(whole, opaque=True))
        self._backend.draw(self._backdrop[1], (0, 0))

    def show_again(self, scene: Scene) -> None:
        """Present the last scene once more, though nothing changed: a screen that hangs does not return from this."""
        if not self._backend.retains:
            self._paint(self._regions(scene), [])
        self._backend.present([pygame.Rect(0, 0, 1, 1)])

    def drop_caches(self) -> None:
        """Let go of every picture and font that can be made again. Between two scenes; the next one is drawn whole."""
        self._names.clear()
        self._papers.clear()
        self._backings.clear()
        self._backdrop = self._card_text = None
        self._fonts.drop_caches()
        self._drawn = {}

    def redraw(self) -> None:
        """Draw everything at the next scene: the window was covered, or the display came back."""
        self._drawn = {}

    def _regions(self, scene: Scene) -> dict[str, _Region]:
        """Return what the screen consists of; no two boxes overlap."""
        layout, outcome = self.layout, scene.outcome
        if scene.page:
            whole = pygame.Rect((0, 0), layout.size)
            return {
                "page": _Region(whole, scene.page, lambda: panels.page(layout, self._theme, self._fonts, scene.page))
            }
        regions = self._still_regions(scene).copy()
        regions["stage"] = _Region(
            layout.stage,
            None,
            None,
            (id(scene.face), scene.angle, not scene.speed),
            lambda: self._draw_stage(scene),
        )
        if scene.phase is Phase.RESULT and outcome is not None:
            regions["card"] = _Region(
                layout.card,
                "card",
                lambda: panels.card_panel(layout, self._theme),
                (outcome, min(scene.celebration_ms, confetti.DURATION_MS)),
                lambda: self._draw_card(outcome, scene.celebration_ms),
            )
            return regions
        sharp = sharpness(self._names_per_second(scene))
        regions["strip"] = _Region(
            layout.strip,
            "strip",
            lambda: panels.strip_panel(layout, self._theme),
            (id(scene.face), scene.angle, sharp),
            lambda: self._draw_strip(scene, sharp),
        )
        return regions

    def _still_regions(self, scene: Scene) -> dict[str, _Region]:
        """Return the regions in which nothing moves: the same ones as long as they show the same."""
        result = scene.phase is Phase.RESULT and scene.outcome is not None
        foot = None if result else (scene.prompt, scene.last)
        shown = (scene.title, scene.banner, scene.status, scene.notices, scene.proof, foot)
        if self._still is None or self._still[0] != shown:
            self._still = (shown, self._make_still_regions(scene, foot))
        return self._still[1]

    def _make_still_regions(self, scene: Scene, foot: tuple[str, str] | None) -> dict[str, _Region]:
        theme, fonts = self._theme, self._fonts
        layout = self.layout if scene.proof else self._layout_without_proof
        regions = {
            "title": _Region(
                layout.title,
                (scene.title, scene.banner, layout.title.w),
                lambda: panels.title(layout, theme, fonts, self._logo, text=scene.title, banner=scene.banner),
            ),
            "status": _Region(
                layout.status,
                (scene.status, scene.notices),
                lambda: panels.status(layout, theme, fonts, scene.status, scene.notices),
            ),
        }
        if scene.proof:
            regions["proof"] = _Region(
                layout.proof, scene.proof, lambda: panels.proof(layout, theme, fonts, scene.proof)
            )
        if foot:
            regions["foot"] = _Region(layout.foot, foot, lambda: panels.foot(layout, theme, fonts, *foot))
        return regions

    def _beside_wheel(self) -> pygame.Rect:
        """Return the part of the stage that the wheel's square does not cover."""
        stage, wheel = self.layout.stage, self.layout.wheel
        if self.layout.portrait:
            return pygame.Rect(stage.x, wheel.bottom, stage.w, stage.bottom - wheel.bottom)
        return pygame.Rect(wheel.right, stage.y, stage.right - wheel.right, stage.h)

    def _draw_stage(self, scene: Scene) -> None:
        layout, wheel = self.layout, self._wheels.get(id(scene.face))
        if self._backend.retains:
            self._backend.draw(self._beside, self._beside_wheel().topleft)
        if wheel is not None:
            turned = degrees(scene.angle) + (90 if layout.portrait else 0)
            self._backend.draw_turned(wheel.picture, layout.wheel, turned, self._sharpness(scene))
            if self._backend.retains:  # a GPU's wheel is round by itself
                self._backend.draw(self._bezel, layout.wheel.topleft)
        pushed = deflection(wheel.pegs, scene.angle, scene.speed) if wheel else 0.0
        picture, at = self._pointers[round(pushed / LARGEST_DEGREES * (len(self._pointers) - 1))]
        self._backend.draw(picture, at)

    def _make_pointers(self) -> list[tuple[Picture, tuple[int, int]]]:
        """Return the pointer, pushed by the pegs from not at all to as far as it goes."""
        degrees = [LARGEST_DEGREES * step / (_POINTER_STEPS - 1) for step in range(_POINTER_STEPS)]
        made = panels.pointers(self.layout, self._theme, degrees)
        return [(self._backend.picture(image), at) for image, at in made]

    def _draw_card(self, outcome: Outcome, elapsed_ms: int) -> None:
        box = self.layout.card
        if self._card_text is None or self._card_text[0] != outcome:
            text = panels.card_text(self.layout, self._theme, self._fonts, outcome)
            words = text.get_bounding_rect().move(box.topleft)
            self._card_text = (outcome, self._backend.picture(text, sparse=True), words)
        _, picture, words = self._card_text
        for piece in confetti.pieces(elapsed_ms):
            paper = self._paper(piece.shade, piece.pose)
            place = pygame.Rect((box.x + round(piece.x * box.w), box.y + round(piece.y * box.h)), paper.size)
            if box.contains(place):
                # Behind the words it is faint: in some scripts a scrap of paper looks like a dot of a letter.
                alpha = piece.alpha // 4 if words.colliderect(place) else piece.alpha
                self._backend.draw(paper, place.topleft, alpha=alpha)
        self._backend.draw(picture, box.topleft)

    def _paper(self, shade: int, pose: int) -> Picture:
        picture = self._papers.get((shade, pose))
        if picture is None:
            colours = self._theme.wedges
            image = panels.paper(self.layout, colours[shade % len(colours)], pose, confetti.POSES)
            picture = self._papers[shade, pose] = self._backend.picture(image)
        return picture

    def _sharpness(self, scene: Scene) -> Sharpness:
        """Return how well the wheel must be drawn at its speed."""
        if not scene.speed:
            return Sharpness.STILL
        rim_px_a_second = scene.speed / TURN * math.pi * self.layout.wheel.w
        coarse = rim_px_a_second > _COARSE_PX_A_SECOND and self.layout.wheel.w >= _COARSE_FROM_PX
        return Sharpness.COARSE if coarse else Sharpness.MOVING

    def _names_per_second(self, scene: Scene) -> float:
        if scene.face is None or not scene.speed:
            return 0.0
        segments = scene.face.segments
        lo, hi = segments.bounds(segments.at(scene.angle))
        return scene.speed / (hi - lo)

    def _draw_strip(self, scene: Scene, sharp: float) -> None:
        if scene.face is None or scene.face.segments.count == 0:
            return
        if sharp <= 0:
            self._draw_streak(scene.face, scene.angle)
            return
        self._backend.clip(self.layout.strip)
        # The middle first: when names come into sight all at once, a frame has time to set only some of them.
        hurried = scene.speed and not self._capturing
        self._names_to_set = _NAMES_SET_A_FRAME if hurried else len(_FADE) * ROWS
        for row in sorted(rows(scene.face.segments, scene.angle), key=lambda row: abs(row.offset)):
            self._draw_name(scene.face, row, sharp)
        self._backend.clip(None)

    def _draw_streak(self, face: Face, angle: int) -> None:
        """Draw what an eye sees of names that pass faster than frames: how much ink there is, and nothing to read."""
        self.get_ready()
        box, picture = self.layout.strip, self._streak
        if picture is None:
            return
        # It scrolls with the wheel, at a twelfth of the speed: at full speed it would only flicker.
        down = angle * face.segments.count // 12 * self._row_pitch // TURN % picture.size[1]
        for y in range(box.y + down - picture.size[1], box.bottom, picture.size[1]):
            seen = pygame.Rect((box.x, y), picture.size).clip(box)
            self._backend.draw(picture, seen.topleft, area=seen.move(-box.x, -y))

    def _paint_streak(self, face: Face) -> pygame.Surface:
        """Return some names of the wheel, smeared along their way until they cannot be read; it tiles seamlessly."""
        width, pitch = self.layout.strip.w, self._row_pitch
        height = pitch * _STREAK_NAMES
        names = pygame.Surface((width, height), pygame.SRCALPHA, 32)
        for place in range(_STREAK_NAMES):
            name = self._name(face, place * face.segments.count // _STREAK_NAMES, self.layout.row_size, middle=False)
            names.blit(name, (self._name_left(name.get_width()), place * pitch))
        rows = _STREAK_NAMES // 2
        few = pygame.transform.smoothscale(names, (width // 3, rows))
        # Its last row once more above, and its first one below: smoothing then leaves no seam where it starts anew.
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
        """How far apart the quiet rows of the strip are, in pixels."""
        return (self.layout.strip.h - self.layout.band) // (ROWS - 1)

    def _name_left(self, width: int) -> int:
        """Return where a name of that width begins in the strip."""
        return (self.layout.strip.w - width) // 2 if self.layout.portrait else self.layout.px(40)

    def _draw_name(self, face: Face, row: Row, sharp: float) -> None:
        layout = self.layout
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
        return self._fonts.fit(face.names[index], size, colour, self.layout.strip.w - 2 * self.layout.px(40))

    def _cached_name(self, key: tuple[int, int, bool], build: Callable[[], pygame.Surface]) -> Picture:
        picture = self._names.get(key)
        if picture is None:
            picture = self._names[key] = self._backend.picture(build())
            if len(self._names) > _CACHED_NAMES:
                self._names.popitem(last=False)
        self._names.move_to_end(key)
        return picture

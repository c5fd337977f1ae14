"""From a scene to a frame: decides what must be drawn again, and draws it.

Invariant: while the wheel turns, only names that enter the strip are built. A back end that retains its frame draws
only the regions whose key changed; a frame in which nothing changed is not presented at all.
"""

import logging
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import pygame
import pygame.freetype

from kiosk.screen.backends.adapter import Backend, Picture
from kiosk.screen.effects import confetti
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.ground import Ground
from kiosk.screen.panels.prompt import prompt_panel
from kiosk.screen.panels.proof_code import proof_panel
from kiosk.screen.panels.result_card import ResultCard, card_panel
from kiosk.screen.panels.status_line import status_panel
from kiosk.screen.panels.text_page import page_panel
from kiosk.screen.panels.title import title_panel
from kiosk.screen.regions import Region
from kiosk.screen.scene import Face, Phase, Scene
from kiosk.screen.strip.name_strip import NameStrip
from kiosk.screen.strip.rows import sharpness
from kiosk.screen.strip.strip_panel import strip_panel
from kiosk.screen.themes.picture_file import PictureError, load_picture
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.wheel_picture.painting import paint
from kiosk.screen.wheel_picture.stage import WheelStage

logger = logging.getLogger(__name__)


def _load_logo(path: Path | None) -> pygame.Surface | None:
    """Return the logo; None if there is none, or if it cannot be shown, which does not stop the wheel."""
    if path is None:
        return None
    try:
        return load_picture(path, links=True)  # the theme file was checked, logo included
    except PictureError as error:  # it has changed since the theme was checked
        logger.warning("the logo cannot be shown: %s", error)
        return None


class View:
    """Draws scenes on a back end.

    Args:
        backend: the screen.
        theme: colours and texts.
        fonts: for the texts; painting threads get a sibling.
    """

    def __init__(self, backend: Backend, theme: Theme, fonts: Typesetter) -> None:
        self.layout: Layout = arrange(backend.size)
        self._layout_without_proof = replace(self.layout, title=self.layout.title.union(self.layout.proof))
        self._backend = backend
        self._theme = theme
        self._fonts = fonts
        self._logo = _load_logo(theme.logo)
        self._ground = Ground(self.layout, theme)
        self._stage = WheelStage(backend, self.layout, theme, self._ground.whole())
        self._strip = NameStrip(backend, self.layout, theme, fonts)
        self._card = ResultCard(backend, self.layout, theme, fonts)
        self._capturing = False
        self._backings: dict[str, tuple[Hashable, Picture]] = {}
        self._backdrop: tuple[Hashable, Picture] | None = None
        self._drawn: dict[str, Hashable] = {}
        self._still: tuple[Hashable, dict[str, Region]] | None = None

    def learn(self, face: Face) -> None:
        """Find fonts for the names of `face`, so that no frame has to. Call it before painting."""
        self._fonts.sibling().learn(face.names)

    def paint_wheel(self, face: Face) -> pygame.Surface:
        """Paint the wheel of `face` for this screen, on any thread. `show_wheel` takes the result."""
        fonts = self._fonts.sibling()
        return paint(face.segments, face.names, diameter=self.layout.wheel.w, theme=self._theme, fonts=fonts)

    def show_wheel(self, face: Face, image: pygame.Surface) -> None:
        """Mount a painted wheel; from now on scenes with `face` can be drawn, and with no other."""
        self._stage.mount(face, image)
        self._strip.change_face()

    def get_ready(self) -> None:
        """Make what only a turning wheel needs, unless it is there; the first frame of a wheel does not wait for it."""
        self._strip.get_ready(self._stage.face)

    @property
    def pegs(self) -> list[int]:
        """Wheel angles of the pegs of the wheel on screen, ascending, in units."""
        return self._stage.pegs

    def draw(self, scene: Scene) -> bool:
        """Draw and present what changed since the last scene; returns False if nothing did."""
        regions = self._regions(scene)
        if regions.keys() != self._drawn.keys():
            self._drawn = {}  # the result card replaces strip and prompt, or is replaced by them
            self._backings = {name: kept for name, kept in self._backings.items() if name in regions}
            if "card" not in regions:
                self._card.drop_words()
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
        """Draw and present `scene`; returns its picture."""
        regions = self._regions(scene)
        self._drawn = {}
        self._capturing = True  # a captured picture has all its names, however long they take
        self._paint(regions, list(regions))
        self._capturing = False
        picture = self._backend.read_back()  # before presenting: a GPU does not keep its picture
        self._backend.present([pygame.Rect((0, 0), self.layout.size)])
        self._drawn = {name: region.key for name, region in regions.items()}
        return picture

    @property
    def _partly(self) -> bool:
        """Whether the last frame is still there, so that only changes must be drawn."""
        return self._backend.retains and bool(self._drawn)

    def _paint(self, regions: dict[str, Region], changed: list[str]) -> None:
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

    def _draw_backing(self, name: str, region: Region) -> None:
        """Draw the backing of one region, from a picture that is made when it changes."""
        if region.backing is None:
            return
        kept = self._backings.get(name)
        if kept is None or kept[0] != region.backing_key:
            surface = self._ground.under(region.box)
            surface.blit(region.backing(), (0, 0))
            kept = self._backings[name] = (region.backing_key, self._backend.picture(surface, opaque=True))
        self._backend.draw(kept[1], region.box.topleft)

    def _draw_backdrop(self, regions: dict[str, Region]) -> None:
        """Draw all backings as one picture: on a GPU the number of pictures costs more than their size."""
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
        """Present the last scene again although nothing changed: on a hung screen this call does not return."""
        if not self._backend.retains:
            self._paint(self._regions(scene), [])
        self._backend.present([pygame.Rect(0, 0, 1, 1)])

    def drop_caches(self) -> None:
        """Free every picture and font that can be made again. The next scene is drawn whole."""
        self._strip.drop_names()
        self._card.drop_caches()
        self._backings.clear()
        self._backdrop = None
        self._fonts.drop_caches()
        self._drawn = {}

    def redraw(self) -> None:
        """Draw the next scene whole: the window was covered, or the display came back."""
        self._drawn = {}

    def _regions(self, scene: Scene) -> dict[str, Region]:
        """Return the regions of the screen; no two boxes overlap."""
        layout, outcome = self.layout, scene.outcome
        if scene.page:
            whole = pygame.Rect((0, 0), layout.size)
            return {"page": Region(whole, scene.page, lambda: page_panel(layout, self._theme, self._fonts, scene.page))}
        regions = self._still_regions(scene).copy()
        regions["stage"] = Region(
            layout.stage,
            None,
            None,
            (id(scene.face), scene.angle, not scene.speed),
            lambda: self._stage.draw(scene),
        )
        if scene.phase is Phase.RESULT and outcome is not None:
            regions["card"] = Region(
                layout.card,
                "card",
                lambda: card_panel(layout, self._theme),
                (outcome, min(scene.celebration_ms, confetti.DURATION_MS)),
                lambda: self._card.draw(outcome, scene.celebration_ms),
            )
            return regions
        sharp = sharpness(_names_per_second(scene))
        regions["strip"] = Region(
            layout.strip,
            "strip",
            lambda: strip_panel(layout, self._theme),
            (id(scene.face), scene.angle, sharp),
            lambda: self._strip.draw(scene, sharp, all_names=self._capturing),
        )
        return regions

    def _still_regions(self, scene: Scene) -> dict[str, Region]:
        """Return the regions in which nothing moves, from a cache as long as they show the same."""
        result = scene.phase is Phase.RESULT and scene.outcome is not None
        foot = None if result else (scene.prompt, scene.last)
        shown = (scene.title, scene.banner, scene.status, scene.notices, scene.proof, foot)
        if self._still is None or self._still[0] != shown:
            self._still = (shown, self._make_still_regions(scene, foot))
        return self._still[1]

    def _make_still_regions(self, scene: Scene, foot: tuple[str, str] | None) -> dict[str, Region]:
        theme, fonts = self._theme, self._fonts
        layout = self.layout if scene.proof else self._layout_without_proof
        regions = {
            "title": Region(
                layout.title,
                (scene.title, scene.banner, layout.title.w),
                lambda: title_panel(layout, theme, fonts, self._logo, text=scene.title, banner=scene.banner),
            ),
            "status": Region(
                layout.status,
                (scene.status, scene.notices),
                lambda: status_panel(layout, theme, fonts, scene.status, scene.notices),
            ),
        }
        if scene.proof:
            regions["proof"] = Region(layout.proof, scene.proof, lambda: proof_panel(layout, theme, fonts, scene.proof))
        if foot:
            regions["foot"] = Region(layout.foot, foot, lambda: prompt_panel(layout, theme, fonts, *foot))
        return regions


def _names_per_second(scene: Scene) -> float:
    if scene.face is None or not scene.speed:
        return 0.0
    segments = scene.face.segments
    lo, hi = segments.bounds(segments.at(scene.angle))
    return scene.speed / (hi - lo)

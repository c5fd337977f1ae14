"""From a scene to a frame: decides what must be drawn again, and draws it.

Invariant: while the wheel turns, only names that enter the strip are built. A back end that retains its frame draws
only the regions whose key changed; a frame in which nothing changed is not presented at all.
"""

from collections.abc import Hashable, Sequence
from functools import partial

import pygame
import pygame.freetype
from msgspec.structs import replace

from kiosk.screen.backends.adapter import Backend
from kiosk.screen.backings import Backings
from kiosk.screen.boards.board_panel import BoardPanel
from kiosk.screen.effects import confetti
from kiosk.screen.effects.bulbs import bulbs_at
from kiosk.screen.effects.celebration import Celebration
from kiosk.screen.effects.reveal import CALM, SILENCE_MS, Moment, moment
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.options import Motion
from kiosk.screen.panels.button_picture import BREATH_MS, STEP_MS, ButtonPicture, ring_of
from kiosk.screen.panels.curtain import curtain_panel
from kiosk.screen.panels.ground import Ground
from kiosk.screen.panels.prize import prize_panel
from kiosk.screen.panels.prompt import prompt_panel
from kiosk.screen.panels.proof_code import ProofPanel
from kiosk.screen.panels.rehearsal import rehearsal_plate, rehearsal_title
from kiosk.screen.panels.result_card import ResultCard
from kiosk.screen.panels.status_line import status_panel
from kiosk.screen.panels.text_page import page_panel
from kiosk.screen.panels.title import title_panel
from kiosk.screen.panels.winners import winners_panel
from kiosk.screen.regions import Region, bare_parts, outermost
from kiosk.screen.scene import Face, Outcome, Phase, Scene
from kiosk.screen.strip.name_strip import NameStrip
from kiosk.screen.strip.strip_panel import strip_panel
from kiosk.screen.themes.branding import load_branding
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.wheel_picture import painting
from kiosk.screen.wheel_picture.wheel_stage import WheelStage


class View:
    """Draws scenes on a back end.

    Args:
        backend: the screen.
        theme: colours and texts.
        fonts: shared with whoever paints wheels for this view.
        motion: `reduced` leaves out camera, pulse, the bulbs' chase and glow, the button's breath and the confetti.
        margin: percent of each side that only the background fills.
        touch: whether the button can be held on the screen.
    """

    def __init__(
        self,
        backend: Backend,
        theme: Theme,
        fonts: Typesetter,
        *,
        motion: Motion = "full",
        margin: int = 0,
        touch: bool = False,
    ) -> None:
        self.layout: Layout = arrange(
            backend.size,
            mirrored=theme.right_to_left,
            margin=margin,
            touch=touch,
            sponsors=theme.sponsors is not None,
        )
        self._touch = touch
        self._button_shown = False
        row = self.layout.title.union(self.layout.proof)
        row.h = self.layout.title.h
        self._layout_without_proof = replace(self.layout, title=row)
        self._backend = backend
        self._theme = theme
        self._fonts = fonts
        self._logo = load_branding(theme.logo)
        self._ground = Ground(self.layout, theme)
        self._reduced = motion == "reduced"
        self._stage = WheelStage(backend, self.layout, theme, fonts, self._ground.whole(), zooms=not self._reduced)
        self._celebration = Celebration(backend, self.layout, theme)
        self._strip = NameStrip(backend, self.layout, theme, fonts)
        self._button = ButtonPicture(backend, self.layout, theme, touch=touch)
        self._card = ResultCard(backend, self.layout, theme, fonts)
        self._board = BoardPanel(backend, self.layout, theme, fonts)
        self._capturing = False
        self._celebrated = False
        self._proof = ProofPanel(self.layout, theme, fonts)
        self._backings = Backings(backend, self._ground)
        self._drawn: dict[str, Hashable] = {}
        self._boxes: dict[str, pygame.Rect] = {}
        self._bare: list[pygame.Rect] = []
        self._still: tuple[Hashable, dict[str, Region]] | None = None

    def learn(self, face: Face) -> None:
        """Find fonts for the names of `face`, so that no frame has to. Call it before painting."""
        self._fonts.sibling().learn(face.names)

    def paint_wheel(self, face: Face, angle: int = 0) -> pygame.Surface:
        """Paint the wheel of `face` at an angle for this screen, on any thread. `show_wheel` takes the result."""
        fonts, zero, side = self._fonts.sibling(), self.layout.zero(angle), self.layout.disc.w
        return painting.paint(face.segments, face.names, diameter=side, theme=self._theme, fonts=fonts, zero=zero)

    def show_wheel(self, face: Face, image: pygame.Surface, angle: int = 0) -> None:
        """Mount a wheel, painted at `angle`; from now on scenes with `face` can be drawn, and with no other."""
        self._stage.mount(face, image, angle)
        self._strip.drop_names()

    def get_ready(self) -> None:
        """Make what only a spin and its result need, unless it is there; the first frame does not wait for it."""
        self._stage.get_ready()
        self._celebration.get_ready()
        for box in bare_parts(self.layout.card, (self.layout.strip, self.layout.foot, self.layout.button)):
            self._ground.under(box)
        self._ground.release()

    @property
    def pegs(self) -> list[int]:
        """Wheel angles of the pegs of the wheel on screen, ascending, in units."""
        return self._stage.pegs

    @property
    def button(self) -> pygame.Rect | None:
        """Where the button is on the screen; None while it is not shown."""
        return self.layout.button if self._button_shown else None

    def draw(self, scene: Scene) -> bool:
        """Draw and present what changed since the last scene; returns False if nothing did."""
        self._stage.prepare(scene)
        self._strip.set_ahead(scene)
        self._get_result_ready(scene)
        regions = self._regions(scene)
        if regions.keys() != self._drawn.keys():
            self._uncover(regions)
            self._backings.forget_but(regions)
        if any(not region.box.contains(self._boxes.get(name, region.box)) for name, region in regions.items()):
            self._drawn = {}  # what a region that got smaller had covered must come back
        keys = {name: region.key for name, region in regions.items()}
        changed = [name for name, key in keys.items() if self._drawn.get(name) != key]
        late = self._backings.late(regions, changed, self._drawn) if self._hurries(scene) else []
        for name in late:  # it keeps what it shows until its turn comes
            changed.remove(name)
            keys[name] = self._drawn[name]
        celebrating = self._celebrates(scene)
        if not changed and not celebrating and not self._celebrated:
            return False
        self._lift()
        self._paint(regions, changed, late)
        boxes = [pygame.Rect((0, 0), self.layout.size)]
        if self._partly and not (celebrating or self._celebrated):
            boxes = outermost([regions[name].box for name in changed] + self._bare)
        self._celebrate(scene)
        self._backend.present(boxes)
        self._bare = []
        self._drawn, self._boxes = keys, {name: region.box for name, region in regions.items()}
        return True

    def _get_result_ready(self, scene: Scene) -> None:
        """Paint what will show the result, a part in each frame, while nothing moves that could stumble."""
        if scene.outcome is None or scene.celebration_ms < SILENCE_MS // 4:
            return
        if self._card.get_ready(scene.outcome) and scene.board is not None:
            self._board.get_ready(scene.board, scene.rehearsal)

    def capture(self, scene: Scene) -> pygame.Surface:
        """Draw and present `scene`, and return the picture of it."""
        self._stage.prepare(scene, wait=True)
        self._lift()
        regions = self._regions(scene)
        self._drawn = {}
        self._capturing = True  # a captured picture has all its names, however long they take
        self._paint(regions, list(regions))
        self._capturing = False
        self._celebrate(scene)
        picture = self._backend.read_back()  # before presenting: afterwards a GPU's picture is gone
        self._backend.present([pygame.Rect((0, 0), self.layout.size)])
        self._drawn = {name: region.key for name, region in regions.items()}
        self._boxes = {name: region.box for name, region in regions.items()}
        return picture

    @property
    def _partly(self) -> bool:
        """Whether the last frame is still there, so that only changes must be drawn."""
        return self._backend.retains and bool(self._drawn)

    def _moment(self, scene: Scene) -> Moment:
        celebrated = scene.outcome is None or not scene.outcome.absent
        return moment(scene.celebration_ms, reduced=self._reduced, celebrated=celebrated)

    def _hurries(self, scene: Scene) -> bool:
        """Say whether a frame may paint one backing only: the wheel turns, or just came to rest and has no card yet."""
        return scene.phase is Phase.TURNING or (scene.phase is Phase.RESULT and self._moment(scene).growth <= 0)

    def _uncover(self, regions: dict[str, Region]) -> None:
        """Have what regions that went had covered drawn again: all, unless nearly all of it is in other regions."""
        for name in self._drawn.keys() - regions.keys():
            gone = self._boxes[name]
            bare = bare_parts(gone, [region.box for region in regions.values() if region.backing is not None])
            if sum(part.w * part.h for part in bare) * 4 > gone.w * gone.h:
                self._drawn = {}
                return
            self._bare += bare
            kept = [name for name in self._drawn.keys() & regions.keys() if not self._boxes[name].colliderect(gone)]
            self._drawn = {name: self._drawn[name] for name in kept}

    def _celebrates(self, scene: Scene) -> bool:
        if scene.phase is not Phase.RESULT or scene.page or scene.curtain:
            return False
        return 0 <= self._moment(scene).confetti_ms < confetti.DURATION_MS

    def _lift(self) -> None:
        """Take the paper off the last frame."""
        self._celebrated = self._backend.lift() or self._celebrated

    def _celebrate(self, scene: Scene) -> None:
        """Throw paper over the frame, if it is time for that."""
        self._celebrated = self._celebrates(scene)
        if self._celebrated and scene.outcome is not None:
            board = scene.board if scene.board is not None and scene.board.shown else None
            words = self._board.covers(board, scene.rehearsal) if board else self._card.covers(scene.outcome)
            self._celebration.draw(self._moment(scene).confetti_ms, words)

    def _paint(self, regions: dict[str, Region], changed: list[str], late: Sequence[str] = ()) -> None:
        if not self._backend.retains:
            self._backings.draw_all(regions, late)
            for region in (region for name, region in regions.items() if name not in late):
                region.move()
            return
        if not self._partly and ("board" not in regions or self.layout.framed):  # a board has a ground of its own
            self._backend.draw(self._backend.picture(self._ground.whole(), opaque=True), (0, 0))
        for box in self._bare if self._partly else ():
            self._backend.draw(self._backend.picture(self._ground.under(box), opaque=True), box.topleft)
        for name in changed:
            self._backings.draw(name, regions[name], self._drawn.get(name))
            regions[name].move()
        self._ground.release()

    def show_again(self, scene: Scene) -> None:
        """Present the last scene again although nothing changed: on a hung screen this call does not return."""
        if not self._backend.retains:
            self._paint(self._regions(scene), [])
            self._celebrate(scene)
        self._backend.present([pygame.Rect(0, 0, 1, 1)])

    def drop_caches(self) -> None:
        """Free every picture and font that can be made again. The next scene is drawn whole."""
        self._strip.drop_names()
        self._card.drop()
        self._board.drop()
        self._celebration.drop()
        self._backings.drop()
        self._fonts.drop_caches()
        self._backend.free_dropped()
        self._drawn = {}

    def close(self) -> None:
        """End the threads that work for this view. Call it before pygame quits."""
        self._stage.close()
        self._proof.close()

    def caches(self) -> dict[str, tuple[int, int]]:
        """Return how many things each cache holds, and how many it may hold; may be called on any thread."""
        return {"texts measured": self._fonts.cached_runs(), "pictures behind regions": (len(self._backings), 8)}

    def redraw(self) -> None:
        """Draw the next scene whole: the window was covered, or the display came back."""
        self._drawn = {}

    def _regions(self, scene: Scene) -> dict[str, Region]:
        """Return the regions of the screen; no two boxes overlap, but for card and strip, and names on a board."""
        layout, outcome = self.layout, scene.outcome
        self._button_shown = False
        if (covering := self._covering_regions(scene)) is not None:
            return covering
        regions = self._still_regions(scene).copy()
        seen = self._moment(scene) if scene.phase is Phase.RESULT else CALM
        bulbs = bulbs_at(scene, reduced=self._reduced)
        stage_key = (self._stage.look(scene), seen.dim, seen.light, not self._backend.retains and bulbs)
        regions["stage"] = Region(layout.stage, None, None, stage_key, lambda: self._stage.draw(scene, seen, bulbs))
        if self._backend.retains:  # else the stage is drawn in each frame, and its bulbs with it
            regions["bulbs"] = Region(layout.wheel, None, None, bulbs, lambda: self._stage.draw_bulbs(bulbs))
        result = outcome is not None and scene.phase is Phase.RESULT
        regions["button"] = self._button_region(scene)
        if scene.phase is Phase.INVITING and (prize := scene.prize) is not None and not scene.ended:
            paint = partial(prize_panel, layout, self._theme, self._fonts, prize)
            return {**regions, "strip": Region(layout.strip, prize, paint, None, self._strip.hide)}
        if scene.phase is Phase.INVITING and (scene.winners or scene.ended):
            winners, more, ended = scene.winners, scene.more_winners, scene.ended
            regions["strip"] = Region(
                layout.strip,
                (winners, more, ended),
                lambda: winners_panel(layout, self._theme, self._fonts, winners, more=more, ended=ended),
                None,
                self._strip.hide,
            )
            return regions
        snap = 1.0 if scene.phase is Phase.INVITING else seen.snap if result else 0.0
        grown = seen.growth > 0 and result
        regions["strip"] = Region(
            layout.strip,
            "strip",
            lambda: strip_panel(layout, self._theme),
            "no names" if grown else (self._strip.key(scene, snap), seen.others),
            lambda: self._draw_names(scene, snap, seen.others, hidden=grown),
            None if grown else self._strip.covered,
        )
        if outcome is not None and grown:
            regions["card"] = Region(
                layout.card, None, None, (outcome, seen.growth, seen.words), lambda: self._draw_card(outcome, seen)
            )
        return regions

    def _draw_names(self, scene: Scene, snap: float, quiet: float, *, hidden: bool) -> None:
        if hidden and self._strip.covered is not None:
            self._strip.hide()
            self._fonts.close_others()  # the card is painted; a font for Chinese takes 5 MB
        elif not hidden:
            self._strip.draw(scene, snap, quiet=quiet, all_names=self._capturing)

    def _button_region(self, scene: Scene) -> Region:
        inviting = scene.phase is Phase.INVITING and scene.ready
        pressable = inviting or (self._touch and scene.phase is Phase.RESULT)
        shown = self._button_shown = pressable and bool(scene.prompt) and not scene.ended
        breath = BREATH_MS // 2 if self._reduced else scene.moment_ms // STEP_MS * STEP_MS
        ring = ring_of(scene.held) if self._touch else 0
        return Region(
            self.layout.button,
            "button",
            lambda: pygame.Surface(self.layout.button.size, pygame.SRCALPHA, 32),
            (breath, ring) if shown else None,
            lambda: self._button.draw(breath, ring) if shown else None,
        )

    def _covering_regions(self, scene: Scene) -> dict[str, Region] | None:
        """Return the regions of what covers the wheel: the diagnostics page, the curtain or a board; else None."""
        layout, theme, fonts = self.layout, self._theme, self._fonts
        whole = pygame.Rect((0, 0), layout.size)
        if scene.page:
            return {"page": Region(whole, scene.page, lambda: page_panel(layout, theme, fonts, scene.page))}
        if scene.curtain:
            words = {"title": scene.title, "rehearsal": scene.rehearsal}
            paint = partial(curtain_panel, layout, theme, fonts, self._logo, **words)
            return {"curtain": Region(whole, tuple(words.values()), paint)}
        if scene.board is None or not scene.board.shown:
            return None
        status = self._still_regions(scene)["status"]
        return {**self._board.regions(scene.board, scene.rehearsal), "status": status}

    def _draw_card(self, outcome: Outcome, seen: Moment) -> None:
        if seen.growth < 1:
            self._card.grow(outcome, seen.growth)
        else:
            self._card.draw(outcome, seen.words)

    def _still_regions(self, scene: Scene) -> dict[str, Region]:
        """Return the regions in which nothing moves, from a cache as long as they show the same."""
        result = scene.phase is Phase.RESULT and scene.outcome is not None
        foot = (scene.prompt if self._touch else "", "") if result else (scene.prompt, scene.last)
        shown = (scene.title, scene.banner, scene.status, scene.notices, scene.proof, foot, scene.rehearsal)
        if self._still is None or self._still[0] != shown:
            self._still = (shown, self._make_still_regions(scene, foot))
        return self._still[1]

    def _make_still_regions(self, scene: Scene, foot: tuple[str, str]) -> dict[str, Region]:
        theme, fonts = self._theme, self._fonts
        layout = self.layout if scene.proof and not scene.rehearsal else self._layout_without_proof
        title, rehearsal = scene.title, scene.rehearsal
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
        if rehearsal:
            box = layout.title
            regions["title"] = Region(
                box, (title, rehearsal), lambda: rehearsal_title(layout, theme, fonts, box, title=title, text=rehearsal)
            )
            plate = Region(
                layout.status, rehearsal, lambda: rehearsal_plate(layout, theme, fonts, rehearsal, layout.status.size)
            )
            regions["status"] = regions["status"] if scene.notices else plate
        elif scene.proof:
            regions["proof"] = self._proof.region(scene)
        regions["foot"] = Region(layout.foot, foot, lambda: prompt_panel(layout, theme, fonts, *foot))
        return regions

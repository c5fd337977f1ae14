"""Draws the turning wheel, its frame and the pointer, from afar or near.

Invariant: nothing is painted while the wheel turns. The wheel is one picture that a back end turns; nearer views of
the rim are pictures too, painted on another thread since the press. A view that is not there yet is replaced by the
one before it, enlarged: it shows the same wheel.
"""

import math
from collections.abc import Hashable, Iterable
from typing import NamedTuple

import pygame

from kiosk.screen.backends.adapter import Backend, Near, Picture, Sharpness
from kiosk.screen.effects.bulbs import Bulbs
from kiosk.screen.effects.reveal import DIM_UNTIL_MS, Moment
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.scene import Face, Phase, Scene
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.wheel_picture.camera import (
    in_from_ms,
    names_seen,
    nearest,
    seen,
    zoom_after_rest,
    zoom_before_rest,
)
from kiosk.screen.wheel_picture.flap import BACK_DEGREES, LARGEST_DEGREES, SPRING_MS, deflection, sprung
from kiosk.screen.wheel_picture.frame import hub_gloss, paint_frame
from kiosk.screen.wheel_picture.frame_bulbs import FrameBulbs
from kiosk.screen.wheel_picture.lit_wedge import LitWedge
from kiosk.screen.wheel_picture.measures import RIM
from kiosk.screen.wheel_picture.motion_blur import blur_at, even, gains_speed, make_as_light, mean_colour
from kiosk.screen.wheel_picture.near_painter import NearPainter, Rings, Smeared
from kiosk.screen.wheel_picture.near_view import NearPicture
from kiosk.screen.wheel_picture.painting import peg_angles
from kiosk.screen.wheel_picture.pointer import pointers
from kiosk.wheel.angle import TURN, degrees, forward
from kiosk.wheel.spin import SPIN_TICKS, TICKS_PER_SECOND, SpinPlan

_COARSE_PX_A_SECOND = 600
"""Above this speed of the rim, viewers cannot tell half the resolution from the whole."""
_SLOW_PX_A_SECOND = 300
"""Below this speed several frames can be drawn out of one that was turned."""
_COARSE_FROM_PX = 600
"""A smaller wheel turns quickly enough at full resolution, and half of it would look blocky while it can be seen."""
_HIDES = 0.35
"""Under a smear of this strength nobody can tell it either."""
_POINTER_STEP = 1.5
"""Degrees from one picture of the pointer to the next."""
_STEPS_BACK, _STEPS_AHEAD = math.ceil(BACK_DEGREES / _POINTER_STEP), math.ceil(LARGEST_DEGREES / _POINTER_STEP)
_LEAST_PX = 1 / 3
"""A moving wheel is drawn in steps of this, and not drawn again before the next; at rest it is where it is."""
_SPIN_MS = SPIN_TICKS * 1000 // TICKS_PER_SECOND
_SETS_OFF_MS = 300
_LEAST_ALPHA = 3
"""Of two pictures that blend into each other, one that is fainter is not drawn."""
_HUB_GONE = 0.12
"""By so much the camera moves in until the light on the hub has faded."""
_FAR = 1.0005
"""Up to this zoom the whole wheel is shown."""


class MountedWheel(NamedTuple):
    """The wheel on this screen.

    Attributes:
        face: kept so that no other face gets its id.
        picture: what the back end turns.
        small: the same, opaque, for smearing; shared with the back end.
        pegs: wheel angles of the pegs, ascending, in units.
        angle: that it is painted at, in units.
    """

    face: Face
    picture: Picture
    small: pygame.Surface
    pegs: list[int]
    angle: int

    def turned(self, angle: int) -> float:
        """Return by how many degrees the picture is turned for the wheel to stand at an angle."""
        return degrees(forward(self.angle, angle))


class _View(NamedTuple):
    """A nearer view, as a picture of the back end."""

    zoom: float
    picture: Picture
    origin: tuple[float, float]


class WheelStage:
    """Draws the part of the screen that changes when the wheel turns.

    Args:
        backend: the screen.
        layout: of the screen.
        theme: colours.
        fonts: for the names on nearer views.
        ground: the background of the whole screen.
        zooms: whether the camera moves in at the end of a spin.
    """

    def __init__(
        self,
        backend: Backend,
        layout: Layout,
        theme: Theme,
        fonts: Typesetter,
        ground: pygame.Surface,
        *,
        zooms: bool,
    ) -> None:
        self._backend = backend
        self._layout = layout
        self._theme = theme
        self._zooms = zooms
        cover, bulbs = paint_frame(layout, theme, ground)
        self._frame = backend.picture(cover, sparse=True)
        self._bulbs = FrameBulbs(backend, bulbs)
        gloss, self._gloss_at = hub_gloss(layout, theme)
        self._gloss = backend.picture(gloss)
        self._beside = backend.picture(ground.subsurface(self._beside_wheel()), opaque=True)
        self._pointers: dict[int, tuple[Picture, tuple[int, int]]] = {}
        self._wheel: MountedWheel | None = None
        self._painter = NearPainter(layout, theme, fonts, backend.near_bits)
        self._plan: SpinPlan | None = None
        self._nearest = 1.0
        self._zoomed: tuple[Scene, float] | None = None
        self._views: list[_View] = []
        self._smeared: list[Picture] = []
        self._rings: Picture | None = None
        self._freed = 0
        self._lit: tuple[Picture, tuple[int, int]] | None = None

    @property
    def face(self) -> Face | None:
        """The face whose wheel is mounted; None before the first one."""
        return self._wheel.face if self._wheel else None

    @property
    def pegs(self) -> list[int]:
        """Wheel angles of the pegs, ascending, in units; empty before the first wheel."""
        return self._wheel.pegs if self._wheel else []

    @property
    def ready(self) -> int:
        """How many near pictures of the spin are there."""
        return len(self._views) + len(self._smeared) + bool(self._rings) + bool(self._lit)

    def mount(self, face: Face, image: pygame.Surface, angle: int) -> None:
        """Replace the wheel by one that is painted at an angle."""
        self._follow(None)
        side = even(image.get_width() / (1 if image.get_width() < _COARSE_FROM_PX else 2))
        small = pygame.Surface((side, side), 0, 32)
        small.fill(self._theme.ground)
        small.blit(pygame.transform.smoothscale(image, (side, side)), (0, 0))
        make_as_light(small, mean_colour(image))
        picture = self._backend.wheel(image, small, self._theme.ground)
        self._wheel = MountedWheel(face, picture, small, peg_angles(face.segments), angle)

    def get_ready(self) -> None:
        """Paint the pointer as it is bent while the wheel turns, unless it is there."""
        self._paint_pointers(range(-_STEPS_BACK, _STEPS_AHEAD + 1))

    def _paint_pointers(self, bent: Iterable[int]) -> None:
        steps = [step for step in bent if step not in self._pointers]
        painted = pointers(self._layout, self._theme, [step * _POINTER_STEP for step in steps])
        for step, (image, at) in zip(steps, painted, strict=True):
            self._pointers[step] = (self._backend.picture(image), at)

    def prepare(self, scene: Scene, *, wait: bool = False) -> None:
        """Have the near views of the scene's spin painted, and take one that is; with `wait`, all of them."""
        mounted = self._wheel is not None and self._wheel.face is scene.face
        plan = scene.plan if mounted and scene.phase is not Phase.INVITING else None
        if plan is not None and self._passed(scene) < self._freed:  # shown again from its start
            self._follow(None)
        self._follow(plan)
        self._take(wait=wait)
        self._free(self._passed(scene))

    def _take(self, *, wait: bool) -> None:
        if wait:
            self._painter.finish()
        while (painted := self._painter.take()) is not None:
            if isinstance(painted, NearPicture):
                picture = self._backend.near(painted.surface)
                self._views.append(_View(painted.zoom, picture, painted.origin))
            elif isinstance(painted, Smeared):
                self._smeared.append(self._backend.blurred(painted.surface))
            elif isinstance(painted, Rings):
                self._rings = self._backend.picture(painted.surface, parts=painted.parts)
            elif isinstance(painted, LitWedge):
                self._lit = (self._backend.picture(painted.surface), painted.at)
            if not wait:
                return

    def _passed(self, scene: Scene) -> int:
        """Return what has passed of a spin: 1 once the camera moves in, 2 once it has drawn back and all is bright."""
        if scene.phase is Phase.RESULT:
            return 2 if scene.celebration_ms >= DIM_UNTIL_MS else 1
        return 1 if self.zoom(scene) >= _FAR else 0

    def _free(self, passed: int) -> None:
        """Free what is not seen any more: smeared wheels, 6 MB at 1080p, then nearer views than the whole, 9 MB."""
        self._freed = passed if self._plan is not None else 0
        if passed >= 1:
            self._smeared, self._rings = [], None
        if passed == 2:
            self._views = [view for view in self._views if view.zoom <= _FAR]
            self._lit = None

    def close(self) -> None:
        """End what is still being painted: no thread may use a font after pygame has quit."""
        self._painter.stop()

    def _follow(self, plan: SpinPlan | None) -> None:
        if self._follows(plan):
            return
        self._plan, self._zoomed = plan, None
        self._nearest = nearest(self._wheel.face.segments, plan.rest) if plan and self._wheel else 1.0
        self._views, self._lit, self._smeared, self._rings = [], None, [], None
        self._painter.stop()
        if plan is not None and self._wheel is not None:
            self._painter.start(self._wheel.face, plan, self._wheel.small, self._layout.zero(self._wheel.angle))

    def _follows(self, plan: SpinPlan | None) -> bool:
        return plan is self._plan or plan == self._plan  # nearly always the same object, which takes no comparison

    def zoom(self, scene: Scene) -> float:
        """Return how near the camera is, in steps too small to be seen: 1 shows the whole wheel."""
        if self._zoomed is None or self._zoomed[0] is not scene:
            self._zoomed = (scene, self._zoom(scene))
        return self._zoomed[1]

    def _zoom(self, scene: Scene) -> float:
        if not self._zooms or scene.plan is None or scene.face is None or not self._follows(scene.plan):
            return 1.0
        zoom = 1.0
        if scene.phase is Phase.TURNING:
            zoom = zoom_before_rest(self._nearest, scene.rest_in_ms, in_from_ms(scene.face.segments))
        elif scene.phase is Phase.RESULT:
            zoom = zoom_after_rest(self._nearest, scene.celebration_ms)
        if zoom >= self._nearest:
            return self._nearest
        steps = self._layout.disc.w / _LEAST_PX
        return math.exp(math.floor(math.log(zoom) * steps) / steps)

    def look(self, scene: Scene) -> Hashable:
        """Return what changes when the wheel and its pointer look different."""
        zoom = self.zoom(scene)
        names = round(255 * self._names(scene)) if zoom >= self._nearest else 0
        return (id(scene.face), self._angle(scene, zoom), not scene.speed, self.ready, zoom, names, self.bent(scene))

    def _names(self, scene: Scene) -> float:
        """Return how much of the nearest picture is seen, 0..1, when the camera is there."""
        if self._nearest <= 1:
            return 1.0
        rest_in_ms = scene.rest_in_ms if scene.phase is Phase.TURNING else 0
        return names_seen(rest_in_ms=rest_in_ms, rested_ms=scene.celebration_ms if scene.phase is Phase.RESULT else 0)

    def _angle(self, scene: Scene, zoom: float) -> int:
        """Return the angle that is drawn: of a moving wheel it is rounded down, by less than can be seen.

        Not while it sets off, so that it moves in the first frame after a press.
        """
        sets_off = scene.plan is not None and scene.rest_in_ms > _SPIN_MS - _SETS_OFF_MS
        if not scene.speed or sets_off:
            return scene.angle
        step = max(1, int(_LEAST_PX * TURN / (math.pi * self._layout.disc.w * zoom)))
        step = 1 << (step.bit_length() - 1)  # finer steps are parts of coarser ones, so that it never goes back
        return scene.angle // step * step

    def draw(self, scene: Scene, moment: Moment, bulbs: Bulbs) -> None:
        """Draw the wheel, the frame and the pointer; a face that is not mounted leaves the stage without a wheel.

        Args:
            scene: its face, angle and plan.
            moment: what of the reveal is seen.
            bulbs: of the frame.
        """
        layout, backend = self._layout, self._backend
        wheel = self._wheel if self._wheel and self._wheel.face is scene.face else None
        if backend.retains:
            backend.draw(self._beside, self._beside_wheel().topleft)
        zoom = self.zoom(scene)
        if wheel:
            self._draw_wheel(wheel, scene, zoom)
            self._draw_gloss(zoom)
            if moment.dim > 0:
                backend.dim(layout.disc, moment.dim)
            light = moment.light * self._names(scene)
            if light > 0 and self._lit is not None and self._views and zoom > self._views[-1].zoom / _FAR:
                backend.draw(self._lit[0], self._lit[1], alpha=round(255 * light))
        if wheel or backend.retains:
            backend.draw(self._frame, layout.wheel.topleft)
            self.draw_bulbs(bulbs, dark=False)
        self._paint_pointers([bent := self.bent(scene)])
        backend.draw(*self._pointers[bent])

    def bent(self, scene: Scene) -> int:
        """Return how far the pointer is bent, in steps that can be seen; 0 is straight."""
        if self._wheel is None or self._wheel.face is not scene.face:
            return 0
        pegs, segments = self._wheel.pegs, self._wheel.face.segments
        if scene.phase is Phase.RESULT and scene.plan is not None and scene.celebration_ms < SPRING_MS:
            last = (
                scene.plan.angle_at(scene.plan.ticks) - scene.plan.angle_at(scene.plan.ticks - 1)
            ) * TICKS_PER_SECOND
            pushed = sprung(deflection(pegs, segments, scene.plan.rest, last), scene.celebration_ms)
        else:
            pushed = deflection(pegs, segments, scene.angle, scene.speed)
        return round(pushed / _POINTER_STEP)

    def draw_bulbs(self, bulbs: Bulbs, *, dark: bool = True) -> None:
        """Draw the bulbs that are lit or bright, and the others unless `dark` ones are on the frame already."""
        self._bulbs.draw(bulbs, dark=dark)

    def _draw_gloss(self, zoom: float) -> None:
        """Draw the light on the hub, or the theme's logo; both fade while the camera moves away from the hub."""
        left = 1 - (zoom - 1) / _HUB_GONE
        if zoom < _FAR:
            self._backend.draw(self._gloss, self._gloss_at)
        elif left > 0:
            box = pygame.Rect(self._gloss_at, self._gloss.size).scale_by(zoom)
            box.center = (round(self._centre(zoom)[0]), round(self._centre(zoom)[1]))
            self._backend.draw_scaled(self._gloss, box, alpha=round(255 * left))

    def _centre(self, zoom: float) -> tuple[float, float]:
        """Return where the wheel's centre is on the screen, or beside it, while the camera is that near."""
        disc = self._layout.disc
        away = RIM * disc.w / 2 * (zoom - 1)
        middle = (disc.x + disc.w / 2, disc.y + disc.w / 2)
        return (middle[0], middle[1] - away) if self._layout.portrait else (middle[0] - away, middle[1])

    def _draw_wheel(self, wheel: MountedWheel, scene: Scene, zoom: float) -> None:
        found = next((view for view in reversed(self._views) if view.zoom <= zoom * _FAR), None)
        at_rest = scene.phase is Phase.RESULT and scene.plan is not None
        if zoom < _FAR and not (found and at_rest):
            self._draw_far(wheel, scene)
        elif found is not None:
            self._draw_near(found, scene, zoom)
        else:
            centre, turned = self._centre(zoom), wheel.turned(self._angle(scene, zoom))
            origin = (wheel.picture.size[0] / 2, wheel.picture.size[1] / 2)
            self._backend.draw_near(wheel.picture, self._layout.disc, Near(origin, centre, turned, zoom))

    def _draw_far(self, wheel: MountedWheel, scene: Scene) -> None:
        """Draw the whole wheel: sharp, smeared, or something between."""
        backend, disc = self._backend, self._layout.disc
        turned = wheel.turned(self._angle(scene, 1.0))
        blur = blur_at(wheel.face.segments, scene.speed, gains=scene.plan is not None and gains_speed(scene.rest_in_ms))
        number, part = blur if blur is not None and self._smeared else (-1, 1.0)
        if number >= len(self._smeared):  # it is not painted yet
            number, part = len(self._smeared) - 1, 1.0
        if number < 0 or (number == 0 and part < 1):
            sharp = self._sharpness(scene, hidden=number == 0 and part > _HIDES)
            backend.draw_turned(wheel.picture, disc, turned, sharp)
        elif part < 1:
            backend.draw_turned(self._smeared[number - 1], disc, turned, Sharpness.COARSE)
        if number >= 0:
            alpha = round(255 * part)
            backend.draw_turned(self._smeared[number], disc, turned, Sharpness.COARSE, alpha=alpha)
            if self._rings is not None:
                backend.draw(self._rings, disc.topleft, alpha=alpha if number == 0 else 255)

    def _draw_near(self, found: _View, scene: Scene, zoom: float) -> None:
        """Draw the nearest view that is there, or it and the one before it."""
        disc, backend, centre = self._layout.disc, self._backend, self._centre(zoom)
        margin = disc.x - self._layout.wheel.x  # the frame is drawn over it
        rest = scene.plan.rest if scene.plan else 0
        left = -forward(self._angle(scene, zoom), rest) * 360 / TURN
        before = self._views[max(0, self._views.index(found) - 1)]
        part = seen(found.zoom, zoom) if found.zoom < self._nearest / _FAR else self._names(scene)
        alpha = 255 if before is found else round(255 * part)
        if alpha < 255 - _LEAST_ALPHA:
            backend.draw_near(before.picture, disc, Near(before.origin, centre, left, zoom / before.zoom, margin))
        if alpha > _LEAST_ALPHA:
            near = Near(found.origin, centre, left, zoom / found.zoom, margin)
            backend.draw_near(found.picture, disc, near, alpha=alpha if alpha < 255 - _LEAST_ALPHA else 255)

    def _beside_wheel(self) -> pygame.Rect:
        """Return the part of the stage that the wheel's square does not cover."""
        stage, wheel = self._layout.stage, self._layout.wheel
        if self._layout.portrait:
            return pygame.Rect(stage.x, wheel.bottom, stage.w, stage.bottom - wheel.bottom)
        return pygame.Rect(wheel.right, stage.y, stage.right - wheel.right, stage.h)

    def _sharpness(self, scene: Scene, *, hidden: bool) -> Sharpness:
        """Return how well the wheel must be drawn at its speed, or `hidden` under a smear."""
        if not scene.speed:
            return Sharpness.STILL
        rim_px_a_second = scene.speed / TURN * math.pi * self._layout.wheel.w
        if (hidden or rim_px_a_second > _COARSE_PX_A_SECOND) and self._layout.wheel.w >= _COARSE_FROM_PX:
            return Sharpness.COARSE
        slow = rim_px_a_second < _SLOW_PX_A_SECOND and self._layout.wheel.w >= _COARSE_FROM_PX
        return Sharpness.SLOW if slow else Sharpness.MOVING

"""The fixed frame round the turning disc: a bevelled ring in a still light, with bulbs on it."""

import math

import msgspec
import pygame

from kiosk.screen.effects.bulbs import BULBS
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.ground import cut_hole
from kiosk.screen.themes.branding import fitted, load_branding
from kiosk.screen.themes.colours import Colour, mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.wheel_picture.measures import RIM
from kiosk.screen.wheel_picture.painting import HUB

_CLEAR_DEGREES = 6.0
"""No bulb stands this close to the pointer's axis."""
_LIGHT_DEGREES = 235.0
"""Where the light comes from: the upper left, clockwise from 3 o'clock."""
_STEPS = 240
_WARM: Colour = (255, 236, 178)


class Bulb(msgspec.Struct, frozen=True):
    """A bulb dark, lit and bright: each is solid within a circle and clear outside it.

    Attributes:
        number: its place on the ring, from 0; the places at the pointer have none.
        at: where its corner is on the screen.
    """

    number: int
    dark: pygame.Surface
    lit: pygame.Surface
    bright: pygame.Surface
    at: tuple[int, int]


def paint_frame(layout: Layout, theme: Theme, ground: pygame.Surface) -> tuple[pygame.Surface, list[Bulb]]:
    """Return what lies over the wheel's square, with a round hole for the disc, and its bulbs.

    Args:
        layout: of the screen.
        theme: colours.
        ground: of the whole screen.
    """
    side, factor = layout.wheel.w, 2
    ring = pygame.Surface((side * factor, side * factor), pygame.SRCALPHA, 32)
    middle = ring.get_width() / 2
    inner, outer = layout.disc.w / side * middle, middle - factor
    black = (0, 0, 0)
    pygame.draw.circle(ring, mix(theme.rim_dark, black, 0.55), (middle, middle), outer)
    bevel = [(0.94, 0.5), (0.86, 0.95), (0.74, 0.6), (0.2, 0.42), (0.12, 0.15)]
    for step in range(_STEPS):
        turn = math.tau * step / _STEPS
        glint = max(0.0, math.cos(turn - math.radians(_LIGHT_DEGREES))) ** 6
        glint += 0.45 * max(0.0, math.cos(turn - math.radians(_LIGHT_DEGREES + 180))) ** 8
        for (reach, light), (until, _) in zip(bevel, [*bevel[1:], (0.04, 0)], strict=True):
            colour = mix(mix(theme.rim_dark, theme.rim, light), (255, 255, 255), glint * 0.75 * light)
            radii = [inner + (outer - inner) * part for part in (reach, until)]
            ends = (turn, turn + math.tau / _STEPS * 1.1)
            points = [
                (middle + radius * math.cos(end), middle + radius * math.sin(end))
                for radius, order in zip(radii, (ends, ends[::-1]), strict=True)
                for end in order
            ]
            pygame.draw.polygon(ring, colour, points)
    small = pygame.transform.smoothscale(ring, (side, side))
    cover = pygame.Surface(layout.wheel.size, pygame.SRCALPHA, 32)
    cover.blit(ground, (0, 0), layout.wheel)
    cover.blit(small, (0, 0))
    solid = cover.copy()
    cut_hole(cover, layout.disc.move(-layout.wheel.x, -layout.wheel.y))
    bulbs = [_bulb(layout, theme, solid, number) for number in range(BULBS) if not _at_pointer(layout, number)]
    for bulb in bulbs:
        cover.blit(bulb.dark, (bulb.at[0] - layout.wheel.x, bulb.at[1] - layout.wheel.y))
    _paint_gloss(cover, layout)
    return cover, bulbs


def hub_gloss(layout: Layout, theme: Theme) -> tuple[pygame.Surface, tuple[int, int]]:
    """Return the light on the hub, with the theme's logo below it, and where its corner is on the screen."""
    logo = load_branding(theme.hub_logo)
    if logo is not None:
        side = round(layout.disc.w * HUB * 0.82) // 2 * 2 + 1
        hub = _round_plate(logo, theme.hub, side)
        return hub, hub.get_rect(center=layout.disc.center).topleft
    side = round(layout.disc.w * 0.11)
    large = pygame.Surface((side * 4, side * 4), pygame.SRCALPHA, 32)
    for step in range(24):
        box = pygame.Rect(0, 0, round(side * 2.6 * (1 - step / 26)), round(side * 1.8 * (1 - step / 26)))
        box.center = (round(side * 1.5), round(side * 1.35))
        pygame.draw.ellipse(large, (255, 255, 255, 6 + 6 * step), box)
    gloss = pygame.transform.smoothscale(large, (side, side))
    return gloss, gloss.get_rect(center=layout.disc.center).topleft


def _round_plate(logo: pygame.Surface, colour: Colour, side: int) -> pygame.Surface:
    """Return a round plate with a picture that fits into its circle."""
    factor = 4
    large = pygame.Surface((side * factor, side * factor), pygame.SRCALPHA, 32)
    middle = side * factor / 2
    pygame.draw.circle(large, mix(colour, (0, 0, 0), 0.25), (middle, middle), middle)
    pygame.draw.circle(large, colour, (middle, middle), middle * 0.96)
    corner = math.hypot(*logo.get_size())
    room = side * factor * 0.92
    shown = fitted(logo, (round(room * logo.get_width() / corner), round(room * logo.get_height() / corner)))
    large.blit(shown, shown.get_rect(center=(middle, middle)))
    return pygame.transform.smoothscale(large, (side, side))


def _turn(number: int) -> float:
    return math.tau * (number + 0.5) / BULBS


def _at_pointer(layout: Layout, number: int) -> bool:
    away = math.degrees(_turn(number)) - (90 if layout.portrait else 0)
    return abs((away + 180) % 360 - 180) < _CLEAR_DEGREES


def _bulb(layout: Layout, theme: Theme, solid: pygame.Surface, number: int) -> Bulb:
    """Return one bulb on a round piece of the frame."""
    side, factor = layout.wheel.w, 4
    thick = (side - layout.disc.w) / 2
    radius = max(2, int(thick / 2 - 0.5))
    away = side / 2 - thick / 2
    centre = (round(side / 2 + away * math.cos(_turn(number))), round(side / 2 + away * math.sin(_turn(number))))
    box = pygame.Rect(centre[0] - radius, centre[1] - radius, 2 * radius + 1, 2 * radius + 1)
    mask = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    pygame.draw.circle(mask, (255, 255, 255, 255), (radius, radius), radius)
    made = []
    shadow = mix(theme.rim_dark, (0, 0, 0), 0.6)
    for edge, colour, core, size in (
        (shadow, mix(theme.rim_dark, (0, 0, 0), 0.35), mix(theme.rim_dark, theme.rim, 0.5), 0.82),
        (shadow, mix(theme.rim, _WARM, 0.6), (255, 255, 246), 0.82),
        (mix(theme.rim, _WARM, 0.5), mix(theme.rim, _WARM, 0.85), (255, 255, 255), 1.0),
    ):
        bulb = pygame.Surface((box.w * factor, box.h * factor), pygame.SRCALPHA, 32)
        middle = (bulb.get_width() / 2, bulb.get_height() / 2)
        reach = radius * factor * size
        pygame.draw.circle(bulb, edge, middle, reach)
        for step in range(8):
            pygame.draw.circle(bulb, mix(colour, core, step / 7), middle, reach * (0.86 - 0.1 * step))
        patch = pygame.Surface(box.size, pygame.SRCALPHA, 32)
        patch.blit(solid, (0, 0), box)
        patch.blit(pygame.transform.smoothscale(bulb, box.size), (0, 0))
        patch.blit(mask, (0, 0), special_flags=pygame.BLEND_RGBA_MULT)
        made.append(patch)
    return Bulb(number, made[0], made[1], made[2], (layout.wheel.x + box.x, layout.wheel.y + box.y))


def _paint_gloss(cover: pygame.Surface, layout: Layout) -> None:
    """Paint the light on the turning rim: it stands still while pegs and wedges pass under it."""
    side, factor = layout.wheel.w, 2
    shine = pygame.Surface((side * factor, side * factor), pygame.SRCALPHA, 32)
    middle, disc = side * factor / 2, layout.disc.w * factor / 2
    inner, outer = disc * (RIM + 0.012), disc * 0.985
    for step in range(_STEPS):
        turn = math.tau * step / _STEPS
        glint = max(0.0, math.cos(turn - math.radians(_LIGHT_DEGREES))) ** 10
        glint += 0.4 * max(0.0, math.cos(turn - math.radians(_LIGHT_DEGREES + 180))) ** 12
        if glint < 0.03:
            continue
        ends = (turn, turn + math.tau / _STEPS * 1.05)
        points = [
            (middle + radius * math.cos(end), middle + radius * math.sin(end))
            for radius, order in ((outer, ends), (inner, ends[::-1]))
            for end in order
        ]
        pygame.draw.polygon(shine, (255, 255, 255, round(120 * min(1.0, glint))), points)
    cover.blit(pygame.transform.smoothscale(shine, (side, side)), (0, 0))

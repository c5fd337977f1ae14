"""What has to hold for the texts on a screen."""

from itertools import combinations

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.scene import Phase, Scene
from kiosk.screen.themes.colours import Colour, contrast, mix
from tests.kiosk.screen.sweep.tracing import Ink

LEAST_CONTRAST = 4.5
_LONG_NAME, _ROOMY = 40, 12
"""Letters of a name that a board of more places than that may set smaller, for it to be whole."""
_SAMPLES = (0.04, 0.27, 0.5, 0.73, 0.96)


def problems(scene: Scene, layout: Layout, inks: list[Ink], ground: pygame.Surface | None, *, long: bool) -> list[str]:
    """Return what is wrong with the texts of a scene, in words."""
    passing = [] if covered(scene) else [ink for ink in inks if passes_by(ink, scene, layout)]
    read = [ink for ink in inks if ink not in passing]
    found = [f"cut: {ink.text!r}" for ink in read if ink.lost or ink.shortened]
    for ink in read:
        least = least_of(ink, scene, layout, long=long)
        if ink.size < least:
            found.append(f"{ink.text!r} is {ink.size:g} px, at least {least}")
    for one, other in combinations(inks, 2):
        if one.box.inflate(-2, -2).colliderect(other.box.inflate(-2, -2)) and not (one in passing and other in passing):
            found.append(f"{one.text!r} and {other.text!r} overlap")
    if ground is not None:
        found += [
            f"{ink.text!r} has a contrast of {seen:.1f}"
            for ink in read
            if (seen := contrast_of(ink, ground)) < LEAST_CONTRAST
        ]
    return found


def covered(scene: Scene) -> bool:
    """Return whether something covers the strip."""
    return bool(scene.curtain or scene.board or scene.page)


def passes_by(ink: Ink, scene: Scene, layout: Layout) -> bool:
    """Return whether it is a neighbour in the strip, which is to be read when it reaches the band.

    Its neighbours may be shortened, and slide out at the strip's ends, but they do not overlap with anything else.
    """
    strip, middle = layout.strip, layout.strip.centery
    in_strip = strip.inflate(4, 4).colliderect(ink.box) and ink.size <= layout.row_size
    shown = scene.phase is not Phase.RESULT and not scene.winners and not scene.prize
    return bool(in_strip and shown and not ink.box.top <= middle <= ink.box.bottom)


def least_of(ink: Ink, scene: Scene, layout: Layout, *, long: bool) -> int:
    """Return the least nominal size of a text: a name's, the auditors', or any other's."""
    if (layout.proof.contains(ink.box) and scene.proof) or ink.text in scene.status[1:]:
        return 8
    if scene.board:
        aside = any(ink.text in {cell.ticket, cell.note} for cell in scene.board.cells)
        full = len(scene.board.cells) > _ROOMY and any(
            ink.text in cell.name and len(cell.name) > _LONG_NAME for cell in scene.board.cells
        )
        return 8 if full else round(layout.least_of_long * 0.6) if aside else layout.least_of_long
    if ink.text == scene.banner or any(ink.text in notice or notice in ink.text for notice in scene.notices):
        return layout.least_of_long  # to the operator, at arm's length, and to whoever looks at a replay
    heroes = [scene.outcome.name] if scene.outcome and not scene.board else []
    if scene.face is not None and not (scene.winners or scene.prize or scene.outcome or covered(scene)):
        heroes.append(scene.face.names[scene.face.segments.at(scene.angle)])
    heroes += [scene.winners[0].name] if scene.winners and not scene.ended and not covered(scene) else []
    large = any(ink.text and ink.text in name for name in heroes) and layout.strip.union(layout.card).contains(ink.box)
    beside = bool(scene.winners) and ink.size <= layout.row_size
    return layout.least_name if large and not beside else layout.least_of_long if long else layout.least


def contrast_of(ink: Ink, ground: pygame.Surface) -> float:
    """Return the contrast between a text and what is really under it, at the worst quarter of it."""
    box = ink.box.clip(ground.get_rect())
    if not box.w or not box.h:
        return 21.0
    places = [
        (box.x + int(across * (box.w - 1)), box.y + int(down * (box.h - 1)))
        for across in _SAMPLES
        for down in (0.1, 0.35, 0.65, 0.9)
    ]
    seen = sorted(_contrast_on(ink, ground.get_at(place)) for place in places)
    return seen[len(seen) // 4]  # a line that strikes a name out is no ground


def _contrast_on(ink: Ink, under: pygame.Color) -> float:
    below: Colour = (under.r, under.g, under.b)
    return contrast(mix(below, ink.colour, ink.alpha / 255), below)

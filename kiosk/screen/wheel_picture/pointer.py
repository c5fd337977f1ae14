"""The pointer, painted once for each position into which a peg can push it."""

from collections.abc import Iterator, Sequence

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.colours import Colour, mix
from kiosk.screen.themes.theme import Theme


def pointers(
    layout: Layout, theme: Theme, degrees: Sequence[float]
) -> Iterator[tuple[pygame.Surface, tuple[int, int]]]:
    """Yield the pointer and the place of its top left corner. It points left at the wheel, or up in portrait.

    Args:
        layout: of the screen.
        theme: colours.
        degrees: for each picture, how far the pegs push the tip, in the direction of the rim's motion.
    """
    if not degrees:
        return
    length, half, factor = layout.px(92), layout.px(40), 3
    wide, high = length * factor, half * 2 * factor
    # Twice as long as the pointer, so that the axis is in the middle and rotation keeps it there.
    canvas = pygame.Surface((wide * 2, high * 2), pygame.SRCALPHA, 32)

    def shape(points: list[tuple[float, float]], colour: Colour) -> None:
        pygame.draw.polygon(canvas, colour, [(wide * (x + 0.3), high * (y + 0.5)) for x, y in points])

    shape([(0, 0.5), (0.62, 0.06), (0.985, 0.3), (0.985, 0.7), (0.62, 0.94)], theme.rim_dark)
    shape([(0.1, 0.5), (0.62, 0.16), (0.93, 0.35), (0.93, 0.65), (0.62, 0.84)], theme.accent)
    shape([(0.1, 0.5), (0.62, 0.16), (0.93, 0.35), (0.93, 0.5)], mix(theme.accent, (255, 255, 255), 0.45))
    pygame.draw.circle(canvas, theme.rim_dark, (wide, high), high * 0.12)
    x, y = layout.pointer
    reach = round(length * 0.7)
    axis = (x, y + reach) if layout.portrait else (x + reach, y)
    for push in degrees:
        image = pygame.transform.rotozoom(canvas, push + (-90 if layout.portrait else 0), 1 / factor)
        left, top = image.get_rect(center=axis).topleft
        # Most of the canvas is transparent, and the strip covers the axis.
        seen = image.get_bounding_rect().clip(layout.stage.move(-left, -top))
        yield image.subsurface(seen).copy(), (left + seen.x, top + seen.y)

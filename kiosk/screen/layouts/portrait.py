"""The wheel on top, the names below it."""

from pygame import Rect

from kiosk.screen.layouts.layout import Layout, disc_within, foot_and_button, title_and_proof

_ROWS = 5
_WIDE = 0.9
"""Width by height: on a wider screen prompt and status need fewer lines, and the wheel gets their room."""

_BESIDE = 1.6
"""On a wider screen the proof code reaches down beside the wheel: that many times as high as the title."""


def portrait(width: int, height: int, *, mirrored: bool) -> Layout:
    """Arrange the regions of a screen that is higher than wide, or not much wider than high.

    What people read takes its share of the height, and the wheel what is left.
    """
    unit = min(width, height) / 1000
    margin, line = round(28 * unit), max(24, round(height * 0.041))
    wide = width > height * _WIDE
    if not wide:
        line = max(line, round(46 * unit))
    status = line if wide else line * 7 // 4
    edge = round((12 if wide else 28) * unit)
    tip = round(56 * unit)
    gap = round(10 * unit)
    band, row_size = round(height * (0.087 if wide else 0.096)), round(height * 0.028)
    top_row = Rect(margin, edge, width - 2 * margin, round(height * (0.07 if wide else 0.078)))
    title, proof = title_and_proof(top_row, round(24 * unit), mirrored=mirrored, tall=_BESIDE if wide else 1.0)
    foot_height = round(height * (0.074 if wide else 0.105))
    least_strip = band + round(height * (0.031 if wide else 0.034)) * (_ROWS - 1)
    below = tip + least_strip + gap + foot_height + edge + status
    room = height - top_row.bottom - gap - below
    diameter = (min(width - 2 * margin, room) - 1) // 2 * 2 + 1
    wheel = Rect((width - diameter) // 2, top_row.bottom + gap, diameter, diameter)
    top = wheel.bottom + tip
    foot = Rect(margin, height - status - edge - foot_height, width - 2 * margin, foot_height)
    strip = Rect(margin, top, width - 2 * margin, foot.top - gap - top)
    foot, button = foot_and_button(foot, round(20 * unit), mirrored=mirrored)
    return Layout(
        size=(width, height),
        unit=unit,
        portrait=True,
        wheel=wheel,
        disc=disc_within(wheel),
        stage=Rect(wheel.x, wheel.y, wheel.w, top - wheel.y),
        pointer=(wheel.centerx, disc_within(wheel).bottom - round(16 * unit)),
        title=title,
        proof=proof,
        strip=strip,
        foot=foot,
        button=button,
        status=Rect(0, height - status, width, status),
        status_line=line,
        card=Rect(margin, strip.y, width - 2 * margin, foot.bottom - strip.y),
        band=band,
        name_size=round(height * 0.071),
        row_size=row_size,
        rows=_ROWS,
        mirrored=mirrored,
    )

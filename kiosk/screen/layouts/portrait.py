"""The wheel on top, the names below it."""

from pygame import Rect

from kiosk.screen.layouts.layout import Layout, disc_within, foot_and_button, title_and_proof


def portrait(width: int, height: int) -> Layout:
    """Arrange the regions of a screen that is higher than wide."""
    unit = min(width, height) / 1000
    margin, line = round(28 * unit), max(24, round(46 * unit))
    status = line * 7 // 4
    tip = round(34 * unit)
    diameter = (min(width - 2 * margin, round(height * 0.49)) - 1) // 2 * 2 + 1
    top_row = Rect(margin, margin, width - 2 * margin, round(height * 0.075))
    title, proof = title_and_proof(top_row, round(24 * unit))
    wheel = Rect((width - diameter) // 2, title.bottom + round(10 * unit), diameter, diameter)
    top = wheel.bottom + tip + round(22 * unit)
    rest = height - status - margin - top
    foot_height = round(rest * 0.19)
    strip = Rect(margin, top, width - 2 * margin, rest - foot_height - round(12 * unit))
    foot = Rect(margin, height - status - margin - foot_height, width - 2 * margin, foot_height)
    foot, button = foot_and_button(foot.inflate(-round(width * 0.24), 0), round(20 * unit))
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
        band=round(height * 0.096),
        name_size=round(height * 0.071),
        row_size=round(height * 0.027),
    )

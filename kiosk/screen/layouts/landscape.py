"""The wheel on the left, the names beside it."""

from pygame import Rect

from kiosk.screen.layouts.layout import Layout, disc_within, foot_and_button, title_and_proof


def landscape(width: int, height: int, *, mirrored: bool) -> Layout:
    """Arrange the regions of a screen that is wider than high."""
    unit = min(width, height) / 1000
    margin, line = round(28 * unit), max(24, round(46 * unit))
    status = line
    tip = round(34 * unit)
    diameter = (min(height - status - 2 * margin, round(width * 0.56) - 2 * margin - tip) - 1) // 2 * 2 + 1
    middle = (height - status) // 2
    wheel = Rect(margin, middle - diameter // 2, diameter, diameter)
    left = wheel.right + tip + round(22 * unit)
    column = Rect(left, margin, width - margin - left, height - status - 2 * margin)
    title, proof = title_and_proof(
        Rect(column.x, column.y, column.w, round(column.h * 0.15)), round(24 * unit), mirrored=mirrored
    )
    foot = Rect(column.x, column.bottom - round(column.h * 0.15), column.w, round(column.h * 0.15))
    strip_height = round(column.h * 0.66)
    strip = Rect(column.x, middle - strip_height // 2, column.w, strip_height)
    foot, button = foot_and_button(foot, round(20 * unit), mirrored=mirrored)
    return Layout(
        size=(width, height),
        unit=unit,
        portrait=False,
        wheel=wheel,
        disc=disc_within(wheel),
        stage=Rect(wheel.x, wheel.y, left - wheel.x, wheel.h),
        pointer=(disc_within(wheel).right - round(16 * unit), middle),
        title=title,
        proof=proof,
        strip=strip,
        foot=foot,
        button=button,
        status=Rect(0, height - status, width, status),
        status_line=line,
        card=Rect(column.x, strip.y, column.w, column.bottom - strip.y),
        band=round(height * 0.132),
        name_size=round(height * 0.084),
        row_size=round(height * 0.052),
        rows=7,
        mirrored=mirrored,
    )

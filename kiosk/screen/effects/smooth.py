"""The curve by which the screen's effects begin and end."""


def smooth(part: float) -> float:
    """Return a curve from 0 to 1 without a jerk at either end."""
    part = min(1.0, max(0.0, part))
    return part**3 * (part * (6 * part - 15) + 10)

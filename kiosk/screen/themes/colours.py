"""Arithmetic on colours: mixing, luminance and contrast (WCAG 2.2)."""

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each."""


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """Return `one` with `part` (0..1) of `other` mixed in."""
    return (
        round(one[0] + (other[0] - one[0]) * part),
        round(one[1] + (other[1] - one[1]) * part),
        round(one[2] + (other[2] - one[2]) * part),
    )


def luminance(colour: Colour) -> float:
    """Return the relative luminance, 0..1 (WCAG 2.2)."""

    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(channel) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lightness(colour: Colour) -> float:
    """Return how light a colour looks, 0..100 (CIE L*)."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def tint_between(dark: Colour, light: Colour, towards: Colour) -> Colour:
    """Return `dark` with as much of `towards` mixed in as makes it half as light as `light`, seen from `dark`."""
    wanted = (lightness(dark) + lightness(light)) / 2
    return min((mix(dark, towards, part / 64) for part in range(65)), key=lambda one: abs(lightness(one) - wanted))


def readable_on(ground: Colour) -> Colour:
    """Return near-black or near-white, whichever reads better on `ground`; black or white where that is below 4.5:1."""
    ink = max(((16, 18, 28), (252, 252, 255)), key=lambda one: contrast(one, ground))
    return (
        ink
        if contrast(ink, ground) >= 4.5
        else max(((0, 0, 0), (255, 255, 255)), key=lambda one: contrast(one, ground))
    )

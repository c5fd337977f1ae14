"""How it looks and what it says: colours, texts, proportions, in one frozen value.

Law: no drawing, no pygame. Contrast of every text colour on its ground is at least 7:1 for names and 4.5:1 for the
rest (WCAG 2.2, 1.4.3 and 1.4.6).
"""

from dataclasses import dataclass, field
from pathlib import Path

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Texts:
    """What the screen says, in the organiser's language. `{...}` are filled in."""

    press: str = "Press the button to spin"
    last_winner: str = "Last winner"
    winner: str = "Winner"
    ticket: str = "Ticket {ticket}"
    drawn: str = "Drawn by the wheel · spin {spin} · {level}"
    set_beforehand: str = "Set beforehand: {reason} · spin {spin}"
    fallback: str = "Drawn by the wheel, because {fallback} · spin {spin} · {level}"
    demo: str = "Sample spin: not a draw"
    entries: str = "{left} of {total} on the wheel"
    no_list: str = "No published list - sample names"
    sealed: str = "sealed"
    witnessed: str = "witnessed"
    public: str = "public"
    replay: str = "REPLAY of spin {spin}, {at}"
    absent_confirm: str = "Is {ticket} not here? Press A again within 5 seconds"
    absent: str = "{ticket} is recorded as absent from spin {spin}. Spin again"
    generation: str = "Generation {generation}"
    natural: str = "natural"
    fixed: str = "fixed"
    mixed: str = "mixed {position}/{total}"
    mixed_done: str = "mixed"
    sample_draw: str = "demo"
    spins_done: str = "All spins of this list are done."
    secrets_used_up: str = "This list has used up its secrets: publish it again."
    everybody_won: str = "Everybody on this list has won."
    file_refused: str = "{file} refused: {reason}"
    no_new_lists: str = "New lists do not arrive: restart the kiosk."


@dataclass(frozen=True, slots=True)
class Theme:
    """One look.

    Attributes:
        ground, ground_glow: of the screen, away from the wheel and behind it.
        text, text_quiet: of names, and of what stands beside.
        accent: of what counts now: the prompt, the ticket, the pointer.
        panel, band: behind the strip and the result, and behind the strip's middle name.
        notice: of warnings.
        rim, rim_dark, hub: of the wheel's frame.
        wedges: colours that neighbouring entries take in turn. They alternate between dark and light, so that
            neighbours differ in luminance too: for colour-blind eyes and for black-and-white prints.
        texts: what the screen says.
        sounds: whether the wheel is heard.
        logo: a picture beside the title, if any.
    """

    ground: Colour = (13, 17, 33)
    ground_glow: Colour = (34, 44, 84)
    text: Colour = (247, 248, 252)
    text_quiet: Colour = (168, 178, 208)
    accent: Colour = (255, 196, 61)
    panel: Colour = (25, 32, 60)
    notice: Colour = (255, 138, 101)
    rim: Colour = (228, 186, 92)
    rim_dark: Colour = (118, 84, 28)
    hub: Colour = (244, 240, 228)
    band: Colour = (33, 43, 82)
    wedges: tuple[Colour, ...] = (
        (27, 73, 143),
        (250, 183, 64),
        (12, 116, 117),
        (246, 226, 190),
        (178, 44, 68),
        (140, 205, 235),
        (92, 52, 138),
        (240, 132, 98),
    )
    texts: Texts = field(default_factory=Texts)
    sounds: bool = True
    logo: Path | None = None


BUILT_IN = Theme()


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """Return `one` with `part` (0..1) of `other` mixed in."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return (red, green, blue)


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


def readable_on(ground: Colour) -> Colour:
    """Return near-black or near-white, whichever reads better on `ground`."""
    return max(((16, 18, 28), (252, 252, 255)), key=lambda ink: contrast(ink, ground))

"""One look as a frozen value: colours, texts, sounds, logo.

Invariant: no drawing and no pygame. `theme_file` refuses colours below these contrasts (WCAG 2.2, 1.4.3 and 1.4.6):
7:1 for names, 4.5:1 for other text.
"""

from pathlib import Path

import msgspec

from kiosk.screen.themes.colours import Colour
from kiosk.screen.themes.texts import Texts


class Theme(msgspec.Struct, frozen=True):
    """One look.

    Attributes:
        ground, ground_glow: of the background, away from the wheel and behind it.
        text, text_quiet: of names, and of less important text.
        accent: of the prompt, the ticket and the pointer.
        panel, band: of the panels of strip and result, and of the strip's middle row.
        notice: of warnings.
        rim, rim_dark, hub: of the wheel's frame.
        wedges: colours of the entries, in turn. They alternate between dark and light, so that neighbours also differ
            in luminance: for colour-blind viewers and for black-and-white prints.
        texts: the words of the draw.
        right_to_left: lines of text begin at the right, as in Arabic.
        sounds: whether sounds are played.
        logo: a picture beside the title, or None.
        background: a picture that fills the screen behind everything, or None.
        hub_logo: a picture in the middle of the wheel, or None.
        sponsors: a picture along the bottom of the screen, or None.
        font: a font file that texts and names are set in, as far as it has their characters, or None.
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
    texts: Texts = msgspec.field(default_factory=Texts)
    right_to_left: bool = False
    sounds: bool = True
    logo: Path | None = None
    background: Path | None = None
    hub_logo: Path | None = None
    sponsors: Path | None = None
    font: Path | None = None


BUILT_IN = Theme()

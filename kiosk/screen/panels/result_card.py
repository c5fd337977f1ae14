"""The result: who won, and how the winner was chosen."""

import pygame

from kiosk.screen.backends.adapter import Backend, Picture
from kiosk.screen.effects import confetti
from kiosk.screen.effects.confetti_paper import paper
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut, unbroken_size
from kiosk.screen.scene import Outcome
from kiosk.screen.themes.colours import Colour
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height


def card_panel(layout: Layout, theme: Theme) -> pygame.Surface:
    """Return the background of the result."""
    panel = pygame.Surface(layout.card.size, pygame.SRCALPHA, 32)
    pygame.draw.rect(panel, theme.panel, panel.get_rect(), border_radius=layout.px(28))
    pygame.draw.rect(panel, theme.accent, panel.get_rect(), layout.px(5), border_radius=layout.px(28))
    return panel


def card_text(layout: Layout, theme: Theme, fonts: Typesetter, outcome: Outcome) -> pygame.Surface:
    """Return the winner's whole name, the ticket and how the draw was decided, on a transparent ground."""
    box = layout.card
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    width = box.w - 2 * layout.px(44)
    crown, gap, edge = layout.px(44), layout.px(14), layout.px(24)
    least, note = line_height(layout.px(36)), layout.px(32)
    note, provenance = fit_lines_or_cut(
        fonts,
        outcome.provenance,
        width=width,
        height=3 * line_height(note),
        largest=note,
        smallest=layout.px(24),
        most=3,
    )
    ticket, tickets = fit_lines_or_cut(
        fonts,
        outcome.ticket,
        width=width,
        height=box.h // 4,
        largest=layout.px(58),
        smallest=layout.px(28),
        most=2,
    )
    fixed = line_height(crown) + len(tickets) * line_height(ticket) + len(provenance) * line_height(note) + 3 * gap
    size, lines = fonts.fit_lines(
        outcome.name,
        width=width,
        height=max(least, box.h - fixed - 2 * edge),
        largest=unbroken_size(fonts, outcome.name, width, largest=layout.px(150), least=layout.px(60)),
        smallest=layout.px(36),
        most=4,
    )
    parts: list[tuple[str, int, Colour, int]] = [(theme.texts.winner.upper(), crown, theme.accent, gap)]
    parts += [(line, size, theme.text, 0) for line in lines[:-1]]
    parts += [(line, size, theme.text, gap) for line in lines[-1:]]
    parts += [(line, ticket, theme.accent, 0) for line in tickets[:-1]]
    parts += [(line, ticket, theme.accent, gap) for line in tickets[-1:]]
    parts += [(line, note, theme.text_quiet, 0) for line in provenance]
    y = (box.h - fixed - len(lines) * line_height(size)) // 2
    for text, text_size, colour, after in parts:
        label = fonts.fit(text, text_size, colour, width)
        panel.blit(label, label.get_rect(midtop=(box.w // 2, y)))
        y += line_height(text_size) + after
    return panel


class ResultCard:
    """Draws the result and the confetti on it; keeps their pictures.

    Args:
        backend: the screen.
        layout: of the screen.
        theme: colours and texts.
        fonts: for the words.
    """

    def __init__(self, backend: Backend, layout: Layout, theme: Theme, fonts: Typesetter) -> None:
        self._backend = backend
        self._layout = layout
        self._theme = theme
        self._fonts = fonts
        self._words: tuple[Outcome, Picture, pygame.Rect] | None = None
        self._papers: dict[tuple[int, int], Picture] = {}

    def draw(self, outcome: Outcome, elapsed_ms: int) -> None:
        """Draw the words of `outcome`, and the confetti `elapsed_ms` after the wheel came to rest."""
        box = self._layout.card
        if self._words is None or self._words[0] != outcome:
            text = card_text(self._layout, self._theme, self._fonts, outcome)
            words = text.get_bounding_rect().move(box.topleft)
            self._words = (outcome, self._backend.picture(text, sparse=True), words)
        _, picture, words = self._words
        for piece in confetti.pieces(elapsed_ms):
            paper = self._paper(piece.shade, piece.pose)
            place = pygame.Rect((box.x + round(piece.x * box.w), box.y + round(piece.y * box.h)), paper.size)
            if box.contains(place):
                # Faint behind the words: in some scripts a scrap of paper looks like a dot of a letter.
                alpha = piece.alpha // 4 if words.colliderect(place) else piece.alpha
                self._backend.draw(paper, place.topleft, alpha=alpha)
        self._backend.draw(picture, box.topleft)

    def drop_words(self) -> None:
        """Free the picture of the words."""
        self._words = None

    def drop_caches(self) -> None:
        """Free every picture."""
        self._words = None
        self._papers.clear()

    def _paper(self, shade: int, pose: int) -> Picture:
        picture = self._papers.get((shade, pose))
        if picture is None:
            colours = self._theme.wedges
            image = paper(self._layout, colours[shade % len(colours)], pose, confetti.POSES)
            picture = self._papers[shade, pose] = self._backend.picture(image)
        return picture

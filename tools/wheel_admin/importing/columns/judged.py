"""One header with its columns judged: what each says, what it holds, and how it is called in messages."""

from collections.abc import Sequence

import msgspec

from wheel_admin.importing.columns.content import Content, content_of
from wheel_admin.importing.columns.header_rows import Header
from wheel_admin.importing.columns.header_words import Role, fold
from wheel_admin.importing.settings import Unclear, Wish
from wheel_admin.importing.tables import column_index, letter, shown


class Found(msgspec.Struct):
    """What the columns under one header are taken for, and why that may not be believed.

    Attributes:
        ticket, names, weight: the columns, as in `Columns`.
        spare: parts of names for rows where the whole name is empty.
        joiner: what stands between the parts of a name.
        group, household: the columns, as in `Columns`.
        doubts: why it is not clear; empty if it is.
        ticket_options, name_options, weight_options: the columns that could be meant.
    """

    ticket: int | None = None
    names: tuple[int, ...] = ()
    spare: tuple[int, ...] = ()
    joiner: str = " "
    weight: int | None = None
    group: int | None = None
    household: int | None = None
    doubts: list[str] = msgspec.field(default_factory=list)
    ticket_options: list[int] = msgspec.field(default_factory=list)
    name_options: list[tuple[int, ...]] = msgspec.field(default_factory=list)
    weight_options: list[int] = msgspec.field(default_factory=list)


class Judged:
    """The columns under one header.

    Args:
        header: the header.
        wish: what the organiser named.
        where: file and sheet, for messages.
    """

    def __init__(self, header: Header, wish: Wish, where: str) -> None:
        self.header = header
        self.wish = wish
        self.where = where
        self._contents: dict[int, Content] = {}

    def content(self, column: int) -> Content:
        """Return what a column holds."""
        if column not in self._contents:
            self._contents[column] = content_of(self.header.column(column))
        return self._contents[column]

    def role(self, column: int) -> Role:
        """Return what a column's header says."""
        return self.header.meanings[column].role if column < len(self.header.meanings) else Role.UNKNOWN

    def places(self, wanted: str) -> list[int]:
        """Return the columns that a wish means: by header, or by letter. `NO` and `ID` are columns of Excel too."""
        texts = self.header.texts
        if fold(wanted):
            exact = [place for place, text in enumerate(texts) if text.strip() == wanted.strip()]
            found = exact or [place for place, text in enumerate(texts) if fold(text) == fold(wanted)]
            if found:
                return found
        place = column_index(wanted)
        return [place] if place is not None and place < self.header.width else []

    def wished(self, *wanted: str) -> set[int]:
        """Return all columns that these wishes mean."""
        return {place for one in wanted if one for place in self.places(one)}

    def named(self, wanted: str, option: str) -> int:
        """Return the one column that a wish means.

        Raises:
            Unclear: there is none, or there are several.
        """
        places = self.places(wanted)
        if len(places) == 1:
            return places[0]
        if not places:
            raise Unclear(
                f"{self.where}: there is no column {wanted!r}.",
                remedy=f"It has: {self._all_titles()}. Name one of these, or its letter, with {option}.",
            )
        raise Unclear(
            f"{self.where}: columns {' and '.join(self.titled((place,)) for place in places)} have the same header.",
            remedy=f"Say which one by its letter: {option} {letter(places[0])}.",
        )

    def titled(self, places: Sequence[int]) -> str:
        """Return how messages call columns: `B (Name)`."""
        texts = self.header.texts
        return " + ".join(
            f"{letter(place)} ({shown(texts[place])})" if place < len(texts) and texts[place] else letter(place)
            for place in places
        )

    def _all_titles(self) -> str:
        listed = [f"{letter(place)} {shown(text)!r}" for place, text in enumerate(self.header.texts) if text]
        return ", ".join(listed[:12]) + (", ..." if len(listed) > 12 else "") or "no header"

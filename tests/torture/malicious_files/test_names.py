"""Names, tickets, titles and reasons that try to hide, to turn, to overflow: refused with the row, or shown safely."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import TypeVar

import msgspec
import pygame
import pygame.freetype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.core.errors import SnapshotMalformed
from kiosk.core.text_rules import clean, problem_with, problem_with_ticket
from kiosk.draw.modes import fixed
from kiosk.screen.layouts.arrangement import arrange
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.result_card import card_text
from kiosk.screen.scene import Outcome
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter, line_height
from kiosk.snapshot import model
from kiosk.snapshot.names import decode as decode_names
from kiosk.snapshot.names import problem_with_names
from tests.support import entries, snapshot
from tests.torture.malicious_files.names import REFUSED, SHOWN
from tests.wheel_admin.conftest import Desk

MOST_MEASURED = 15_000
"""Characters measured until a name of 120 has its size and its lines: about each one once for each of the others."""
WHITE = (255, 255, 255)

refused = pytest.mark.parametrize("name", REFUSED.values(), ids=REFUSED)
shown = pytest.mark.parametrize("name", SHOWN.values(), ids=SHOWN)
layout = pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (800, 480)], ids=str)


def ticket_problem(text: str) -> str | None:
    return problem_with_ticket(text, what="ticket", limit=40)


Drawn = TypeVar("Drawn")


def measured(typesetter: Typesetter, draw: Callable[[], Drawn]) -> tuple[Drawn, int]:
    """Return what is drawn, and how many characters had to be measured for it: what makes a name slow."""
    measured_characters = 0
    width = typesetter.width

    def counted(text: str, size: int) -> int:
        nonlocal measured_characters
        measured_characters += len(text)
        return width(text, size)

    typesetter.width = counted  # type: ignore[method-assign]
    try:
        return draw(), measured_characters
    finally:
        del typesetter.width


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    pygame.font.init()
    pygame.freetype.init()
    found = Typesetter()
    found.learn(SHOWN.values())
    yield found
    pygame.freetype.quit()
    pygame.font.quit()


@refused
def test_a_name_that_hides_or_turns_is_refused_by_the_kiosk(name: str) -> None:
    content = snapshot(people=1)
    file = {"format": "wheel-names/1", "salt": "0" * 64, "names": [[content.entries[0].ticket, name]]}
    data = json.dumps(file, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

    assert problem_with(name, what="name", limit=120) is not None
    assert problem_with_names([("E0001", name)])
    with pytest.raises(SnapshotMalformed, match=r"names file breaks a rule|not a wheel-names"):
        decode_names(data, snapshot=msgspec.structs.replace(content, names=sha256(data).hexdigest()))


@shown
def test_a_name_that_its_script_spells_so_is_allowed(name: str) -> None:
    assert problem_with(clean(name), what="name", limit=120) is None


def test_the_row_of_a_refused_name_is_named_and_the_others_are_read(desk: Desk) -> None:
    # XML has no control characters; what ends a line is a space to the import; a mark at an edge is taken off.
    names = [name for name in REFUSED.values() if not set(name) & set("\ud800\ufffe\ufeff\x07\x1b\u2028\u2029")]
    rows = [("Ticket", "Name"), *((f"T{number}", name) for number, name in enumerate(names, 2)), ("GOOD", "Ana")]
    answer = desk.do("import", desk.workbook("names.xlsx", rows))

    assert [one["row"] for one in answer["receipt"]["rejected"]] == list(range(2, len(names) + 2))
    assert all(one["column"] == "B" and one["reason"].startswith("name ") for one in answer["receipt"]["rejected"])
    assert [entry.ticket for entry in desk.draft.entries] == ["GOOD"]


def test_nothing_of_a_refused_name_or_of_its_files_name_reaches_the_terminal_raw(desk: Desk) -> None:
    lines = ["Ticket,Name", "A0,Ana", *(f"A{number},{name}" for number, name in enumerate(REFUSED.values(), 1))]
    text = "\n".join(line for line in lines if "\ud800" not in line)
    outcome = desk.run("import", desk.text("names.csv", text))

    assert outcome.code == 0
    for character in "\x07\x1b\x9b\x7f\u202e\u2066\u200b\ufeff\U000e0077":
        assert character not in outcome.out + outcome.err, ascii(character)
    assert "<U+202E>" in outcome.out
    broken = desk.run("import", desk.files / "\x1b]0;gone\x07.xlsx", "--replace")
    assert "\x1b" not in broken.err
    assert "Rename the file" in broken.err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Zoe\u0308.csv", "my  list.csv", "my\u00a0list.csv"])
def test_a_files_name_as_other_systems_spell_it_can_be_published(desk: Desk, name: str) -> None:
    """macOS spells names decomposed, and a list that had come from such a file could not be published."""
    desk.do("import", desk.text(name, "Ticket,Name\nA1,Ana\n"))

    assert desk.do("publish")["generation"] == 1


@pytest.mark.parametrize("name", ["a\\b.csv", "a\x07.csv", "a\u202e.csv", "a\u200b.csv"], ids=ascii)
def test_a_files_name_that_could_not_be_published_is_refused_at_once(desk: Desk, name: str) -> None:
    error = desk.error("import", desk.text(name, "Ticket,Name\nA1,Ana\n"), code=3)

    assert "cannot be imported under that name" in error["message"]


@pytest.mark.parametrize(
    "hidden",
    [
        *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u200e\u200f\u061c\u180e\u3164\u115f\uffa0\u2800\ufe0f\u17b4",
        *("\U000e0061", "\U000e0100", "\U0001d173", "\U000e0fff", "\u0600", "\ue000"),
    ],
    ids=ascii,
)
def test_two_tickets_never_differ_in_what_nobody_sees(hidden: str) -> None:
    """`A1` and `A1` with a zero-width space in it were two tickets."""
    for ticket in (f"A{hidden}1", f"{hidden}A1", f"A1{hidden}", f"अ{hidden}1", f"👩{hidden}1"):
        assert ticket_problem(ticket) is not None, ascii(ticket)


@pytest.mark.parametrize("space", ["\u00a0", "\u2002", "\u202f", "\u3000", "  ", "\t"], ids=ascii)
@pytest.mark.parametrize("rule", [problem_with, problem_with_ticket])
def test_only_single_plain_spaces_stand_between_words(space: str, rule: type) -> None:
    assert rule(f"A{space}1", what="ticket", limit=40) is not None
    assert rule(clean(f"A{space}1"), what="ticket", limit=40) is None


@pytest.mark.parametrize("ticket", ["0042", "A 1", "Ä-7", "тест", "票001", "क्ष1", "🎉7", "№12", "ﷺ"])
def test_a_ticket_in_any_script_is_allowed(ticket: str) -> None:
    assert ticket_problem(ticket) is None


@pytest.mark.slow
@given(st.text(st.characters(), min_size=1, max_size=40))
@settings(max_examples=300)
def test_what_is_allowed_as_a_ticket_has_nothing_to_take_away(text: str) -> None:
    if ticket_problem(text) is None:
        assert problem_with(text, what="ticket", limit=40) is None
        assert text.isascii() or all(ticket_problem(character) != "" for character in text)
        assert not set(text) & set("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\ufe0f\u3164\u00a0")


def test_a_list_whose_tickets_differ_in_what_nobody_sees_is_refused_by_the_kiosk() -> None:
    twins = tuple(msgspec.structs.replace(entries(1)[0], ticket=ticket) for ticket in ("A1", "A1\u200d"))

    with pytest.raises(SnapshotMalformed, match="rule"):
        model.decode(model.encode(snapshot(people=twins)))


@pytest.mark.parametrize("text", ["A\u202eB", "A\u200bB", "A\nB"], ids=ascii)
def test_a_title_and_a_reason_follow_the_same_rule(desk: Desk, text: str) -> None:
    desk.do("entries", "add", "A1", "Ana")
    if "\n" not in text:  # the command line makes a new line a space
        desk.error("title", text, code=4)
        desk.error("spins", "fixed", "A1", "--reason", text, code=4)
    assert model.problems(snapshot(title=text))
    assert model.problems(snapshot(spins=fixed("E0001", text)))


@pytest.mark.slow
@shown
@layout
def test_a_strange_name_is_drawn_within_its_box_and_at_once(
    typesetter: Typesetter, size: tuple[int, int], name: str
) -> None:
    place: Layout = arrange(size)
    text = clean(name)
    room, big = place.strip.w - 2 * place.px(40), place.px(86)
    result = Outcome(text, "E0001", "Drawn by the wheel · sealed")

    row, for_row = measured(typesetter, lambda: typesetter.fit(text, big, WHITE, room))
    card, for_card = measured(typesetter, lambda: card_text(place, BUILT_IN, typesetter, result))

    assert row.get_width() <= room
    assert row.get_height() == line_height(big)
    assert place.card.contains(card.name_box)
    assert place.card.contains(card.words_box)
    assert max(for_row, for_card) <= MOST_MEASURED


@pytest.mark.slow
@pytest.mark.parametrize("name", [*REFUSED.values(), "", "\u0301", "\u200d", "\x00"], ids=ascii)
def test_not_even_a_name_that_was_let_through_would_stop_the_screen(typesetter: Typesetter, name: str) -> None:
    text = name[:200]
    typesetter.learn([text])

    assert typesetter.fit(text, 60, WHITE, 600).get_width() <= 600

"""`wheel-admin undo` and `publish --undo`: the last step back, for the draft and for the wheel."""

import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from kiosk.core.permissions import RULES
from tests.wheel_admin.conftest import Desk, posix_only
from tests.wheel_admin.room import room_of
from wheel_admin import earlier_drafts
from wheel_admin.draft import encode


@pytest.mark.slow
def test_undo_brings_the_draft_before_every_kind_of_change_back(desk: Desk, people: Callable[[int], Path]) -> None:
    states = [desk.draft]
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("import", people(3)),
        ("title", "Another"),
        ("winners", "keep"),
        ("entries", "remove", "T0001"),
        ("event", "new"),
    )
    for command in commands:
        desk.do(*command)
        states.append(desk.draft)

    for left, state in reversed(list(enumerate(states[:-1]))):
        assert desk.do("undo")["left"] == left
        assert desk.draft == state

    assert "no earlier draft" in desk.error("undo", code=4)["message"]


def test_undo_says_what_it_took_back(desk: Desk) -> None:
    desk.do("entries", "add", "1", "Ana")
    desk.do("entries", "rename", "1", "Ana Ruiz")
    outcome = desk.run("undo")
    assert outcome.out.splitlines() == [
        "Took back the last change of the draft:",
        "  renamed 1: 1 Ana Ruiz -> Ana",
        "The draft has 1 entry now. wheel-admin publish shows them.",
        "1 earlier change can be taken back, too.",
    ]


def test_a_command_that_changes_nothing_leaves_nothing_to_undo(desk: Desk) -> None:
    desk.do("title", "Prize draw")
    desk.error("entries", "remove", "nobody", code=4)
    assert earlier_drafts.earlier_drafts(desk.home) == []


@pytest.mark.slow
def test_only_the_last_ten_changes_are_kept(desk: Desk) -> None:
    for number in range(13):
        desk.do("title", f"Title {number}")
    assert len(earlier_drafts.earlier_drafts(desk.home)) == earlier_drafts.MOST
    for _ in range(earlier_drafts.MOST):
        desk.do("undo")
    assert desk.draft.title == "Title 2"
    assert desk.error("undo", code=4)


def test_undo_passes_over_what_a_killed_command_kept_before_it_changed_anything(desk: Desk) -> None:
    desk.do("title", "One")
    earlier_drafts.keep_earlier(desk.home, encode(desk.draft))
    desk.do("undo")
    assert desk.draft.title == "Prize draw"
    assert earlier_drafts.earlier_drafts(desk.home) == []


def test_a_damaged_earlier_draft_is_refused_by_name(desk: Desk) -> None:
    desk.do("title", "One")
    desk.home.earlier_draft(1).write_text("{")
    assert "earlier-draft-000001.json is not a wheel-draft/2" in desk.error("undo", code=7)["message"]
    assert desk.draft.title == "One"


@posix_only
@pytest.mark.parametrize("installed", [False, True])
def test_an_earlier_draft_is_as_private_as_the_draft(desk: Desk, installed: bool) -> None:
    if installed:
        desk.home.admin.chmod(RULES["admin"].installed)
    desk.do("title", "One")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (desk.home.draft, desk.home.earlier_draft(1))}
    rule = RULES["admin/earlier-draft-*.json"]
    assert modes == {rule.installed if installed else rule.personal}


@pytest.fixture
def twice(desk: Desk, people: Callable[[int], Path]) -> Desk:
    """A desk with two lists of one event published, and a draft that went on."""
    desk.do("import", people(5))
    desk.do("publish")
    desk.do("entries", "add", "X", "Too Many")
    desk.do("title", "Wrong")
    desk.do("publish")
    desk.do("title", "Not published")
    return desk


@pytest.mark.slow
def test_publish_undo_brings_the_list_before_back_with_its_draft(twice: Desk) -> None:
    before = twice.draft
    answer = twice.do("publish", "--undo")
    assert (answer["generation"], answer["entries"], answer["title"]) == (3, 5, "Prize draw")
    assert twice.draft.title == "Prize draw"
    assert [file.name for file in twice.draft.source.files] == ["people5.xlsx"]
    assert "Nothing changed since generation 3" in twice.error("publish", code=4)["message"]

    twice.do("undo")
    assert twice.draft == before


@pytest.mark.slow
def test_publish_undo_twice_is_the_newer_list_again(twice: Desk) -> None:
    twice.do("publish", "--undo")
    answer = twice.do("publish", "--undo")
    assert (answer["generation"], answer["title"]) == (4, "Wrong")


@pytest.mark.slow
def test_publish_undo_keeps_prizes_groups_and_households(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(3))
    entries = tuple(msgspec.structs.replace(entry, group="a", household=7) for entry in desk.draft.entries)
    draft = msgspec.structs.replace(desk.draft, entries=entries)
    desk.home.draft.write_bytes(encode(draft))
    desk.do("publish")
    desk.do("title", "Wrong")
    desk.do("publish")
    desk.do("publish", "--undo")
    assert desk.draft == draft


def test_publish_undo_needs_a_list_before(desk: Desk, people: Callable[[int], Path]) -> None:
    assert "Nothing is published" in desk.error("publish", "--undo", code=4)["message"]
    desk.do("import", people(3))
    desk.do("publish")
    assert "no list before generation 1" in desk.error("publish", "--undo", code=4)["message"]


@pytest.mark.slow
def test_publish_undo_cannot_take_a_winner_back(desk: Desk) -> None:
    desk.do("entries", "add", "1", "Ana")
    desk.do("publish")
    desk.do("entries", "remove", "1")
    desk.do("entries", "add", "2", "Bo")
    desk.do("publish")
    with room_of(desk) as room:
        room.adopt()
        assert room.spin() == "2"
    assert "rewrite what happened" in desk.error("publish", "--undo", code=4)["message"]
    assert [entry.ticket for entry in desk.draft.entries] == ["2"]


@pytest.mark.slow
@pytest.mark.parametrize("flag", ["--dry-run", "--force"])
def test_publish_undo_goes_with_no_other_flag(twice: Desk, flag: str) -> None:
    assert "--undo goes with no" in twice.error("publish", "--undo", flag, code=2)["message"]

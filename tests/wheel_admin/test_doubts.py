"""A doubtful list: `import` says it, and `publish` goes on only if somebody agrees."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.key_files import load_trusted_keys
from kiosk.intake import snapshot_files as store
from tests.wheel_admin.conftest import Desk
from wheel_admin.importing.rows import plausibility
from wheel_admin.participants import Entry


def entries(*people: tuple[str, str]) -> list[Entry]:
    return [Entry(ticket, name) for ticket, name in people]


GOOD = entries(("001", "Ana Ruiz"), ("002", "Bo Li"), ("003", "Cem Ak"))


def test_a_plain_list_raises_no_doubt() -> None:
    assert plausibility.doubts(GOOD, published=3) == []


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (entries(("1", "Yes"), ("2", "yes"), ("3", "YES ")), "All 3 entries have the same name: Yes."),
        (entries(("1", "Ana"), ("2", "4711"), ("3", "+")), "2 names have no letters: ticket 2, ticket 3."),
        (entries(("1", "Ana"), ("Early Bird", "Bo")), "1 ticket is a kind of ticket, not a number: Early Bird."),
        (entries(("1", "Ana"), ("Ermäßigt", "Bo")), "kind of ticket, not a number: Ermäßigt."),
        (entries(("A10", "Ana"), ("A1O", "Bo")), "Some tickets look alike on a screen: A10 and A1O."),
        (entries(("A1", "Ana"), ("\u04101", "Bo")), "Some tickets look alike on a screen: A1 and \u04101."),
        (entries(("1", "Ana Ruiz"), ("2", "ana  ruiz"), ("3", "Bo")), "1 name occurs more than once, 2 entries"),
        (entries(("1", "José"), ("2", "Jose"), ("3", "Bo")), "more than once, 2 entries together"),
    ],
)
def test_each_kind_of_doubt_names_where_it_is(people: list[Entry], said: str) -> None:
    (doubt,) = plausibility.doubts(people)
    assert said in doubt


def test_everybody_with_one_name_is_one_doubt_and_not_two() -> None:
    found = plausibility.doubts(entries(*((str(number), "Ana") for number in range(5))))
    assert len(found) == 1


def test_two_people_of_one_name_may_be_all_there_is() -> None:
    (doubt,) = plausibility.doubts(entries(("1", "Ana"), ("2", "Ana")))
    assert "more than once" in doubt


@pytest.mark.parametrize(("before", "after", "said"), [(100, 90, False), (100, 89, True), (0, 1, False), (5, 9, False)])
def test_a_list_that_lost_more_than_a_tenth_says_so(before: int, after: int, said: bool) -> None:
    assert bool(plausibility.lost(before, after)) is said


def test_origins_are_named_where_they_are_known() -> None:
    (doubt,) = plausibility.doubts(entries(("1", "Ana"), ("2", "12")), ["a.csv, row 2", "a.csv, row 3"])
    assert doubt == "1 name has no letters: a.csv, row 3."


@pytest.mark.parametrize(
    ("name", "two"),
    [("Ana & Bo Ruiz", True), ("Ana Ruiz / Bo Li", True), ("Ana und Bo Ruiz", True), ("Ana de la Cruz", False)],
)
def test_a_cell_that_names_two_people_is_noticed(name: str, two: bool) -> None:
    assert bool(plausibility.two_people([name], ["row 2"])) is two


@pytest.mark.parametrize("status", ["Cancelled", "STORNIERT", "Remboursé", "キャンセル", "Anulowano"])
def test_rows_with_the_status_of_those_who_left_are_noticed(status: str) -> None:
    said = plausibility.cancelled([(status, "row 2"), ("Paid", "row 3")])
    assert "row 2" in said
    assert "row 3" not in said


def test_invisible_characters_are_counted() -> None:
    assert plausibility.invisible(0) == ""
    assert "1 cell." in plausibility.invisible(1)


@pytest.fixture
def doubtful(desk: Desk) -> Desk:
    """A desk with a list on which two people have one name."""
    desk.do("import", desk.text("people.csv", "Ticket,Name\n1,Ana Ruiz\n2,Bo Li\n3,Ana Ruiz\n"))
    return desk


def test_publish_refuses_a_doubtful_list_and_names_the_flag(doubtful: Desk) -> None:
    error = doubtful.error("publish", code=4)
    assert error["problems"] == [
        "1 name occurs more than once, 2 entries together, and each stays an entry of its own: Ana Ruiz (1, 3)."
    ]
    assert "wheel-admin publish --yes" in error["remedy"]
    assert not list(doubtful.home.snapshots.iterdir())


def test_publish_yes_goes_on_and_says_the_doubts(doubtful: Desk) -> None:
    outcome = doubtful.run("publish", "--yes")
    assert outcome.code == 0
    assert outcome.out.startswith("Please check: 1 name occurs more than once")
    assert "published generation 1" in outcome.out


def test_a_dry_run_says_the_doubts_and_refuses_nothing(doubtful: Desk) -> None:
    outcome = doubtful.run("publish", "--dry-run")
    assert outcome.code == 0
    assert "Please check: 1 name occurs more than once" in outcome.out


def test_people_who_are_published_are_not_asked_about_again(doubtful: Desk) -> None:
    assert len(doubtful.do("publish", "--yes")["doubts"]) == 1
    doubtful.do("title", "Another")
    assert doubtful.do("publish")["doubts"] == []
    doubtful.do("entries", "add", "4", "Cem Ak")
    assert "more than once" in doubtful.error("publish", code=4)["problems"][0]


def test_a_shrunk_list_is_doubtful_within_its_event_only(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(20))
    desk.do("publish")
    warnings = desk.do("import", people(5), "--replace")["receipt"]["warnings"]
    assert warnings == ["The list has 5 entries; the published one has 20, so 15 would be gone."]
    assert desk.error("publish", code=4)["problems"] == warnings
    desk.do("event", "new")
    assert desk.do("publish")["doubts"] == []


def test_an_appended_list_is_compared_with_the_people_that_stay(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(5))
    receipt = desk.do("import", desk.text("more.csv", "Ticket,Name\nX100,Person 1\nX101,Bo Li\n"), "--append")[
        "receipt"
    ]
    assert "Person 1 (T0001, X100)" in receipt["warnings"][0]


def test_nothing_is_published_where_the_list_is_refused(doubtful: Desk) -> None:
    doubtful.error("publish", code=4)
    keys = load_trusted_keys(doubtful.home.trusted)
    assert store.newest_good(store.candidates(doubtful.home.snapshots), keys=keys, floor=store.Floor())[0] is None

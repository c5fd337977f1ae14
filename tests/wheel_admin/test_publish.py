"""What publishing promises: signed, verified, numbered once, and everything refused with all its reasons."""

import base64
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from kiosk.core.clock import SystemClock, rfc3339
from kiosk.core.durable import SHARED
from kiosk.core.home import names_name
from kiosk.core.key_files import load_trusted_keys
from kiosk.draw.modes import fixed
from kiosk.intake import snapshot_files as store
from kiosk.session.open_session import open_session
from kiosk.supervise.status_file import StatusFile
from tests.support import counted_bytes
from tests.wheel_admin.conftest import Desk, posix_only
from tests.wheel_admin.room import room_of
from wheel_admin.draft import edit_draft


@pytest.fixture
def published(desk: Desk, people: Callable[[int], Path]) -> Desk:
    """A desk with three entries, published as generation 1."""
    desk.do("import", people(3))
    desk.do("publish")
    return desk


def test_what_publish_writes_verifies_and_names_its_predecessor(published: Desk) -> None:
    keys = load_trusted_keys(published.home.trusted)
    first = store.read(published.home.snapshot(1), keys=keys)
    assert first.snapshot.previous == ""
    assert first.snapshot.event == published.draft.event
    assert first.snapshot.entries == tuple(entry.published() for entry in published.draft.entries)
    published.do("title", "Another")
    answer = published.do("publish")
    assert (answer["generation"], answer["previous"]) == (2, first.s)
    assert store.read(published.home.snapshot(2), keys=keys).s == answer["snapshot"]


def test_the_names_of_a_list_are_in_its_names_file_and_nowhere_else(published: Desk) -> None:
    keys = load_trusted_keys(published.home.trusted)
    first = store.read(published.home.snapshot(1), keys=keys)
    names, data = store.read_names(first.snapshot, (published.home.snapshots,))

    assert names == {entry.ticket: entry.name for entry in published.draft.entries}
    assert b"Person 1" in data
    assert b"Person 1" not in base64.b64decode(json.loads(first.envelope)["payload"])


@pytest.mark.slow
def test_two_publications_of_the_same_names_have_different_salts(published: Desk) -> None:
    published.do("publish", "--force")
    keys = load_trusted_keys(published.home.trusted)
    one, two = (store.read(published.home.snapshot(number), keys=keys).snapshot.names for number in (1, 2))

    assert one != two


@posix_only
def test_a_published_file_can_be_read_by_the_group_alone(published: Desk) -> None:
    assert published.home.snapshot(1).stat().st_mode & 0o777 == SHARED


def test_publish_says_the_generation_and_for_auditors_the_snapshot_digest(published: Desk) -> None:
    outcome = published.run("publish", "--force")
    s = published.do("show", "2")["snapshot"]
    assert outcome.out.splitlines() == [
        "published generation 2: Prize draw, 3 entries",
        "It is a correction within the event: spin numbers, winners and places go on.",
        f"For auditors: snapshot digest {s[:8]}.",
    ]


def test_a_manifest_of_the_list_that_is_published_already_is_no_new_publication(published: Desk) -> None:
    outcome = published.run("publish", "--public", published.files / "site")
    s = published.do("show", "1")["snapshot"]

    assert outcome.out.splitlines()[:2] == [
        "Nothing changed: generation 1 was published before: Prize draw, 3 entries",
        f"For auditors: snapshot digest {s[:8]}.",
    ]
    assert "correction" not in outcome.out
    assert published.do("publish", "--public", published.files / "site")["unchanged"] is True


def test_publish_says_whether_it_is_a_correction_or_a_new_event(published: Desk) -> None:
    published.do("title", "Another")
    assert published.do("publish")["standing"] == "correction"
    published.do("event", "new")
    assert published.do("publish", "--dry-run")["standing"] == "new event"
    assert "nobody has won yet" in published.run("publish").out


def test_a_fixed_spin_against_the_rules_is_refused_with_the_way_out(published: Desk) -> None:
    """The commands set the rule with the spins; a draft can also be edited by hand."""
    with edit_draft(published.home) as editing:
        editing.draft = msgspec.structs.replace(editing.draft, spins=fixed("T0001", "Notary"))

    error = published.error("publish", code=4)

    assert "the rules promise that none is predetermined" in error["message"]
    assert "wheel-admin spins fixed" in error["remedy"]


def test_an_unchanged_list_is_refused_unless_forced(published: Desk) -> None:
    assert "Nothing changed since generation 1" in published.error("publish", code=4)["message"]
    assert published.do("publish", "--force")["generation"] == 2


def test_a_dry_run_publishes_nothing(published: Desk) -> None:
    published.do("title", "Another")
    assert published.do("publish", "--dry-run")["generation"] == 2
    assert not published.home.snapshot(2).exists()


def test_an_unpublishable_draft_is_refused_with_every_reason(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(3))
    desk.do("spins", "mixed", "fixed:T0001:Notary", "fixed:T0001:Notary")
    desk.do("entries", "remove", "T0000", "T0001", "T0002")
    error = desk.error("publish", code=4)
    assert "the list has no entries" in error["problems"]
    assert "the fixed ticket T0001 is not on the list" in error["problems"]
    assert not list(desk.home.snapshots.iterdir())


@pytest.mark.slow
def test_a_generation_is_never_used_twice(published: Desk) -> None:
    published.do("title", "Second")
    published.do("publish")
    with room_of(published) as room:
        room.adopt()
    for path in published.home.snapshots.iterdir():
        path.unlink()

    published.do("title", "Third")

    assert published.do("publish")["generation"] == 3


def test_a_file_that_nobody_signed_uses_up_no_generation(published: Desk) -> None:
    """Seen in an attack: an empty file snapshot-999998.json used up all of them for ever."""
    published.home.snapshot(999_998).touch()
    published.home.snapshot(2).write_bytes(b"planted")
    published.do("title", "Another")

    assert published.do("publish")["generation"] == 2


def test_a_planted_first_file_does_not_keep_the_first_list_out(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(3))
    desk.home.snapshot(1).write_bytes(b"planted")

    answer = desk.do("publish")

    assert (answer["generation"], answer["previous"]) == (1, "")


def test_the_predecessor_is_known_from_the_ledger_if_its_file_is_gone(published: Desk) -> None:
    first = published.do("show", "1")["snapshot"]
    with room_of(published) as room:
        room.adopt()
    for path in published.home.snapshots.iterdir():
        path.unlink()
    published.do("title", "Another")

    answer = published.do("publish")

    assert (answer["generation"], answer["previous"]) == (2, first)


def test_a_key_that_the_kiosk_does_not_trust_publishes_nothing(published: Desk) -> None:
    for path in published.home.trusted.glob("*.pem"):
        path.unlink()
    assert "does not trust the signing key" in published.error("publish", code=6)["message"]
    assert not published.home.snapshot(2).exists()


def test_a_missing_signing_key_is_a_matter_of_trust(published: Desk) -> None:
    published.home.signing_key.unlink()
    assert "no signing key" in published.error("publish", "--force", code=6)["message"]


@pytest.mark.slow
def test_republish_brings_old_content_under_a_new_generation(published: Desk) -> None:
    published.do("entries", "remove", "T0000")
    published.do("publish", "--yes")
    answer = published.do("republish", "1")
    assert (answer["generation"], answer["entries"]) == (3, 3)
    assert len(published.draft.entries) == 2
    assert "Nothing changed since generation 3" in published.error("republish", "1", code=4)["message"]
    assert "no published generation 9" in published.error("republish", "9", code=4)["message"]


def test_republish_refuses_a_list_whose_names_are_erased(published: Desk) -> None:
    published.do("title", "Another")
    published.do("publish")
    keys = load_trusted_keys(published.home.trusted)
    names = store.read(published.home.snapshot(1), keys=keys).snapshot.names
    published.home.snapshots.joinpath(names_name(names)).unlink()

    assert "names file of generation 1 is gone" in published.error("republish", "1", code=4)["message"]
    assert [one["names"] for one in published.do("list")["generations"]] == [True, False]
    assert "Generation 1 has no names file" in published.run("list").out


def test_republish_refuses_what_does_not_verify(published: Desk) -> None:
    data = published.home.snapshot(1).read_bytes()
    published.home.snapshot(1).write_bytes(data.replace(b'"sig":"', b'"sig":"AA', 1))
    assert "does not verify" in published.error("republish", "1", code=4)["message"]


def test_list_says_which_generations_verify(published: Desk) -> None:
    published.home.snapshot(2).write_bytes(b"{}")
    good, bad = reversed(published.do("list")["generations"])
    assert (good["generation"], good["verified"], good["entries"]) == (1, True, 3)
    assert (bad["generation"], bad["verified"]) == (2, False)
    assert "not a signed envelope" in bad["problem"]
    text = published.run("list").out
    assert good["snapshot"][:8] in text
    assert "Generation 2 does not verify" in text


def test_list_fits_the_terminal_whatever_the_title(published: Desk) -> None:
    published.do("title", "長いタイトル " * 15)
    published.do("publish")
    lines = published.run("list").out.splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["Gen", "Digest", "Published", "(UTC)", "Entries", "Title"]


@pytest.mark.slow
def test_prune_keeps_the_newest_good_one_and_the_one_in_use(published: Desk) -> None:
    published.do("publish", "--force")
    with room_of(published) as room:
        room.adopt()
    for _ in range(3):
        published.do("publish", "--force")
    published.home.snapshot(6).write_bytes(b"damaged")
    published.home.status.write_text(json.dumps({"state": "idle", "generation": 3}))
    assert published.do("prune", "--keep", "1", "--dry-run")["deleted"] == [4, 1]
    answer = published.do("prune", "--keep", "1")
    assert (answer["deleted"], answer["kept_in_use"]) == ([4, 1], [5, 3, 2])
    assert [one["generation"] for one in published.do("list")["generations"]] == [6, 5, 3, 2]
    assert published.run("prune", "--keep", "0").code == 2


def test_prune_takes_the_names_with_a_list_and_leaves_those_of_the_others(published: Desk) -> None:
    for _ in range(2):
        published.do("publish", "--force")
    before = sorted(path.name for path in published.home.snapshots.glob("names-*"))

    answer = published.do("prune", "--keep", "2")

    assert (len(before), len(answer["names"]), answer["deleted"]) == (3, 1, [1])
    assert all(one["names"] for one in published.do("list")["generations"])


def test_prune_deletes_no_names_while_a_kept_list_cannot_be_read(published: Desk) -> None:
    for _ in range(2):
        published.do("publish", "--force")
    published.home.snapshot(2).write_bytes(b"damaged")

    assert published.do("prune", "--keep", "2")["names"] == []


@pytest.mark.slow
def test_show_tells_how_the_draft_differs(published: Desk) -> None:
    assert "It is what is published as generation 1" in published.run("show").out
    published.do("entries", "add", "X1", "New One", "--weight", "3")
    published.do("entries", "remove", "T0000")
    published.do("entries", "rename", "T0001", "Ana")
    published.do("entropy", "plan", "dice")
    published.do("spins", "mixed", "natural", "--then", "stop")
    published.do("title", "Another")
    text = published.run("show").out
    for line in (
        "added 1: X1 New One (3 chances)",
        "removed 1: T0000 Person 0",
        "renamed 1: T0001 Person 1 -> Ana",
        "changed: the title",
        "changed: the spins",
        "changed: the public entropy",
        "entropy    dice",
        "mixed, 1 steps: natural; then no more spins",
    ):
        assert line in text
    difference = published.do("show")["difference"]
    assert [entry["ticket"] for entry in difference["added"]] == ["X1"]
    assert published.do("show", "1")["generation"] == 1


def test_status_says_what_is_published_and_that_no_kiosk_has_spoken(published: Desk) -> None:
    assert "has not written a status" in published.run("status").out
    answer = published.do("status")
    assert answer["published"]["generation"] == 1
    assert answer["shows_published"] is False


def test_status_says_that_an_old_status_is_old(published: Desk) -> None:
    said = {"state": "idle", "generation": 1, "title": "Prize draw", "at": "2026-05-04T09:30:00Z", "notices": ["Hot"]}
    published.home.status.write_text(json.dumps(said))
    text = published.run("status").out
    assert "old: it is not running" in text
    assert "notice: Hot" in text


def test_status_repeats_a_notice_whole_because_the_reason_stands_at_its_end(published: Desk) -> None:
    notice = "request-0123456789abcdef.json refused: it came too late: its event is not on the wheel any more."
    said = {"state": "idle", "generation": 1, "title": "", "at": "2026-05-04T09:30:00Z", "notices": [notice, "\x1b[2J"]}
    published.home.status.write_text(json.dumps(said))
    text = published.run("status").out
    assert f"notice: {notice}\n" in text
    assert "notice: ?[2J\n" in text


@pytest.mark.parametrize(
    ("generation", "told"), [(1, "That is not the newest list"), (7, "newer than all that are here")]
)
def test_status_repeats_what_a_running_kiosk_says_and_that_it_shows_another_list(
    published: Desk, generation: int, told: str
) -> None:
    now = rfc3339(datetime.now(UTC))
    said = {"state": "idle", "generation": generation, "snapshot": "0" * 64, "title": "Old fair", "at": now}
    published.home.status.write_text(
        json.dumps({**said, "entries": 10, "left": 8, "spin": 2, "waiting": ["2 for its event"]})
    )
    text = published.run("status").out
    assert f"says it is idle and shows generation {generation}" in text
    assert "Old fair" in text
    assert "10 entries, 8 still on the wheel, spin 2" in text
    assert "requests waiting: 2 for its event" in text
    assert told in text


def test_status_repeats_what_a_kiosk_without_a_display_waits_for(published: Desk) -> None:
    clock = SystemClock()
    with open_session(published.home, clock=clock, random_bytes=counted_bytes()) as books:
        StatusFile(published.home.status, clock).wait_for("waiting for a display at card1-HDMI-A-1", books.session)
    text = published.run("status").out
    assert "says it is waiting and shows nothing yet" in text
    assert "notice: waiting for a display at card1-HDMI-A-1" in text
    assert "newest list" not in text
    assert published.do("status")["shows_published"] is False


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "cannot be understood"),
        (b'{"at": "yesterday"}', "does not say when it was written"),
        (None, "is not a regular file"),
    ],
)
def test_status_says_what_is_wrong_with_what_the_kiosk_wrote(
    content: bytes | None, problem: str, published: Desk
) -> None:
    if content is None:
        published.home.status.mkdir()
    else:
        published.home.status.write_bytes(content)
    assert problem in published.run("status").out


def test_status_says_that_nothing_published_verifies_and_why(published: Desk) -> None:
    for path in published.home.snapshots.iterdir():
        path.write_bytes(b"{}")
    text = published.run("status").out
    assert "nothing that verifies" in text
    assert "NOT VERIFIED snapshot-000001.json" in text


@pytest.mark.slow
def test_nothing_is_published_over_a_list_that_may_lie_behind_a_flood(published: Desk) -> None:
    for number in range(900_000, 900_020):
        published.home.snapshot(number).touch()
        os.truncate(published.home.snapshot(number), 8 << 20)
    first = published.home.snapshot(1).read_bytes()

    error = published.error("publish", "--force", code=4)

    assert "are all bad" in error["message"]
    assert published.home.snapshot(1).read_bytes() == first
    assert not published.home.snapshot(2).exists()


def test_a_published_list_with_a_second_name_is_refused_by_the_admin_too(published: Desk) -> None:
    (published.home.root / "second name").hardlink_to(published.home.snapshot(1))

    assert "hard links" in json.dumps(published.error("republish", "1", code=4))

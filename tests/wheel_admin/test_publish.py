"""What publishing promises: signed, verified, numbered once, and everything refused with all its reasons."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.core.clock import SystemClock, rfc3339
from kiosk.core.durable import SHARED
from kiosk.core.key_files import load_trusted_keys
from kiosk.intake import snapshot_files as store
from kiosk.open_session import open_session
from kiosk.supervise.status_file import StatusFile
from tests.support import counted_bytes
from tests.wheel_admin.conftest import Desk, posix_only


@pytest.fixture
def published(desk: Desk, people: Callable[[int], Path]) -> Desk:
    """A desk with three entries, published as generation 1."""
    desk.do("import", people(3))
    desk.do("publish")
    return desk


def write_ledger(desk: Desk, *records: dict[str, object]) -> None:
    desk.home.ledger.write_text("".join(json.dumps(record) + "\n" for record in records))


def adopt(desk: Desk, generation: int) -> dict[str, object]:
    keys = load_trusted_keys(desk.home.trusted)
    s = store.read(desk.home.snapshot(generation), keys=keys).s
    return {"type": "adopt", "generation": generation, "snapshot": s}


def result(spin: int, ticket: str, **more: object) -> dict[str, object]:
    return {
        "type": "result",
        "at": "2026-05-04T09:30:00.000Z",
        "spin": spin,
        "mode": "natural",
        "ticket": ticket,
        **more,
    }


def test_what_publish_writes_verifies_and_names_its_predecessor(published: Desk) -> None:
    keys = load_trusted_keys(published.home.trusted)
    first = store.read(published.home.snapshot(1), keys=keys)
    assert first.snapshot.previous is None
    assert first.snapshot.entries == published.draft.entries
    published.do("title", "Another")
    answer = published.do("publish")
    assert (answer["generation"], answer["previous"]) == (2, first.s)
    assert store.read(published.home.snapshot(2), keys=keys).s == answer["snapshot"]


@posix_only
def test_a_published_file_can_be_read_by_the_group_alone(published: Desk) -> None:
    assert published.home.snapshot(1).stat().st_mode & 0o777 == SHARED


def test_publish_says_generation_and_s(published: Desk) -> None:
    outcome = published.run("publish", "--force")
    s = published.do("show", "2")["snapshot"]
    assert outcome.out == f"published generation 2, S {s[:8]}: Prize draw, 3 entries\n"


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


def test_a_generation_is_never_used_twice(published: Desk) -> None:
    published.home.snapshot(7).write_bytes(b"damaged")
    write_ledger(published, {"type": "adopt", "generation": 11, "snapshot": "0" * 64})
    assert published.do("publish")["generation"] == 12  # unchanged, but no good file of generation 11 says so


def test_a_key_that_the_kiosk_does_not_trust_publishes_nothing(published: Desk) -> None:
    for path in published.home.trusted.glob("*.pem"):
        path.unlink()
    assert "does not trust the signing key" in published.error("publish", code=6)["message"]
    assert not published.home.snapshot(2).exists()


def test_a_missing_signing_key_is_a_matter_of_trust(published: Desk) -> None:
    published.home.signing_key.unlink()
    assert "no signing key" in published.error("publish", "--force", code=6)["message"]


def test_former_winners_on_the_list_are_named(published: Desk) -> None:
    write_ledger(published, adopt(published, 1), result(1, "T0001"), {"type": "shown", "spin": 1}, result(2, "GONE"))
    published.do("title", "Another")
    outcome = published.run("publish")
    assert outcome.code == 0
    assert "wheel-admin entries remove T0001" in outcome.err
    assert published.do("publish", "--force")["former_winners"] == ["T0001"]
    published.do("winners", "keep")
    assert published.do("publish")["former_winners"] == []


def test_republish_brings_old_content_under_a_new_generation(published: Desk) -> None:
    published.do("entries", "remove", "T0000")
    published.do("publish")
    answer = published.do("republish", "1")
    assert (answer["generation"], answer["entries"]) == (3, 3)
    assert len(published.draft.entries) == 2
    assert "Nothing changed since generation 3" in published.error("republish", "1", code=4)["message"]
    assert "no published generation 9" in published.error("republish", "9", code=4)["message"]


def test_republish_refuses_what_does_not_verify(published: Desk) -> None:
    data = published.home.snapshot(1).read_bytes()
    published.home.snapshot(1).write_bytes(data.replace(b'"sig":"', b'"sig":"AA', 1))
    assert "does not verify" in published.error("republish", "1", code=4)["message"]


def test_list_says_which_generations_verify(published: Desk) -> None:
    published.home.snapshot(2).write_bytes(b"{}")
    good, bad = reversed(published.do("list")["generations"])
    assert (good["generation"], good["verified"], good["entries"]) == (1, True, 3)
    assert (bad["generation"], bad["verified"]) == (2, False)
    assert "not a DSSE envelope" in bad["problem"]
    text = published.run("list").out
    assert good["snapshot"][:8] in text
    assert "Generation 2 does not verify" in text


def test_list_fits_the_terminal_whatever_the_title(published: Desk) -> None:
    published.do("title", "長いタイトル " * 15)
    published.do("publish")
    lines = published.run("list").out.splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["Gen", "S", "Published", "(UTC)", "Entries", "Title"]


def test_prune_keeps_the_newest_good_one_and_the_one_in_use(published: Desk) -> None:
    for _ in range(4):
        published.do("publish", "--force")
    published.home.snapshot(6).write_bytes(b"damaged")
    write_ledger(published, adopt(published, 2))
    published.home.status.write_text(json.dumps({"state": "idle", "generation": 3}))
    assert published.do("prune", "--keep", "1", "--dry-run")["deleted"] == [4, 1]
    answer = published.do("prune", "--keep", "1")
    assert (answer["deleted"], answer["kept_in_use"]) == ([4, 1], [5, 3, 2])
    assert [one["generation"] for one in published.do("list")["generations"]] == [6, 5, 3, 2]
    assert published.run("prune", "--keep", "0").code == 2


def test_show_tells_how_the_draft_differs(published: Desk) -> None:
    assert "It is what is published as generation 1" in published.run("show").out
    published.do("entries", "add", "X1", "New One", "--weight", "3")
    published.do("entries", "remove", "T0000")
    published.do("entries", "rename", "T0001", "Ana")
    published.do("spins", "fixed", "X1", "--reason", "Notary")
    published.do("title", "Another")
    text = published.run("show").out
    for line in (
        "added 1: X1 New One (3 chances)",
        "removed 1: T0000 Person 0",
        "renamed 1: T0001 Person 1 -> Ana",
        "changed: the title",
        "changed: the spins",
        "fixed on ticket X1 (Notary)",
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
    notice = "entropy-000001.json refused: It came too late: generation 1 is no longer on the wheel."
    said = {"state": "idle", "generation": 1, "title": "", "at": "2026-05-04T09:30:00Z", "notices": [notice, "\x1b[2J"]}
    published.home.status.write_text(json.dumps(said))
    text = published.run("status").out
    assert f"notice: {notice}\n" in text
    assert "notice: ?[2J\n" in text


def test_status_repeats_what_a_running_kiosk_says_and_that_it_shows_another_list(published: Desk) -> None:
    now = rfc3339(datetime.now(UTC))
    said = {"state": "idle", "generation": 7, "snapshot": "0" * 64, "title": "Old fair", "at": now}
    published.home.status.write_text(json.dumps({**said, "entries": 10, "left": 8, "spin": 2}))
    text = published.run("status").out
    assert "says it is idle and shows generation 7" in text
    assert "Old fair" in text
    assert "10 entries, 8 still on the wheel, spin 2" in text
    assert "That is not the newest list" in text


def test_status_repeats_what_a_kiosk_without_a_display_waits_for(published: Desk) -> None:
    clock = SystemClock()
    with open_session(published.home, clock=clock, random_bytes=counted_bytes()) as (_, session):
        StatusFile(published.home.status, clock).wait_for("waiting for a display at card1-HDMI-A-1", session)
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


def test_draws_tells_the_whole_note_on_a_narrow_terminal(published: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    reason = "drawn by the notary Dr. Jane Example on the first of May"
    write_ledger(published, adopt(published, 1), result(1, "T0001", mode="fixed", reason=reason))
    text = " ".join(line[64:].strip() for line in published.run("draws").out.splitlines())
    assert reason.split() == [word for word in text.split() if word in reason.split()]


def test_draws_names_winners_and_what_is_unfinished(published: Desk) -> None:
    write_ledger(
        published,
        adopt(published, 1),
        result(1, "T0001"),
        {"type": "shown", "spin": 1},
        {"type": "absent", "spin": 1, "ticket": "T0001"},
        result(2, "T0002", mode="fixed", reason="Notary"),
    )
    with published.home.ledger.open("a") as file:
        file.write("torn")
    answer = published.do("draws")
    assert [(one["name"], one["draw"]["shown"]) for one in answer["draws"]] == [("Person 1", True), ("Person 2", False)]
    assert answer["unreadable_lines"] == 1
    text = published.run("draws").out
    assert "absent" in text
    assert "unfinished" in text
    assert "2 results in the ledger" in text


def test_draws_finds_names_in_the_kiosks_own_copies(published: Desk) -> None:
    write_ledger(published, adopt(published, 1), result(1, "T0001"))
    published.home.adopted.mkdir(parents=True)
    published.home.snapshot(1).rename(published.home.adopted / "any-name.json")
    assert published.do("draws")["draws"][0]["name"] == "Person 1"

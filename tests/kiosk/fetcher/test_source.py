"""What a source brings, and what it cannot bring, over fsspec's memory file system and a simulated clock."""

import logging
import random
from pathlib import Path

import pytest

from kiosk.core.home import names_name
from kiosk.fetcher.index_file import INDEX_NAME, HintedFile, encode
from kiosk.fetcher.transport.base import SourceError
from kiosk.intake.snapshot_files import read
from kiosk.snapshot.requests import CloseMessage, WithdrawMessage
from tests.kiosk.fetcher.world import Dictionary, World, check_home
from tests.support import EVENT, KEY, STRANGER, TRUSTED, envelope, names_of, snapshot

CLOSE = CloseMessage(event=EVENT)


def test_brings_a_list_with_its_names_in_the_safe_order(tmp_path: Path) -> None:
    world = World(tmp_path)
    content = snapshot(3)
    world.publisher.publish(content)

    assert world.poll()
    assert world.placed == [names_name(content.names), "snapshot-000003.json"]
    assert read(world.home.snapshot(3), keys=TRUSTED).snapshot == content
    world.check()


def test_brings_requests_that_a_trusted_key_signed(tmp_path: Path) -> None:
    world = World(tmp_path)
    ours = world.publisher.hand_in(CLOSE)
    theirs = world.publisher.hand_in(WithdrawMessage(event=EVENT, ticket="E0001", reason="x"), key=STRANGER)

    assert world.poll()
    assert world.placed == [ours]
    assert any(refused.startswith(theirs) for refused in world.source.report().refused)


def test_asks_for_the_index_only_while_nothing_changes(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.publisher.publish(snapshot(1))
    world.poll()
    world.way.asked.clear()
    for _ in range(10):
        assert world.poll()

    assert world.way.asked == [INDEX_NAME] * 10


def test_lists_the_source_where_it_has_no_index(tmp_path: Path) -> None:
    world = World(tmp_path)
    content = snapshot(1)
    world.publisher.put(names_name(content.names), names_of(content))
    world.publisher.put("snapshot-000001.json", envelope(content))

    assert world.poll()
    assert world.names() == {names_name(content.names), "snapshot-000001.json"}


def test_an_older_list_is_not_even_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.publisher.publish(snapshot(5))
    world.poll()
    world.publisher.files.clear()
    world.publisher.publish(snapshot(4, title="old"))
    world.way.asked.clear()
    world.poll()

    assert set(world.way.asked) == {INDEX_NAME}
    assert "snapshot-000004.json" not in world.names()


def test_another_signers_list_never_lies_at_home_and_is_refused_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(tmp_path)
    world.publisher.publish(snapshot(1))
    world.publisher.publish(snapshot(2, title="theirs"), key=STRANGER)
    with caplog.at_level(logging.WARNING):
        for _ in range(50):
            assert world.poll()

    assert "snapshot-000002.json" not in world.names()
    assert "snapshot-000001.json" in world.names()
    assert sum("snapshot-000002" in record.getMessage() for record in caplog.records) == 1
    world.check()


def test_a_key_that_is_trusted_later_lets_the_refused_list_in(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.publisher.publish(snapshot(2), key=STRANGER)
    world.poll()
    assert world.names() == set()
    (world.home.trusted / "new.pem").write_bytes(STRANGER.public.pem())
    world.poll()

    assert "snapshot-000002.json" in world.names()


def test_a_list_waits_for_its_names_file(tmp_path: Path) -> None:
    world = World(tmp_path)
    content = snapshot(1)
    world.publisher.put("snapshot-000001.json", envelope(content))
    world.publisher.index()
    world.poll()
    assert world.names() == set()
    world.publisher.put(names_name(content.names), names_of(content))
    for _ in range(2):
        world.poll()

    assert "snapshot-000001.json" in world.names()


def test_a_list_with_anothers_names_file_is_refused(tmp_path: Path) -> None:
    content = snapshot(1)
    lies = {names_name(content.names): names_of(snapshot(2, people=3)), "snapshot-000001.json": envelope(content)}
    world = World(tmp_path, inner=Dictionary(lies))
    assert world.poll()

    assert world.names() == set()
    assert "SHA-256" in world.source.report().refused[0]


def test_a_damaged_file_at_home_is_replaced_and_a_good_one_never(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.home.snapshot(1).write_bytes(b"damaged")
    world.publisher.publish(snapshot(1))
    world.poll()
    assert read(world.home.snapshot(1), keys=TRUSTED).generation == 1

    before = world.home.snapshot(1).read_bytes()
    world.publisher.publish(snapshot(1, title="another one"))
    for _ in range(5):
        world.poll()
    assert world.home.snapshot(1).read_bytes() == before


def test_deletes_nothing_at_home(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.publisher.publish(snapshot(1))
    world.poll()
    kept = world.names() | {"notes.txt"}
    (world.home.snapshots / "notes.txt").write_text("mine")
    world.publisher.files.clear()
    world.publisher.index()
    world.poll()

    assert world.names() == kept


@pytest.mark.parametrize(
    "name",
    [
        "../kiosk/trusted/x.pem",
        "snapshot-000001.json/../../x",
        "/etc/passwd",
        "..",
        "",
        "snapshot-000001.json\n",
        ".lock",
    ],
)
def test_names_that_lead_elsewhere_are_not_asked_for(name: str, tmp_path: Path) -> None:
    world = World(tmp_path, inner=Dictionary({INDEX_NAME: encode([HintedFile(name)]), name: b"x"}))
    world.poll()

    assert set(world.way.asked) == {INDEX_NAME}
    assert world.names() == set()


@pytest.mark.slow
def test_a_million_names_are_refused_unread(tmp_path: Path) -> None:
    many = encode(HintedFile(f"snapshot-{number:06d}.json") for number in range(1_000_000))
    world = World(tmp_path, inner=Dictionary({INDEX_NAME: many}))

    assert not world.poll()
    assert world.names() == set()


def test_a_flood_of_unsigned_requests_takes_bounded_work_and_stops_no_list(tmp_path: Path) -> None:
    files = {f"request-{number:016x}.json": b"{}" for number in range(4000)}
    content = snapshot(1)
    files |= {names_name(content.names): names_of(content), "snapshot-000001.json": envelope(content)}
    world = World(tmp_path, inner=Dictionary(files))
    assert world.poll()

    assert "snapshot-000001.json" in world.names()
    assert len(world.way.asked) <= 105
    assert len(world.source.report().refused) <= 3


def test_says_since_when_a_source_is_out_of_reach_and_logs_it_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(tmp_path)
    world.publisher.publish(snapshot(1))
    world.poll()
    answered = world.source.report().answered_at

    def cut(name: str, data: bytes) -> bytes:
        raise SourceError("The line is cut.")

    world.way.faults = cut
    with caplog.at_level(logging.INFO):
        assert not world.poll()
        since = world.source.report().failing_since
        for _ in range(20):
            assert not world.poll()
        report = world.source.report()
        assert (report.failing_since, report.answered_at, report.problem) == (since, answered, "The line is cut.")
        world.way.faults = None
        assert world.poll()
    assert world.source.report().failing_since == ""
    assert [record.getMessage() for record in caplog.records] == [
        "memory: The line is cut.",
        "memory: within reach again",
    ]


class Weather:
    """Faults on the way: cuts, refusals, delays beyond the time-out, corrupt and truncated bodies."""

    KINDS = ("cut", "unavailable", "slow", "corrupt", "truncated", "cut in the middle")

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance

    def __call__(self, name: str, data: bytes) -> bytes:
        kind = self._chance.choice(self.KINDS)
        if kind == "slow":
            self._world.clock.advance_ns(50_000_000)
        if not data or kind in {"cut", "unavailable", "slow"}:
            if self._chance.random() < 0.7:
                raise SourceError(f"{kind}: {name}")
            return data
        if kind == "corrupt":
            at = self._chance.randrange(len(data))
            return data[:at] + bytes([data[at] ^ (1 << self._chance.randrange(8))]) + data[at + 1 :]
        return data[: self._chance.randrange(len(data))]


def deliver(world: World, chance: random.Random, generations: int) -> tuple[int, float]:
    """Publish lists while the weather changes; returns how many arrived in time, and the longest delay in intervals.

    Each list is published in bad weather, which ends after 0 to 3 polls. In time: within two intervals after that.
    """
    weather, arrived, longest = Weather(world, chance), 0, 0.0
    every = world.source.pacing.every_s
    for generation in range(1, generations + 1):
        content = snapshot(generation, people=3, title=f"List {generation}")
        world.way.faults = weather
        world.publisher.publish(content)
        for name in [name for name in world.publisher.files if name.startswith("snapshot-")][:-3]:
            del world.publisher.files[name]  # as `publish` prunes
        for _ in range(chance.randrange(4)):
            world.poll()
            check_home(world.home)
        world.way.faults = None
        healthy = world.now_s
        path = world.home.snapshot(generation)
        for _ in range(10):
            if path.exists():
                break
            world.poll()
        assert read(path, keys=TRUSTED).snapshot == content
        delay = (world.now_s - healthy) / every
        longest = max(longest, delay)
        arrived += delay <= 2
        for old in world.home.snapshots.iterdir():  # so that checking stays quick; the fetcher itself deletes nothing
            if old.name.startswith("snapshot-") and old != path:
                old.unlink()
    return arrived, longest


@pytest.mark.slow
def test_each_of_1000_lists_arrives_within_two_intervals_of_good_weather(tmp_path: Path) -> None:
    world = World(tmp_path, every_s=0.2)

    arrived, longest = deliver(world, random.Random(15), 1000)  # noqa: S311 - repeats in every run

    assert arrived == 1000
    assert longest <= 2


def test_after_a_long_outage_the_wait_is_at_most_five_minutes(tmp_path: Path) -> None:
    world = World(tmp_path, every_s=0.2)

    def cut(name: str, data: bytes) -> bytes:
        raise SourceError("cut")

    world.way.faults = cut
    for _ in range(100):
        world.poll()
    world.way.faults = None
    world.publisher.publish(snapshot(1))
    healthy = world.now_s
    assert world.poll()

    assert world.now_s - healthy <= 300
    assert "snapshot-000001.json" in world.names()
    assert KEY.public.keyid in TRUSTED

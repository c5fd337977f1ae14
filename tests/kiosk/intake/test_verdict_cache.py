"""Verdicts about files: when one is read, when a bad one is called bad, and what another context forgets."""

from collections.abc import Callable
from pathlib import Path

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.errors import SnapshotMalformed
from kiosk.intake.snapshot_files import Stamp
from kiosk.intake.verdict_cache import Verdicts


class Files:
    """A directory that exists on paper only: which file is good, and how often each was read."""

    def __init__(self, *, most: int | None = None) -> None:
        self.clock = ManualClock()
        self.verdicts: Verdicts[str] = Verdicts(self.clock, settle_ns=NS_PER_S, most=most)
        self.bad: set[str] = set()
        self.read: list[str] = []

    def _reader(self, name: str) -> Callable[[Path], str]:
        def read(path: Path) -> str:
            assert path == Path(name)
            self.read.append(name)
            if name in self.bad:
                raise SnapshotMalformed(f"{name} is bad")
            return name.upper()

        return read

    def look(self, *names: str, context: object = "keys", version: int = 1) -> list[str | None]:
        """Look once at these files; returns what each holds."""
        self.verdicts.begin(context)
        self.read.clear()
        stamps = [Stamp(name, 1, 1, version, version) for name in names]
        return [self.verdicts.ask(Path(stamp.name), stamp, self._reader(stamp.name)) for stamp in stamps]

    @property
    def refused(self) -> list[str]:
        return [refusal.path.name for refusal in self.verdicts.refusals]


def test_before_the_first_look_nothing_is_refused_and_nothing_waits() -> None:
    verdicts = Files().verdicts

    assert verdicts.refusals == []
    assert verdicts.waiting is False


def test_a_good_file_is_read_once_and_known_from_then_on() -> None:
    files = Files()

    assert files.look("a") == ["A"]
    assert files.read == ["a"]
    assert files.look("a") == ["A"]
    assert files.read == []
    assert files.verdicts.waiting is False


def test_a_file_that_changed_is_read_again() -> None:
    files = Files()
    files.look("a")

    files.look("a", version=2)

    assert files.read == ["a"]


def test_what_was_found_out_under_other_keys_counts_for_nothing() -> None:
    files = Files()
    files.look("a")

    files.look("a", context="other keys")

    assert files.read == ["a"]


def test_a_look_that_did_not_meet_a_file_forgets_it() -> None:
    files = Files()
    files.look("a")
    files.look("b")

    files.look("a")

    assert files.read == ["a"]


def test_a_bad_file_is_read_at_every_look_and_refused_once_it_stands_still() -> None:
    files = Files()
    files.bad = {"a"}

    for waited_ns in (0, 1, NS_PER_S - 2):
        files.clock.sleep_ns(waited_ns)
        assert files.look("a") == [None]
        assert (files.read, files.refused, files.verdicts.waiting) == (["a"], [], True)
    files.clock.sleep_ns(1)
    assert files.look("a") == [None]
    assert (files.read, files.refused, files.verdicts.waiting) == (["a"], ["a"], False)
    assert files.look("a") == [None]
    assert (files.read, files.refused) == ([], ["a"])


def test_the_time_counts_from_the_change_of_that_file_and_not_of_another() -> None:
    files = Files()
    files.bad = {"a", "b"}
    files.look("a")
    files.clock.sleep_ns(NS_PER_S)

    files.look("a", "b")

    assert files.refused == ["a"]
    assert files.verdicts.waiting is True


def test_a_file_that_was_growing_is_good_as_soon_as_it_is() -> None:
    files = Files()
    files.bad = {"a"}
    files.look("a")
    files.bad = set()

    assert files.look("a") == ["A"]
    assert files.verdicts.waiting is False


def test_a_file_that_waits_is_not_forgotten_over_a_good_one_after_it() -> None:
    files = Files()
    files.bad = {"a"}

    files.look("a", "b")

    assert files.verdicts.waiting is True


def test_files_beyond_the_limit_of_one_look_are_read_at_the_next_looks() -> None:
    files = Files(most=2)

    assert files.look("a", "b", "c", "d", "e") == ["A", "B", None, None, None]
    assert files.verdicts.waiting is True
    assert files.look("a", "b", "c", "d", "e") == ["A", "B", "C", "D", None]
    assert files.read == ["c", "d"]
    assert files.look("a", "b", "c", "d", "e") == ["A", "B", "C", "D", "E"]
    assert files.verdicts.waiting is False

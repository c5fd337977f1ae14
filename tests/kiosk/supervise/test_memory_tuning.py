"""How the process holds memory: nothing is collected while the wheel turns."""

import gc
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from kiosk.machine import State
from kiosk.supervise import memory_tuning
from kiosk.supervise.memory_tuning import MemoryTuning, hold_for_motion, hold_for_start, release_at_rest


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    yield
    release_at_rest()


def test_cycles_are_collected_at_rest_and_not_in_motion() -> None:
    hold_for_motion()
    assert not gc.isenabled()

    release_at_rest()
    assert gc.isenabled()


def test_nothing_is_collected_until_the_result_has_been_seen_and_the_loop_is_idle() -> None:
    tuning = MemoryTuning()
    tuning.on_motion()
    tuning.on_rest()
    assert not gc.isenabled()

    tuning.on_idle(recorded=True)
    assert gc.isenabled()


def test_idle_without_a_spin_before_it_changes_nothing() -> None:
    tuning = MemoryTuning()
    tuning.on_idle(recorded=True)
    gc.disable()
    tuning.on_idle(recorded=True)

    assert not gc.isenabled()


def test_what_was_held_for_the_start_is_given_back_in_the_first_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    trimmed: list[int] = []
    monkeypatch.setattr(memory_tuning, "_libc", lambda: SimpleNamespace(mallopt=tell, malloc_trim=trimmed.append))
    told: dict[int, int] = {}

    def tell(option: int, value: int) -> None:
        told[option] = value

    hold_for_start()
    held = dict(told)
    MemoryTuning().on_idle(recorded=True)

    assert trimmed == [0]
    assert all(
        told[option] < held[option] for option in (memory_tuning._M_TRIM_THRESHOLD, memory_tuning._M_MMAP_THRESHOLD)
    )


def test_once_nothing_has_changed_for_a_moment_free_pages_are_given_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a start and after a new list 12 MB of free pages stayed between the pictures."""
    trimmed: list[int] = []
    libc = SimpleNamespace(mallopt=lambda *_: None, malloc_trim=trimmed.append)
    monkeypatch.setattr(memory_tuning, "_libc", lambda: libc)
    now = [0.0]
    tuning = MemoryTuning(lambda: now[0])
    counts = []
    for now[0] in (0.0, 0.5, 1.5, 3.0, 4.0, 4.5, 5.5, 9.0):
        if now[0] == 4.0:
            tuning.on_change(State.IDLE, ())
        tuning.on_idle(recorded=True)
        counts.append(len(trimmed))

    assert counts == [1, 1, 2, 2, 2, 2, 3, 3]


def test_nothing_is_given_back_while_the_wheel_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    trimmed: list[int] = []
    libc = SimpleNamespace(mallopt=lambda *_: None, malloc_trim=trimmed.append)
    monkeypatch.setattr(memory_tuning, "_libc", lambda: libc)
    tuning = MemoryTuning(lambda: 0.0)
    tuning.on_motion()
    tuning.on_change(State.SPINNING, ())

    assert trimmed == []

"""The statistics of the draw, in short; `python -m bench.fairness` has them at full length."""

import sys

import pytest

from bench import fairness
from kiosk.draw.protocol import uniform


def test_the_sampler_enumerated_with_eight_bits_is_exactly_uniform_for_every_total() -> None:
    figure = fairness.enumerate_sampler()

    assert figure.holds, figure


def test_the_enumeration_would_notice_a_sampler_without_rejection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "uniform", lambda value, total, size: value % total)

    assert not fairness.enumerate_sampler().holds


def test_less_than_half_of_all_numbers_are_ever_rejected() -> None:
    for total in range(1, 257):
        assert sum(uniform(value, total, size=256) is None for value in range(256)) < 128


def test_without_scipy_the_command_says_so_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    monkeypatch.setattr(fairness, "count_equal", None)

    assert fairness.main([]) == 2
    assert "pip install scipy" in capsys.readouterr().err


def test_the_first_the_last_and_every_other_entry_can_win() -> None:
    assert min(fairness.count_equal(100, range(1, 5000))) > 0


@pytest.mark.slow
def test_the_short_statistics_hold() -> None:
    pytest.importorskip("scipy")

    for figure in fairness.figures(draws=60_000, plans=2000):
        assert figure.holds, figure


@pytest.mark.slow
def test_statistics_notice_a_biased_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    counts = fairness.count_equal(50, range(1, 20_001))
    counts[7] += 200

    assert fairness._chi_square(counts, [sum(counts) / 50] * 50) < fairness.SMALLEST_P

"""An evening of prizes in a real window, by keys alone; `python -m tests.e2e.evening_in_window` keeps its pictures."""

from pathlib import Path

import pytest

from tests.e2e.evening_in_window import play


@pytest.mark.slow
@pytest.mark.window
def test_an_evening_by_keys_in_a_real_window_is_signed_at_every_step(tmp_path: Path) -> None:
    played = play(tmp_path, "800x480")

    assert list(played.steps) == ["one_prize", "absence", "hampers", "correction", "fifty", "tens", "reserves", "end"]
    assert all(sentence.startswith("SIGNED up to record") for sentence in played.steps.values()), played.steps
    assert played.steps["end"].endswith("event closed")

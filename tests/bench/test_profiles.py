"""`make profile` on real processes: a spin, a start and an import, by function, and the imports of a start."""

import pytest

from bench import profiles


@pytest.mark.slow
def test_the_profiles_name_the_functions_that_take_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    profiles.main()
    printed = capsys.readouterr().out

    for heading in ("a spin of 660 frames", "a start, and one simulated spin", "an import of 3000 rows"):
        assert heading in printed
    assert printed.count("Ordered by: internal time") == 3
    assert "view.py" in printed  # what draws a spin
    assert "pygame" in printed.partition("imports of a start")[2]

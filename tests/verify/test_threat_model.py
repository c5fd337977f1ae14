"""docs/threat-model.md: every test that it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for text in texts for name in re.findall(r"^ *(?:async )?def (test_\w+)", text, re.MULTILINE)}
    assert len(named) > 30
    assert named - there == set()


def test_each_of_the_six_attackers_has_a_table_and_what_stays_open() -> None:
    sections = re.split(r"^## \d\. ", PAGE, flags=re.MULTILINE)[1:]
    assert len(sections) == 6
    assert all("| test |" in section and "Stays open:" in section for section in sections)


def test_what_signed_says_comes_first() -> None:
    assert re.findall(r"^## (.*)", PAGE, re.MULTILINE)[0] == "What SIGNED says, and what it does not say"

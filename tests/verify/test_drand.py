"""BLS signatures of drand rounds: quicknet's own vector, and what is no signature of that round."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.verify.history import NOON, History
from tests.verify.judge import judge
from verify import verify_draw
from verify.verify_draw import drand_text_holds

SIGNATURE = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
"""Of round 1000, from drand's public interface."""
TOOLS = Path(__file__).resolve().parents[2] / "tools"
AROSE = 1692803367 + 3 * 999


@pytest.mark.slow
def test_the_signature_of_a_round_of_quicknet_holds() -> None:
    assert drand_text_holds(f"drand:quicknet:1000:{SIGNATURE}") is True


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        f"drand:quicknet:1001:{SIGNATURE}",
        f"drand:quicknet:1000:{SIGNATURE[:-1]}8",
        f"drand:quicknet:1000:{'ab' * 48}",
        f"drand:quicknet:1000:{'0f' * 48}",
        f"drand:quicknet:1000:c0{'00' * 47}",
        f"drand:quicknet:1000:9{SIGNATURE[1:]}",
    ],
    ids=["of another round", "one digit off", "not on the curve", "not compressed", "infinity", "the negative point"],
)
def test_what_is_not_the_signature_of_the_round_is_refused(text: str) -> None:
    assert drand_text_holds(text) is False


@pytest.mark.slow
def test_json_nested_without_end_is_still_refused_after_a_round_was_checked() -> None:
    """Seen in a test run: the library raises Python's recursion limit, and the parser then crashed the process."""
    code = (
        "from verify import verify_draw\n"
        f"assert verify_draw.drand_text_holds('drand:quicknet:1000:{SIGNATURE}')\n"
        "try:\n    verify_draw.read_canonical(b'[' * 100_000)\n"
        "except ValueError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=TOOLS)
    assert (done.returncode, done.stdout) == (0, "refused\n")


def test_without_the_library_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py_ecc.bls.hash_to_curve", None)
    assert drand_text_holds.__wrapped__(f"drand:quicknet:1000:{SIGNATURE}") is None


@pytest.mark.parametrize(("signature", "word"), [(SIGNATURE, "SIGNED"), ("ab" * 48, "BROKEN")])
def test_a_checked_round_is_not_called_unchecked_and_a_wrong_one_is_broken(
    signature: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_draw, "drand_text_holds", drand_text_holds)
    monkeypatch.setattr("tests.verify.history.NOON", NOON.fromtimestamp(AROSE - 90, NOON.tzinfo))
    story = History().begin(entropy=["drand:quicknet:1000"])
    story.entropy(f"drand:quicknet:1000:{signature}")
    story.press()

    judged = judge(story, tmp_path)

    assert judged.word == word
    if word == "SIGNED":
        assert judged["level"] == "public, if you kept the anchor before its public text"
        assert judged["notices"] == []
    else:
        assert "not the signature of the drand round" in judged.why

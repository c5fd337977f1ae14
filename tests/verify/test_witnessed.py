"""WITNESSED, the levels of spins, and the exit status."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.verify.acts import requested, short, spun
from tests.verify.history import DRAND, EVENT, STRANGER, History, canonical
from tests.verify.judge import NAMED, judge, judge_home, run

TOOL = Path(__file__).resolve().parents[2] / "tools" / "verify" / "verify_draw.py"

# --- WITNESSED ---


def test_anchor_and_head_kept_make_a_live_draw_witnessed(tmp_path: Path) -> None:
    story = spun(2, "dice")
    judged = judge(story, tmp_path, "--seen", story.anchor, story.head, "--require", "witnessed")
    assert (judged["sentence"], judged.status) == (f"WITNESSED up to record {len(story.lines)}, event open", 0)
    assert judged["level"] == "live"


def test_what_was_kept_may_be_typed_in_its_short_form(tmp_path: Path) -> None:
    story = spun(2, "dice")
    code = short(story.head)
    assert (
        judge(story, tmp_path, "--seen", short(story.anchor), f"{code[:9]}-{code[9:18]} {code[18:].lower()}").word
        == "WITNESSED"
    )


@pytest.mark.parametrize("what", ["anchor", "head"])
def test_one_of_the_two_kept_is_not_witnessed(what: str, tmp_path: Path) -> None:
    story = spun(2, "dice")
    judged = judge(story, tmp_path, "--seen", getattr(story, what), "--require", "witnessed")
    assert (judged.word, judged.status, judged["level"]) == ("SIGNED", 3, "live, if you were there")


def test_a_head_before_the_last_result_witnesses_the_spins_before_it(tmp_path: Path) -> None:
    story = spun(1, "dice")
    head = story.head
    story.press()
    judged = judge(story, tmp_path, "--seen", story.anchor, head)
    assert (judged.word, [spin["witnessed"] for spin in judged["spins"]]) == ("SIGNED", [True, False])


def test_a_superseded_anchor_witnesses_nothing(tmp_path: Path) -> None:
    story = History().begin(entropy=["dice"])
    superseded = story.anchor
    story.adopt()
    story.entropy("dice:1")
    story.press()
    judged = judge(story, tmp_path, "--seen", superseded, story.head)
    assert judged.word == "SIGNED"
    assert any("no spin was made" in notice for notice in judged["notices"])


def test_a_sealed_spin_is_never_witnessed(tmp_path: Path) -> None:
    story = spun(2)
    judged = judge(story, tmp_path, "--seen", story.anchor, story.head)
    assert (judged.word, judged["level"]) == ("SIGNED", "sealed: you trust whoever runs the kiosk")


def test_a_void_spin_does_not_keep_the_others_from_witnessed(tmp_path: Path) -> None:
    story = spun(1, "dice")
    first = story.anchor
    story.open()
    story.void()
    story.again()
    story.entropy("dice:2")
    story.press()
    seen = ("--seen", first, story.anchor, story.head)
    assert judge(story, tmp_path, *seen, "--accept", "7").word == "WITNESSED"
    assert judge(story, tmp_path, *seen).word == "CONSISTENT"


def test_without_a_spin_nothing_is_witnessed(tmp_path: Path) -> None:
    story = spun(0, "dice")
    assert judge(story, tmp_path, "--seen", story.anchor, story.head).word == "SIGNED"


def test_what_was_kept_and_is_not_in_the_ledger_breaks_it(tmp_path: Path) -> None:
    assert judge(spun(2, "dice"), tmp_path, "--seen", "ab" * 32).word == "BROKEN"


def test_witnessed_needs_signed(tmp_path: Path) -> None:
    story = spun(2, "dice")
    assert judge(story, tmp_path, "--seen", story.anchor, story.head, named=()).word == "CONSISTENT"


@pytest.mark.parametrize(
    "code", ["19781792b1e471f8", "35W1F4NHWHRZHAMPTRSFQWQ0V9", "35W1F4NHWHRZHAMPTRSFQWQ0V97", "35W1", ""]
)
@pytest.mark.parametrize("option", ["--seen", "--kiosk", "--organiser"])
def test_a_shortened_or_mistyped_code_is_refused(option: str, code: str, tmp_path: Path) -> None:
    assert judge(spun(), tmp_path, option, code).status == 2


# --- Levels and exit status ---


@pytest.mark.parametrize(
    ("entropy", "alone", "kept"),
    [
        (["dice"], "live, if you were there", "live"),
        (["audience"], "live, if you were there", "live"),
        (["lottery:saturday"], "public, if you kept the anchor before its public text", "public"),
        (
            ["dice", DRAND],
            "public, if you kept the anchor before its public text; drand round unchecked",
            "public; drand round unchecked",
        ),
    ],
)
def test_live_and_public_are_told_as_such_only_when_witnessed(
    entropy: list[str], alone: str, kept: str, tmp_path: Path
) -> None:
    story = spun(1, *entropy)
    assert judge(story, tmp_path)["level"] == alone
    judged = judge(story, tmp_path, "--seen", story.anchor, story.head)
    assert judged["level"] == kept
    assert any("unchecked" in notice for notice in judged["notices"]) == (DRAND in entropy)


def test_verdict_and_level_stand_together(tmp_path: Path) -> None:
    assert (
        run(str(spun().write(tmp_path)), *NAMED)[1].splitlines()[-2]
        == "level: sealed: you trust whoever runs the kiosk"
    )


def test_a_second_ledger_put_beside_the_kiosks_spoils_nothing(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    (home / "ledger.jsonl").write_bytes(spun(1).ledger())
    (home / "snapshots" / "ledger.jsonl").write_bytes(b"junk\n")
    assert judge_home(home).word == "SIGNED"


def test_the_level_of_the_whole_is_that_of_its_lowest_spin(tmp_path: Path) -> None:
    story = spun(1, "lottery:saturday").again(entropy=["dice"])
    story.entropy("dice:1")
    story.press()
    assert judge(story, tmp_path)["level"] == "live, if you were there"
    story.again(entropy=[])
    story.press()
    assert judge(story, tmp_path)["level"].startswith("sealed")


def test_the_exit_status_is_what_was_asked_for(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    told = {word: judge_home(home, "--require", word).status for word in ("consistent", "signed", "witnessed")}
    assert told == {"consistent": 0, "signed": 0, "witnessed": 3}
    told = {
        word: judge_home(home, "--require", word, named=()).status for word in ("consistent", "signed", "witnessed")
    }
    assert told == {"consistent": 0, "signed": 3, "witnessed": 3}


def test_without_cryptography_it_says_so_and_never_signed(tmp_path: Path) -> None:
    story = spun(2, "dice")
    home = story.write(tmp_path)
    command = [sys.executable, "-I", "-S", str(TOOL), str(home), *NAMED, "--seen", story.anchor, story.head]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout.splitlines()[-1], told.stderr) == (3, "CONSISTENT", "")
    assert "NO SIGNATURE WAS CHECKED" in told.stdout


def test_files_of_a_copy_may_be_named_one_by_one(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    files = [str(path) for path in home.rglob("*") if path.is_file()]
    assert run(*files, *NAMED)[0] == 0
    assert run(*(file for file in files if "checkpoints" not in file), *NAMED)[0] == 3


def test_a_ticket_cannot_move_the_cursor_of_who_reads(tmp_path: Path) -> None:
    story = History().begin(entries=[{"ticket": "A\u05d0B", "weight": 1, "group": "", "household": 0}])
    story.press()
    out = run(str(story.write(tmp_path)), *NAMED)[1]
    assert out.isascii()
    assert "SIGNED" in out


def test_a_request_kept_under_another_name_is_found(tmp_path: Path) -> None:
    story = requested()
    name = next(name for name in story.files if name.startswith("kiosk/requests/"))
    story.files["somewhere/else.json"] = story.files.pop(name)
    assert judge(story, tmp_path).word == "SIGNED"


def test_a_request_of_another_kind_is_broken(tmp_path: Path) -> None:
    story = spun(1)
    request = story.request("wheel-close/2", event=EVENT)
    story.claim("", 1, "confirmed", request=request)
    assert judge(story, tmp_path).word == "BROKEN"


def test_a_list_signed_by_two_organisers_is_that_of_the_one_told(tmp_path: Path) -> None:
    story = spun(1)
    story.files["snapshots/other.json"] = STRANGER.envelope(canonical(story.list), "wheel-snapshot/2")
    assert judge(story, tmp_path).word == "SIGNED"

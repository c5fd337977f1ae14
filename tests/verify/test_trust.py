"""Which word an auditor gets: what lowers it, what cannot raise it, and what was tried in attacks on it."""

import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from tests.verify.acts import evening, requested, short, spun, whole_evening
from tests.verify.history import EVENT, KIOSK, LATER_EVENT, ORGANISER, OTHER_KIOSK, STRANGER, History
from tests.verify.judge import NAMED, judge, judge_home, run

VERIFIERS = Path(__file__).resolve().parents[2] / "tools" / "verify"

# --- SIGNED needs every key named, and every record vouched for ---


def test_signed_says_up_to_which_record_and_whether_the_event_is_open(tmp_path: Path) -> None:
    judged = judge(story := spun(), tmp_path)
    assert (judged["sentence"], judged.status) == (f"SIGNED up to record {len(story.lines)}, event open", 0)


def test_signed_says_that_the_last_event_is_closed(tmp_path: Path) -> None:
    story = spun()
    story.close()
    assert judge(story, tmp_path)["sentence"] == f"SIGNED up to record {len(story.lines)}, event closed"


def test_a_closed_event_before_the_last_leaves_the_last_one_open(tmp_path: Path) -> None:
    story = spun().again(event=LATER_EVENT)
    story.close(event=EVENT)
    assert judge(story, tmp_path)["sentence"].endswith("event open")


@pytest.mark.parametrize("named", [(), NAMED[:2], NAMED[4:]], ids=["nobody", "kiosk alone", "organiser alone"])
def test_without_both_keys_named_nothing_is_signed(named: tuple[str, ...], tmp_path: Path) -> None:
    judged = judge(spun(), tmp_path, named=named)
    assert (judged.word, judged.status) == ("CONSISTENT", 3)
    assert "was named" in judged.why


def test_the_word_is_the_last_line_and_only_that(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    assert run(str(home))[1].splitlines()[-1] == "CONSISTENT"
    assert run(str(home), *NAMED)[1].splitlines()[-1].startswith("SIGNED up to record ")


def test_every_kiosk_up_to_the_last_record_has_to_be_named(tmp_path: Path) -> None:
    home = whole_evening().write(tmp_path)
    assert judge_home(home).word == "SIGNED"
    for only in (KIOSK, OTHER_KIOSK):
        judged = judge_home(home, named=("--kiosk", only.id, "--organiser", ORGANISER.id))
        assert judged.word == "CONSISTENT"


def test_a_named_key_whose_file_is_missing_vouches_for_nothing(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    (home / "kiosk" / "kiosk-key.pub.pem").unlink()
    judged = judge_home(home)
    assert judged.word == "CONSISTENT"
    assert f"public key {KIOSK.id} is missing" in judged.why


def test_a_key_is_named_by_its_short_form_too(tmp_path: Path) -> None:
    assert (
        judge(spun(), tmp_path, named=("--kiosk", short(KIOSK.id), "--organiser", short(ORGANISER.id))).word == "SIGNED"
    )


def test_key_ids_come_from_a_file_of_the_auditor(tmp_path: Path) -> None:
    trust = tmp_path / "trust.txt"
    trust.write_text(f"# from the photograph\nkiosk {KIOSK.id}\n\norganiser {ORGANISER.id}  # their own site\n")
    home = spun().write(tmp_path / "home")
    assert judge_home(home, "--trust", str(trust), named=()).word == "SIGNED"
    trust.write_text(f"everybody {KIOSK.id}\n")
    assert judge_home(home, "--trust", str(trust), named=()).status == 2


# --- Forged without a key ---


def test_a_ledger_forged_without_a_key_is_never_signed(tmp_path: Path) -> None:
    story = spun(3)
    forged = History(seed=99)
    forged.files, forged.list, forged.s, forged.generation = story.files, story.list, story.s, story.generation
    forged.adopt()
    for _ in range(3):
        forged.press()
    forged.checkpoints = []
    judged = judge(forged, tmp_path)
    assert judged.word == "CONSISTENT"
    assert "no checkpoints" in judged.why


def test_a_forger_with_keys_of_his_own_in_the_files_is_never_signed(tmp_path: Path) -> None:
    story = History(kiosk=STRANGER)
    story.publish(by=STRANGER)
    story.adopt(signer=STRANGER.id)
    story.files["kiosk/trusted/organiser.pem"] = STRANGER.pem
    story.press()
    judged = judge(story, tmp_path)
    assert judged.word == "CONSISTENT"
    assert f"key {STRANGER.id} of a kiosk was not named" in judged.why


def test_a_forger_who_names_the_honest_kiosk_cannot_sign_for_it(tmp_path: Path) -> None:
    story = spun()
    story.checkpoints = []
    story.checkpoint(key=STRANGER, kiosk=KIOSK.id)
    story.files["kiosk/forger.pem"] = STRANGER.pem
    judged = judge(story, tmp_path)
    assert judged.word == "CONSISTENT"
    assert any("1 lines of checkpoints were ignored" in notice for notice in judged["notices"])


@pytest.mark.parametrize("module", ["hmac", "json", "re", "cryptography"])
@pytest.mark.parametrize("verifier", ["verify_draw", "verify_receipt"])
def test_modules_beside_a_verifier_are_not_loaded(verifier: str, module: str, tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    shutil.copy(VERIFIERS / f"{verifier}.py", home)
    (home / f"{module}.py").write_text("print('SIGNED up to record 999, event closed'); raise SystemExit(0)\n")
    command = [sys.executable, f"{verifier}.py", "--help"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=True)
    assert "SIGNED up to record 999" not in done.stdout
    assert "usage: " in done.stdout


def test_a_note_that_names_another_key_changes_nothing(tmp_path: Path) -> None:
    story = spun()
    story.record("note", text=f"kiosk {STRANGER.id}", sign=False)
    story.checkpoint(key=STRANGER)
    story.files["kiosk/forger.pem"] = STRANGER.pem
    assert judge(story, tmp_path, *("--kiosk", STRANGER.id)).word == "CONSISTENT"


def test_no_checkpoints_file_is_never_signed(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    (home / "kiosk" / "checkpoints.jsonl").unlink()
    assert judge_home(home).word == "CONSISTENT"


def test_records_after_the_last_signed_head_are_counted_and_not_signed(tmp_path: Path) -> None:
    story = spun()
    signed = len(story.checkpoints)
    story.again()
    story.press()
    story.checkpoints = story.checkpoints[:signed]
    judged = judge(story, tmp_path)
    assert judged.word == "CONSISTENT"
    assert f"4 of {len(story.lines)} records follow the last signed head" in judged.why


def test_a_copy_taken_mid_spin_has_an_unsigned_tail(tmp_path: Path) -> None:
    story = spun()
    story.open()
    assert judge(story, tmp_path).word == "CONSISTENT"


def test_a_cut_copy_is_signed_as_far_as_it_goes_and_open(tmp_path: Path) -> None:
    story = spun(3)
    story.close()
    story.lines, story.checkpoints = story.lines[:4], story.checkpoints[:2]
    assert judge(story, tmp_path)["sentence"] == "SIGNED up to record 4, event open"


def test_a_ledger_cut_below_a_signed_head_is_broken(tmp_path: Path) -> None:
    story = spun(3)
    story.lines = story.lines[:4]
    judged = judge(story, tmp_path)
    assert (judged.word, judged.status) == ("BROKEN", 1)
    assert "its end was cut" in judged.why


def test_a_signed_head_that_contradicts_its_record_is_broken(tmp_path: Path) -> None:
    story = spun()
    story.checkpoint(head="ab" * 32, seq=3)
    assert judge(story, tmp_path).word == "BROKEN"


def test_two_signed_heads_for_one_record_are_a_fork(tmp_path: Path) -> None:
    story = spun()
    story.restored(OTHER_KIOSK)
    story.press()
    for head in ("ab", "cd"):  # of the old key, which does not count there any more
        story.checkpoint(key=KIOSK, head=head * 32)
    judged = judge(story, tmp_path)
    assert (judged.word, "a fork" in judged.why) == ("BROKEN", True)


def test_a_key_does_not_count_after_a_record_that_names_another(tmp_path: Path) -> None:
    story = spun()
    story.restored(OTHER_KIOSK)
    story.checkpoints.pop()
    story.checkpoint(key=KIOSK)
    judged = judge(story, tmp_path)
    assert judged.word == "CONSISTENT"
    assert any("lines of checkpoints were ignored" in notice for notice in judged["notices"])


def test_the_holder_of_the_next_key_cannot_write_the_past_of_the_key_before(tmp_path: Path) -> None:
    """He invents all that the first kiosk did, goes on under his own key, and signs his own head."""
    story = spun()
    before = len(story.checkpoints)
    story.restored(OTHER_KIOSK)
    story.press()
    assert judge(story, tmp_path / "whole").word == "SIGNED"

    del story.checkpoints[:before]
    assert judge(story, tmp_path / "invented").word == "CONSISTENT"


def test_records_of_the_kiosk_before_that_were_left_out_are_told(tmp_path: Path) -> None:
    """The next kiosk goes on from an earlier record; somebody has a head that the first kiosk signed after it."""
    story, longer = spun(1), spun(2)
    story.restored(OTHER_KIOSK)
    story.press()
    assert judge(story, tmp_path / "without")["notices"] == ["record 5: a restored kiosk with another key goes on"]

    story.checkpoints.append(longer.checkpoints[-1])
    judged = judge(story, tmp_path / "with")
    assert judged.word == "SIGNED"
    assert [one for one in judged["notices"] if f"{KIOSK.id[:16]} signed a record 7 that is not here" in one] != []


def test_the_next_kiosk_finishes_a_spin_that_the_one_before_left_open(tmp_path: Path) -> None:
    """Nobody signs a head while a spin is open; the list and the anchor decide what such a spin may say."""
    story = spun()
    story.open()
    story.result()
    story.restored(OTHER_KIOSK)
    story.shown()
    assert judge(story, tmp_path / "finished")["sentence"] == f"SIGNED up to record {len(story.lines)}, event open"

    del story.checkpoints[-3]  # the one that the first kiosk signed before that spin
    assert judge(story, tmp_path / "invented").word == "CONSISTENT"


def test_a_restored_kiosk_that_was_not_named_is_not_signed(tmp_path: Path) -> None:
    story = spun()
    story.restored(STRANGER)
    story.press()
    assert judge(story, tmp_path).word == "CONSISTENT"


GARBAGE = [b"\n", b"{}\n", b"\0" * 40 + b"\n", b"\xff\xfe\n", b'{"a":' * 9000 + b"\n", b"9" * 5000 + b"\n", b"torn"]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_in_the_checkpoints_is_counted_and_ignored(garbage: bytes, tmp_path: Path) -> None:
    story = spun()
    story.checkpoints.append(garbage)
    judged = judge(story, tmp_path)
    assert judged.word == "SIGNED"
    assert any("1 lines of checkpoints were ignored" in notice for notice in judged["notices"])


# --- Lists and requests ---


def test_a_missing_list_is_unusable(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    shutil.rmtree(home / "snapshots")
    judged = judge_home(home)
    assert (judged.status, "is missing" in judged.why) == (2, True)


def test_a_list_by_an_organiser_who_was_not_named_is_not_signed(tmp_path: Path) -> None:
    story = History()
    story.publish(by=STRANGER)
    story.adopt(signer=STRANGER.id)
    story.files["kiosk/trusted/stranger.pem"] = STRANGER.pem
    judged = judge(story, tmp_path)
    assert judged.word == "CONSISTENT"
    assert f"the list of record 1: signed by key {STRANGER.id}" in judged.why


def resign(story: History, name: str) -> None:
    """Put a signature of the stranger under the organiser's id."""
    good = story.files[name]
    bad = b64encode(STRANGER.private.sign(b"something")).decode().encode()
    start = good.index(b'"sig":"') + 7
    story.files[name] = good[:start] + bad + good[start + 88 :]


def test_a_list_with_a_bad_signature_is_broken(tmp_path: Path) -> None:
    story = spun()
    resign(story, next(name for name in story.files if name.startswith("snapshots/")))
    judged = judge(story, tmp_path)
    assert (judged.word, "signature" in judged.why) == ("BROKEN", True)


def test_a_badly_signed_copy_beside_the_list_spoils_nothing(tmp_path: Path) -> None:
    story = spun()
    name = next(name for name in story.files if name.startswith("snapshots/"))
    good = story.files[name]
    resign(story, name)
    story.files = {"snapshots/a.json": story.files[name], "snapshots/b.json": good} | story.files
    assert judge(story, tmp_path).word == "SIGNED"


def test_a_missing_request_is_not_signed(tmp_path: Path) -> None:
    judged = judge(requested(keep=False), tmp_path)
    assert judged.word == "CONSISTENT"
    assert "the request of record 5 is missing" in judged.why


def test_a_request_by_somebody_who_was_not_named_is_not_signed(tmp_path: Path) -> None:
    assert judge(requested(by=STRANGER), tmp_path).word == "CONSISTENT"


def test_a_request_with_a_bad_signature_is_broken(tmp_path: Path) -> None:
    story = requested()
    resign(story, next(name for name in story.files if name.startswith("kiosk/requests/")))
    assert judge(story, tmp_path).word == "BROKEN"


def test_the_names_files_are_not_needed(tmp_path: Path) -> None:
    story = spun()
    story.files["snapshots/names-0123456789abcdef.json"] = b"not even JSON\n"
    judged = judge(story, tmp_path)
    assert (judged.word, judged["notices"]) == ("SIGNED", [])


# --- Re-rolls: none is silent ---


def lost_after_open() -> History:
    story = spun(1)
    story.open()
    story.void()
    story.again()
    story.press()
    return story


def test_a_void_lowers_the_word_until_it_is_accepted(tmp_path: Path) -> None:
    home = lost_after_open().write(tmp_path)
    judged = judge_home(home)
    assert (judged.word, f"record 6: spin 2 of event {EVENT} was opened and is void" in judged.why) == (
        "CONSISTENT",
        True,
    )
    assert judge_home(home, "--accept", "6").word == "SIGNED"
    assert judge_home(home, "--accept", "5").word == "CONSISTENT"


def test_a_list_adopted_over_unused_entropy_lowers_the_word(tmp_path: Path) -> None:
    story = spun(0, "dice").again()
    story.entropy("dice:6.6.6")
    story.press()
    home = story.write(tmp_path)
    judged = judge_home(home)
    assert (judged.word, "record 3: adopt, although" in judged.why) == ("CONSISTENT", True)
    assert judge_home(home, "--accept", "3").word == "SIGNED"


def test_every_adopt_is_listed_with_what_was_drawn_before(tmp_path: Path) -> None:
    story = spun(2).again(generation=5)
    for _ in range(3):
        story.adopt()
    judged = judge(story, tmp_path)
    told = [(one["record"], one["generation"], one["skipped"], one["spins_before"]) for one in judged["adopts"]]
    assert told == [(1, 1, 0, 0), (8, 5, 3, 2), (9, 5, 0, 0), (10, 5, 0, 0), (11, 5, 0, 0)]


def test_presses_out_of_order_and_freed_places_are_counted(tmp_path: Path) -> None:
    story = evening(rules=evening().list["rules"] | {"order": "free"}, spins=History().begin().list["spins"])
    story.press("rest")
    story.press("grand")
    story.claim("rest", 1, "absent", by=None)
    story.claim("grand", 1, "declined")
    judged = judge(story, tmp_path)
    told = [judged[name] for name in ("out of order", "freed by key", "freed by request")]
    assert (judged.word, told) == ("SIGNED", [1, 1, 1])

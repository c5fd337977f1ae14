"""What the verifier tells besides its word: levels, titles and names that changed, entropy given up, odd files."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.verify.acts import evening, spun
from tests.verify.history import EVENT, STRANGER, History, sha
from tests.verify.judge import NAMED, Judged, judge, judge_home, run
from tests.verify.list_parts import ENTRY_CHANGES, LATE, Change, Fields, entries, rules, spins
from verify import verify_draw

FIXED = {"mode": "fixed", "ticket": "E0001", "reason": "the organiser's choice"}


def mixed(*steps: Fields, **entropy: list[str]) -> History:
    return History().begin(
        rules=rules(predetermined=True), spins=spins(mode="mixed", steps=list(steps), then="natural"), **entropy
    )


def told(judged: Judged, word: str) -> list[str]:
    return [notice for notice in judged["notices"] if word in notice]


# --- Predetermined spins ---


def test_no_level_stands_beside_a_spin_that_was_predetermined(tmp_path: Path) -> None:
    story = mixed(FIXED, entropy=["lottery:saturday"])
    story.entropy("lottery:saturday:1 2 3")
    story.press()
    judged = judge(story, tmp_path, "--seen", story.anchor, story.head)
    assert judged["spins"][0]["level"] == "predetermined by the organiser"
    assert judged["level"] == "predetermined by the organiser: 1 of 1 spins"


def test_the_level_of_the_whole_leaves_predetermined_spins_out_and_says_so(tmp_path: Path) -> None:
    story = mixed(FIXED, entropy=["dice"])
    story.entropy("dice:1")
    story.press()
    story.press()
    judged = judge(story, tmp_path, "--seen", story.anchor, story.head)
    assert [spin["level"] for spin in judged["spins"]] == ["predetermined by the organiser", "live"]
    assert judged["level"] == "live; predetermined by the organiser: 1 of 2 spins"


def test_a_fixed_spin_that_had_to_be_drawn_has_the_level_of_its_texts(tmp_path: Path) -> None:
    story = mixed(FIXED, FIXED | {"ticket": "E0002"})
    story.withdraw("E0001")
    story.press()
    assert judge(story, tmp_path)["level"] == "sealed: you trust whoever runs the kiosk"


def test_the_level_of_the_whole_is_not_live_where_one_spin_is_not_witnessed(tmp_path: Path) -> None:
    story = spun(1, "dice")
    kept = story.anchor
    story.again(entropy=["lottery:saturday"])
    story.entropy("lottery:saturday:1 2")
    story.press()
    judged = judge(story, tmp_path, "--seen", kept, story.head)
    assert [spin["witnessed"] for spin in judged["spins"]] == [True, False]
    assert judged["level"] == "public, if you kept the anchor before its public text"


# --- Texts that were known early ---


@pytest.mark.parametrize(
    ("kept", "level"),
    [("", "live"), ("@2", "live"), ("@1", "public")],
    ids=["before the last text", "said so", "before the first"],
)
def test_only_texts_that_arose_after_the_anchor_was_kept_make_the_level(kept: str, level: str, tmp_path: Path) -> None:
    story = spun(1, "lottery:saturday", "dice")
    judged = judge(story, tmp_path, "--seen", story.anchor + kept, story.head)
    assert (judged.word, judged["level"]) == ("WITNESSED", level)


def test_what_was_kept_before_an_earlier_text_counts_where_both_are_said(tmp_path: Path) -> None:
    story = spun(1, "lottery:saturday", "dice")
    judged = judge(story, tmp_path, "--seen", story.anchor, f"{story.anchor}@1", story.head)
    assert judged["level"] == "public"


@pytest.mark.parametrize("kept", ["@", "@0", "@5", "@x", "@1@1", "@\u0661"])
def test_the_number_of_a_text_that_cannot_be_is_refused(kept: str, tmp_path: Path) -> None:
    story = spun(1, "dice")
    assert judge(story, tmp_path, "--seen", story.anchor + kept).status == 2


def test_a_head_is_not_kept_before_a_text(tmp_path: Path) -> None:
    story = spun(1, "dice")
    assert judge(story, tmp_path, "--seen", story.anchor, f"{story.head}@1").status == 2


def test_the_number_of_a_text_that_was_not_recorded_is_refused(tmp_path: Path) -> None:
    story = spun(1, "dice")
    judged = judge(story, tmp_path, "--seen", f"{story.anchor}@2", story.head)
    assert (judged.status, "only 1 texts" in judged.why) == (2, True)


# --- Entropy that was signed and given up ---


def given_up(**changed: object) -> History:
    story = History().begin(entropy=["dice"])
    told = {"event": EVENT, "snapshot": story.s, "anchor": story.anchor, "kiosk": story.kiosk.id, "text": "dice:6.6.6"}
    story.request("wheel-entropy/2", **told | changed)  # type: ignore[arg-type]
    return story


def test_entropy_signed_for_an_anchor_that_another_followed_is_told(tmp_path: Path) -> None:
    story = given_up()
    assert not told(judge(story, tmp_path / "waiting"), "dice")
    story.adopt()
    story.entropy("dice:6.6.6")
    story.press()
    judged = judge(story, tmp_path / "given up")
    assert judged.word == "SIGNED"
    assert told(judged, "'dice:6.6.6' was signed for its anchor and not recorded")[0].startswith("record 1: ")


def test_entropy_that_a_stranger_signed_is_not_told(tmp_path: Path) -> None:
    story = given_up(by=STRANGER)
    story.files["kiosk/trusted/stranger.pem"] = STRANGER.pem
    story.adopt()
    assert not told(judge(story, tmp_path), "dice")


def test_entropy_for_an_anchor_that_is_not_in_the_ledger_is_told(tmp_path: Path) -> None:
    story = given_up(anchor="ab" * 32)
    story.entropy("dice:6.6.6")
    story.press()
    (notice,) = told(judge(story, tmp_path), "which is not in this ledger")
    assert f"'dice:6.6.6' was signed for anchor {'ab' * 32}" in notice


def test_entropy_for_another_kiosk_is_not_told(tmp_path: Path) -> None:
    story = given_up(anchor="ab" * 32, kiosk=STRANGER.id)
    assert not told(judge(story, tmp_path), "dice")


def test_a_second_text_signed_for_one_anchor_is_told(tmp_path: Path) -> None:
    story = given_up()
    story.entropy("dice:1.1.1")
    (notice,) = told(judge(story, tmp_path), "another text was recorded")
    assert "'dice:6.6.6' was signed for its anchor" in notice


# --- What the holders of both keys can still choose ---


def test_a_list_that_was_not_kept_beside_its_anchor_is_told(tmp_path: Path) -> None:
    story = spun(1, "dice")
    home = story.write(tmp_path)
    (notice,) = told(judge_home(home, "--seen", story.anchor, story.head), "did not keep its list's S")
    assert story.s in notice
    judged = judge_home(home, "--seen", story.anchor, story.head, story.s)
    assert (judged.word, judged["notices"]) == ("WITNESSED", [])


def test_another_list_under_an_anchor_that_was_kept_breaks_it(tmp_path: Path) -> None:
    story = spun(1, "dice")
    kept = sha(b"the list that was shown")
    assert judge(story, tmp_path, "--seen", story.anchor, story.head, kept).word == "BROKEN"


def test_withdrawals_after_a_text_are_told(tmp_path: Path) -> None:
    story = History().begin(entropy=["dice"])
    story.withdraw("E0001")
    story.entropy("dice:1")
    story.withdraw("E0002")
    (notice,) = told(judge(story, tmp_path), "withdrawn after entropy was known")
    assert notice.endswith(f": {len(story.lines)}")


def test_the_size_of_each_pool_is_told(tmp_path: Path) -> None:
    story = spun(2)
    home = story.write(tmp_path)
    assert [spin["pool"] for spin in judge_home(home)["spins"]] == [20, 19]
    assert "(natural, 20 in the pool; sealed" in run(str(home), *NAMED)[1]


# --- Titles and names after the draw ---


def test_a_prize_that_is_called_otherwise_after_its_draw_is_told(tmp_path: Path) -> None:
    story = evening()
    story.press()
    drawn = story.list["prizes"][0]
    renamed = [drawn | {"title": "A voucher"}, story.list["prizes"][1] | {"title": "Not yet drawn"}]
    story.again(prizes=[*renamed, *story.list["prizes"][2:]])
    (notice,) = told(judge(story, tmp_path), "of which places were drawn")
    assert repr(drawn["title"]) in notice
    assert "is now 'A voucher'" in notice


def test_names_that_changed_after_a_draw_are_told_and_before_it_are_not(tmp_path: Path) -> None:
    story = spun(0).again(names=sha(b"other names"))
    assert not told(judge(story, tmp_path / "before"), "names file")
    story.press()
    story.again(names=sha(b"still others"))
    (notice,) = told(judge(story, tmp_path / "after"), "names file changed after places were drawn, as it does with")
    assert notice.startswith(f"record {len(story.lines)}: ")


# --- Entries after the draw ---


@pytest.mark.parametrize(("change", "counts"), ENTRY_CHANGES.values(), ids=ENTRY_CHANGES)
def test_entries_that_changed_after_a_draw_are_counted(tmp_path: Path, change: Change, counts: str) -> None:
    story = spun(1)
    story.again(entries=change(story.list["entries"]))
    (notice,) = told(judge(story, tmp_path), "the entries changed after places were drawn")
    assert counts in notice


def test_households_that_are_only_numbered_otherwise_are_no_change(tmp_path: Path) -> None:
    story = History().begin(entries=entries(20, ((2, 3), (7, 10), (11, 13))))
    story.press()
    story.again(
        entries=[one | {"household": one["household"] and one["household"] + 30} for one in story.list["entries"]]
    )
    assert not told(judge(story, tmp_path), "the entries changed")


def test_entries_that_changed_before_any_draw_are_not_told(tmp_path: Path) -> None:
    story = spun(0)
    story.again(entries=[*story.list["entries"], LATE])
    assert not told(judge(story, tmp_path), "the entries changed")


# --- Lines, and files that are not ours ---


def test_the_line_of_a_spin_names_its_record_and_its_event(tmp_path: Path) -> None:
    story = spun(1).again(event="ffeeddccbbaa9988")
    story.press()
    lines = run(str(story.write(tmp_path)), *NAMED)[1].splitlines()
    found = [line.partition(",")[0] for line in lines if ": spin 1 of event " in line]
    assert found == [f"record 3: spin 1 of event {EVENT}", "record 7: spin 1 of event ffeeddccbbaa9988"]


def test_the_other_files_of_a_home_are_not_counted_as_ignored(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    others = ["kiosk/kiosk.toml", "kiosk/themes/party.toml", "kiosk/status.json", "kiosk/kiosk-key.pem"]
    for name in [*others, "admin/draft.json", "admin/signing-key.pem", "fetch/status.json", "wheel.log"]:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(json.dumps({"state": "idle"}))
    assert judge_home(home)["notices"] == []


def test_a_second_ledger_that_was_not_read_is_told(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    (home / "ledger.jsonl").write_bytes(spun(1).ledger())
    assert "ledger.jsonl': a second ledger" in told(judge_home(home), "files or folders were ignored")[0]


def flood(home: Path, count: int) -> None:
    for number in range(count):
        (home / "snapshots" / f"junk-{number}.json").write_text("junk")


def test_files_that_should_be_signed_are_counted_and_five_are_named(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    flood(home, 6)
    (home / "elsewhere.json").write_text('{"payloadType":"wheel-snapshot/2"}')
    (notice,) = told(judge_home(home), "files or folders were ignored")
    assert notice.startswith("7 files")
    assert notice.count(".json") == 5
    assert notice.endswith("; ...")


def test_a_flood_of_published_files_stops_neither_the_kiosk_nor_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_draw, "MOST_READ", 20 * verify_draw.LEAST_READ)
    home = spun().write(tmp_path)
    (home / "kiosk" / "adopted").mkdir()
    for path in (home / "snapshots").iterdir():
        path.rename(home / "kiosk" / "adopted" / path.name)
    flood(home, 100)
    read, reading = list[Path](), verify_draw.read_file

    def watching(path: Path, limit: int) -> bytes:
        read.append(path)
        return reading(path, limit)

    monkeypatch.setattr(verify_draw, "read_file", watching)
    judged = judge_home(home)

    assert judged.word == "SIGNED"
    assert "snapshots': a flood: it holds more than is read" in told(judged, "21 files or folders were ignored")[0]
    assert len([path for path in read if path.parent.name == "snapshots"]) == 20


def test_folders_without_number_share_one_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_draw, "MOST_READ", 20 * verify_draw.LEAST_READ)
    home = spun().write(tmp_path)
    for number in range(60):
        (home / f"folder-{number}").mkdir()
        (home / f"folder-{number}" / "elsewhere.json").write_text("junk")
    judged = judge_home(home)
    assert judged.word == "SIGNED"
    assert len(told(judged, "a flood: it holds more than is read")) == 1


def test_folders_within_each_other_stop_nothing(tmp_path: Path) -> None:
    home = spun().write(tmp_path)
    made = [f"{home}/snapshots{'/d' * deep}" for deep in range(1, sys.getrecursionlimit() + 100)]
    for folder in made:
        os.mkdir(folder)  # noqa: PTH102 - pathlib cannot go so deep
    try:
        judged = judge_home(home)
    finally:
        for folder in reversed(made):  # nor can what tidies up
            os.rmdir(folder)  # noqa: PTH106
    assert (judged.word, judged["notices"]) == ("SIGNED", [])


def test_a_list_behind_a_flood_is_missing_and_the_flood_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_draw, "MOST_READ", 20 * verify_draw.LEAST_READ)
    home = spun().write(tmp_path)
    flood(home, 100)
    judged = judge_home(home)
    assert (judged.status, "a flood: it holds more than is read" in judged.why) == (2, True)

"""What a scene says: every word of the kiosk's own is the theme's, and equal states give equal scenes."""

import os
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.core.clock import NS_PER_S
from kiosk.core.home import Home
from kiosk.devices.inputs import Action
from kiosk.draw.modes import NATURAL_STEP, fixed_step, mixed
from kiosk.ledger.event import NO_LIST, VOIDED, WAITING_FOR, NoSpin
from kiosk.presenter.notices import code_of
from kiosk.presenter.troubles import Code
from kiosk.presenter.wording import no_spin_text, provenance
from kiosk.screen.scene import Phase, Scene
from kiosk.screen.themes.texts import Texts
from kiosk.snapshot.requests import CloseMessage
from tests.kiosk.pseudo_language import texts_in_toml
from tests.kiosk.scripted import scripted_kiosk, small_home
from tests.support import EVENT, Desk, hand_in, publish, snapshot

MARK = "§"


def marked(text: str) -> str:
    return f"{MARK} {text}"


def in_another_language(home: Home) -> None:
    """Give the kiosk a theme in which each text is marked."""
    home.kiosk.mkdir(parents=True, exist_ok=True)
    (home.kiosk / "marked.toml").write_text(f"[texts]\n{texts_in_toml(marked)}", encoding="utf-8")
    home.settings.write_text('theme = "marked.toml"\n', encoding="utf-8")


def spoken(scene: Scene) -> list[str]:
    """Return every sentence of a scene but names, the list's title, digests and heads."""
    said = [scene.prompt, scene.banner, scene.last, scene.proof_label, *scene.notices, *scene.status]
    if scene.outcome is not None:
        said += [scene.outcome.ticket, scene.outcome.provenance]
    return [text for text in said if text]


@pytest.mark.slow
def test_every_sentence_on_screen_is_the_themes(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    in_another_language(home)
    publish(home.snapshots, snapshot(2, spins=mixed(NATURAL_STEP, fixed_step("E0002", "sponsor"), then="stop")))
    (home.snapshots / "snapshot-000009.json").write_bytes(b"rubbish")
    spins = [(1.0, Action.SPIN), (20.0, Action.ABSENT), (21.0, Action.ABSENT), (30.0, Action.SPIN), (50.0, Action.SPIN)]
    with scripted_kiosk(home, drawing=False) as kiosk:
        dies = (60.0, lambda: setattr(kiosk, "watcher_alive", False))
        kiosk.run(*spins, (130.0, Action.LEAVE), deeds=[(3.0, kiosk.look), dies])
    scenes = kiosk.screen.scenes

    assert {scene.phase for scene in scenes} == set(Phase)
    assert len({text for scene in scenes for text in spoken(scene)}) > 15
    assert [text for scene in scenes for text in spoken(scene) if not text.startswith(MARK)] == []


def test_the_sample_names_are_announced_in_the_themes_words(tmp_path: Path) -> None:
    home = Home(tmp_path)
    in_another_language(home)
    with scripted_kiosk(home, drawing=False) as kiosk:
        kiosk.run((1.0, Action.SPIN), (20.0, Action.LEAVE))

    assert [text for scene in kiosk.screen.scenes for text in spoken(scene) if not text.startswith(MARK)] == []


def test_a_result_is_the_new_one_though_no_frame_of_its_spin_was_drawn(tmp_path: Path) -> None:
    """The machine may sleep through a whole spin: the next frame must show the new winner."""
    with scripted_kiosk(small_home(tmp_path), drawing=False) as kiosk:
        before: list[int] = []

        def sleep() -> None:
            before.append(len(kiosk.screen.scenes))
            kiosk.clock.advance_ns(15 * NS_PER_S)

        def sleeps_through_the_next_spin() -> None:
            kiosk.screen.wheel_shown = sleep

        presses = [(1.0, Action.SPIN), (30.0, Action.SPIN), (90.0, Action.LEAVE)]
        report = kiosk.run(*presses, deeds=[(29.9, sleeps_through_the_next_spin)])

    later = kiosk.screen.scenes[before[0] :]
    assert not any(scene.phase is Phase.TURNING for scene in later)
    assert next(scene.outcome.ticket for scene in later if scene.outcome) == f"Ticket {report.spins[1].ticket}"


@pytest.mark.parametrize("reason", sorted(set(NoSpin) - {NoSpin.SECRETS_USED_UP}))
def test_why_there_is_no_spin_is_said_in_the_themes_words(reason: NoSpin) -> None:
    texts = Texts(spins_done="A", everybody_won="C", prizes_drawn="D", prize_drawn="E", nobody_left="F")

    assert no_spin_text(texts, reason) in set("ACDEF")


@pytest.mark.parametrize("reason", [NoSpin.SECRETS_USED_UP, VOIDED, NO_LIST, "Secret 3 cannot be read."])
def test_what_only_the_organiser_can_clear_away_is_a_code_for_the_audience(reason: str) -> None:
    assert no_spin_text(Texts(), reason) == ""
    assert code_of(reason) in {Code.SECRETS_USED_UP, Code.LIST_CLOSED, Code.LEDGER}


def test_the_screen_says_what_public_entropy_it_waits_for_in_the_themes_words(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        desk.adopt(snapshot(entropy=("dice",)))
        waiting = desk.session.why_no_spin() or ""
    texts = Texts(wait_dice="A", wait_audience="B", wait_lottery="C {lottery}", wait_beacon="D {round}")

    assert no_spin_text(texts, waiting) == "A"
    said = [f"{WAITING_FOR}{item}." for item in ("audience", "lottery:Euro 3 July", "drand:quicknet:77")]
    assert [no_spin_text(texts, one) for one in said] == ["B", "C Euro 3 July", "D 77"]


@pytest.mark.parametrize(
    ("entropy", "said"),
    [
        ((), "sealed: you trust the operator"),
        (("dice:1.2.3",), "live, if you were there"),
        (("dice:1.2.3", "lottery:x:4"), "public, if you kept the check code"),
    ],
)
def test_the_screen_claims_no_more_than_the_verifier_does_to_a_stranger(
    entropy: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    with Desk(tmp_path) as desk:
        desk.adopt(snapshot(entropy=tuple(text.rpartition(":")[0] for text in entropy)))
        for text in entropy:
            assert desk.enter(text) is None
        decision = desk.session.press(start=0)

    assert provenance(Texts(), decision, caption=True) == f"Drawn by the wheel · spin 1 · {said}"
    assert (
        provenance(Texts(), replace(decision, mode="fixed", reason="why"), caption=True)
        == "Predetermined: why · spin 1"
    )


def test_the_status_counts_people_and_gives_the_lists_code_a_word(tmp_path: Path) -> None:
    with scripted_kiosk(small_home(tmp_path, people=3), drawing=False) as kiosk:
        kiosk.run((1.0, Action.SPIN), (100.0, Action.LEAVE))
    first, last = kiosk.screen.scenes[0].status, kiosk.screen.scenes[-1].status

    assert first[0] == "3 people"
    assert last[0] == "2 of 3 people left"
    assert first[1].startswith("Code of this list: ")


def test_a_kiosk_that_cannot_go_on_says_whom_to_fetch_and_a_code(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    with scripted_kiosk(home, drawing=False) as kiosk:
        kiosk.run((5.0, Action.LEAVE), deeds=[(1.0, home.ledger.unlink)])
    before, after = kiosk.screen.scenes[0], kiosk.screen.scenes[-1]

    assert (before.prompt, before.ready) == ("Press the button to spin", True)
    assert (after.prompt, after.last, after.ready) == ("Paused - please fetch the organiser", "Code K1", False)


@pytest.mark.parametrize("drawn", [True, False])
def test_a_closed_event_says_thanks_and_calls_for_nobody(tmp_path: Path, *, drawn: bool) -> None:
    home = small_home(tmp_path)
    presses = [(1.0, Action.SPIN)] if drawn else []
    with scripted_kiosk(home, drawing=False) as kiosk:

        def close() -> None:
            hand_in(home.snapshots, CloseMessage(event=EVENT))
            kiosk.look()

        kiosk.run(*presses, (40.0, Action.LEAVE), deeds=[(30.0, close)])
    after = kiosk.screen.scenes[-1]

    assert (after.ended, after.prompt, after.last) == (drawn, "" if drawn else Texts().thanks, "")
    assert [winner.name.startswith("E") for winner in after.winners] == [True] * drawn


def test_what_is_wrong_is_a_code_on_screen_and_a_message_in_the_status(tmp_path: Path) -> None:
    home = small_home(tmp_path)
    (home.snapshots / "snapshot-000009.json").write_bytes(b"rubbish")
    with scripted_kiosk(home, drawing=False) as kiosk:
        kiosk.run((1.0, Action.SPIN), (15.0, Action.LEAVE))
    scene = kiosk.screen.scenes[-1]

    assert scene.notices == ("For the organiser: L2",)
    assert any("snapshot-000009.json refused" in fault for fault in scene.faults)


def test_every_code_is_in_the_table_of_the_operating_page_and_no_other_is() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "operating.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z]\d) \|", page, re.MULTILINE)

    assert sorted(rows) == sorted(code.value for code in Code)

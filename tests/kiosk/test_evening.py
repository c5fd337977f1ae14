"""An evening of prizes on the stage: what the operator presses, what the screen shows, what is recorded."""

import os
from pathlib import Path

import msgspec
import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

from kiosk.core.home import Home, picture_name
from kiosk.core.key_files import trust
from kiosk.devices.inputs import DIGITS, Action
from kiosk.draw.protocol import digest
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Body, Claim, Open, Result, Shown
from kiosk.screen.effects import filling
from kiosk.screen.scene import Board, Phase, Scene
from kiosk.snapshot.model import Prize
from tests.kiosk.pseudo_language import texts_in_toml
from tests.kiosk.scripted import Press, scripted_kiosk, small_home
from tests.support import KEY, audit_home, entries, listed, prize, publish, rules, snapshot

SPIN, ABSENT, NEXT, PREVIOUS = Action.SPIN, Action.ABSENT, Action.NEXT, Action.PREVIOUS
WINNERS, CURTAIN, LEAVE = Action.WINNERS, Action.CURTAIN, Action.LEAVE
BIKE = msgspec.structs.replace(prize("bike"), title="A bicycle", sponsor="Riverside Cycles")
MUGS = msgspec.structs.replace(prize("mugs", 12, per_press=12), title="Mugs")
STAFF = prize("staff", 2, groups=("staff",))
ONE_REST = 1 + 11
"""When the wheel rests that was pressed at second 1."""


def home_with(directory: Path, *prizes: Prize, **about: object) -> Home:
    """Make a home with a list of 40 people, of whom the first 4 are staff."""
    people = entries(40, groups=dict.fromkeys(("E0001", "E0002", "E0003", "E0004"), "staff"))
    home = Home(directory)
    for path in (home.snapshots, home.trusted):
        path.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, snapshot(people=people, prizes=prizes, **about))  # type: ignore[arg-type]
    return home


def played(home: Home, *presses: Press, until: float) -> list[Scene]:
    """Run a kiosk on simulated time; returns every scene."""
    with scripted_kiosk(home, drawing=False) as kiosk:
        kiosk.run(*presses, (until, LEAVE))
        audit_home(home)
        return kiosk.screen.scenes


def bodies(home: Home) -> list[Body]:
    return [record.body for record in read_records(home.ledger.read_bytes())]


def boards(scenes: list[Scene]) -> list[Board]:
    """Return the boards that were to be seen, each once, in order."""
    seen: list[Board] = []
    for scene in scenes:
        if scene.board is not None and scene.board.shown and seen[-1:] != [scene.board]:
            seen.append(scene.board)
    return seen


def names(board: Board) -> list[str]:
    return [cell.name for cell in board.cells[: board.shown]]


def test_every_word_of_an_evening_is_the_themes(tmp_path: Path) -> None:
    home = home_with(tmp_path, BIKE, MUGS, STAFF)
    home.kiosk.mkdir(parents=True, exist_ok=True)
    (home.kiosk / "marked.toml").write_text(f"[texts]\n{texts_in_toml(lambda text: f'§ {text}')}", encoding="utf-8")
    home.settings.write_text('theme = "marked.toml"\n', encoding="utf-8")
    with scripted_kiosk(home, drawing=False) as kiosk:
        kiosk.run((0.5, NEXT), (1, SPIN), (20, SPIN), (40, ABSENT), (41, ABSENT), (44, WINNERS), (50, LEAVE))
        scenes = kiosk.screen.scenes
    cards, seen = [scene.prize for scene in scenes if scene.prize], boards(scenes)
    said = [text for card in cards for text in (card.heading, card.note, *card.lines)]
    said += [text for board in seen for text in (board.heading, board.page, board.foot)]
    said += [cell.note for board in seen for cell in board.cells]

    assert len(set(said)) > 10
    assert {text for text in said if text and not text.startswith("§")} == set()


# ---- the prize -------------------------------------------------------------------------------------------------------


def test_idle_says_what_the_next_press_is_for(tmp_path: Path) -> None:
    card = played(home_with(tmp_path, BIKE, MUGS), until=1)[0].prize

    assert card is not None
    assert (card.heading, card.title) == ("Prize 1 of 2", "A bicycle")
    assert card.lines == ("Given by Riverside Cycles", "Place 1 of 1", "Everybody on the list can win")


def test_looking_at_a_prize_draws_the_one_that_is_next(tmp_path: Path) -> None:
    home = home_with(tmp_path, BIKE, STAFF)
    scenes = played(home, (0.5, NEXT), (1, SPIN), until=3)
    looked = next(scene.prize for scene in scenes if scene.prize and scene.prize.title == "The staff")

    assert looked.note == "The next press is for: A bicycle"
    assert looked.lines == ("Place 1 of 2", "For staff only")
    assert [body.prize for body in bodies(home) if isinstance(body, Open)] == ["bike"]
    assert next(scene.title for scene in scenes if scene.phase is Phase.TURNING) == "A bicycle · Place 1 of 1"


def test_in_free_order_the_prize_that_is_looked_at_is_drawn(tmp_path: Path) -> None:
    home = home_with(tmp_path, BIKE, STAFF, event_rules=rules(order="free"))
    scenes = played(home, (0.5, PREVIOUS), (1, SPIN), (20, SPIN), (40, SPIN), until=60)
    chosen = next(scene for scene in scenes if scene.prize and scene.prize.title == "The staff")

    assert chosen.prize is not None
    assert chosen.prize.note == ""
    assert chosen.face is not None
    assert list(chosen.face.tickets) == ["E0001", "E0002", "E0003", "E0004"], "the wheel shows who may win it"
    assert [body.prize for body in bodies(home) if isinstance(body, Open)] == ["staff", "staff", "bike"]


def test_a_prize_that_is_only_looked_at_goes_away_by_itself(tmp_path: Path) -> None:
    scenes = played(home_with(tmp_path, BIKE, MUGS), (0.5, NEXT), until=70)

    assert [scene.prize.title for scene in (scenes[0], scenes[-1]) if scene.prize] == ["A bicycle", "A bicycle"]


def test_a_picture_is_shown_if_it_is_the_one_that_the_list_names(tmp_path: Path) -> None:
    data = b"no picture, but the right bytes"
    home = home_with(tmp_path, msgspec.structs.replace(BIKE, picture=f"{digest(data)}.png"))
    path = home.snapshots / picture_name(f"{digest(data)}.png")
    path.write_bytes(data)
    good = played(home, until=1)[-1]
    path.write_bytes(b"other bytes")
    bad = played(home, until=1)[-1]

    assert good.prize is not None
    assert bad.prize is not None
    assert (good.prize.picture, good.notices) == (path, ())
    assert bad.prize.picture is None
    assert bad.notices == ("For the organiser: P1",)
    assert path.name in bad.faults[0]


def test_a_missing_picture_is_a_notice(tmp_path: Path) -> None:
    pictured = msgspec.structs.replace(BIKE, picture="0" * 64 + ".png")
    scene = played(home_with(tmp_path, pictured), until=1)[-1]

    assert scene.prize is not None
    assert scene.prize.picture is None
    assert scene.notices == ("For the organiser: P1",)
    assert any("picture-0000000000000000.png" in fault for fault in scene.faults)


def test_without_prizes_no_key_of_an_evening_shows_anything_but_winners_and_curtain(tmp_path: Path) -> None:
    presses = [(1 + number / 4, key) for number, key in enumerate((NEXT, PREVIOUS, *DIGITS))]
    scenes = played(small_home(tmp_path), *presses, until=6)

    assert not any(scene.prize or scene.board or scene.curtain or scene.rehearsal for scene in scenes)


# ---- many places in one press ----------------------------------------------------------------------------------------


def test_a_press_for_many_lands_on_the_first_and_fills_a_board_of_fixed_layout(tmp_path: Path) -> None:
    home = home_with(tmp_path, MUGS)
    scenes = played(home, (1, SPIN), until=40)
    result = next(body for body in bodies(home) if isinstance(body, Result))
    seen = boards(scenes)
    filling_up = [board for board in seen if board.fresh]

    assert next(scene.outcome.name for scene in scenes if scene.outcome) == f"Name {result.winners[0]}"
    assert {board.cells for board in seen} == {seen[0].cells}, "the layout is fixed before the first name appears"
    assert [board.shown for board in filling_up] == list(range(1, 12))
    assert names(seen[-1]) == [f"Name {ticket}" for ticket in result.winners]
    assert [cell.label for cell in seen[-1].cells] == [str(place) for place in range(1, 13)]


def test_presses_while_the_board_fills_do_nothing(tmp_path: Path) -> None:
    home = home_with(tmp_path, MUGS, BIKE)
    full = ONE_REST + filling.settled_ms(12) / 1000
    played(home, (1, SPIN), *[(second, SPIN) for second in range(2, int(full))], until=full + 1)

    assert len([body for body in bodies(home) if isinstance(body, Open)]) == 1


@pytest.mark.slow
def test_a_power_cut_while_the_board_fills_shows_the_same_winners_again(tmp_path: Path) -> None:
    home = home_with(tmp_path, MUGS)
    cut = played(home, (1, SPIN), until=ONE_REST + 6.5)
    before = boards(cut)[-1]
    assert 1 < before.shown < 12
    assert not any(isinstance(body, Shown) for body in bodies(home)), "nobody has seen them all"

    again = boards(played(home, until=40))

    assert again[-1].cells == before.cells
    assert again[-1].shown == 12
    kinds = [type(body) for body in bodies(home)]
    assert (kinds.count(Open), kinds.count(Result), kinds.count(Shown)) == (1, 1, 1)


def test_pages_turn_by_themselves_and_with_keys(tmp_path: Path) -> None:
    home = home_with(tmp_path, prize("pens", 36, per_press=36))
    settled = ONE_REST + filling.settled_ms(36) / 1000
    scenes = played(home, (1, SPIN), (settled + 2, NEXT), (settled + 3, PREVIOUS), until=settled + 20)
    full = [board for board in boards(scenes) if not board.fresh and board.shown == len(board.cells)]

    assert [board.page for board in full] == ["Page 2 of 2", "Page 1 of 2", "Page 2 of 2", "Page 1 of 2", "Page 2 of 2"]
    assert [len(board.cells) for board in full[:2]] == [18, 18]


@pytest.mark.parametrize(
    ("rule", "name", "ticket"),
    [("full", "Name E0001", "E0001"), ("short", "Name E.", "E0001"), ("ticket", "E0001", "")],
)
def test_the_board_calls_winners_as_the_rules_say(tmp_path: Path, rule: str, name: str, ticket: str) -> None:
    home = home_with(tmp_path, prize("pens", 40, per_press=40), event_rules=rules(names=rule))
    scenes = played(home, (1, SPIN), until=60)
    cells = {cell for board in boards(scenes) for cell in board.cells}

    assert any((cell.name, cell.ticket) == (name, ticket) for cell in cells)
    outcome = next(scene.outcome for scene in scenes if scene.outcome)
    assert (outcome.ticket == "") == (rule == "ticket"), "a ticket that stands for the name is said once"


# ---- absences --------------------------------------------------------------------------------------------------------


def after_the_mugs(home: Home, *keys: Action, more: tuple[Press, ...] = (), until: float = 20) -> list[Scene]:
    """Draw the mugs, press `keys` once the board is full, half a second apart, and then `more`."""
    start = ONE_REST + filling.settled_ms(12) / 1000 + 1
    presses = [(start + number / 2, key) for number, key in enumerate(keys)]
    return played(home, (1, SPIN), *presses, *((start + at, key) for at, key in more), until=start + until)


def claims(home: Home) -> list[Claim]:
    return [body for body in bodies(home) if isinstance(body, Claim)]


def test_the_absence_key_asks_which_of_several_winners(tmp_path: Path) -> None:
    home = home_with(tmp_path, MUGS, BIKE)
    scenes = after_the_mugs(home, ABSENT, ABSENT)

    assert claims(home) == [], "two presses alone name nobody"
    asked = next(board for board in boards(scenes) if "Who is not here" in board.foot)
    assert not any(cell.marked for cell in asked.cells)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ((DIGITS[7],), 7),
        ((DIGITS[1], DIGITS[2]), 12),
        ((DIGITS[1],), 1),
        ((DIGITS[9], DIGITS[3]), 3),
        ((NEXT, NEXT, NEXT), 3),
        ((NEXT, PREVIOUS), 12),
        ((DIGITS[7], NEXT), 8),
    ],
    ids=["a digit", "two digits", "the first of two", "another digit", "an arrow", "backwards", "both"],
)
def test_a_place_is_named_with_digits_or_arrows(tmp_path: Path, keys: tuple[Action, ...], place: int) -> None:
    home = home_with(tmp_path, MUGS, BIKE)
    scenes = after_the_mugs(home, ABSENT, *keys, ABSENT)
    winners = next(body.winners for body in bodies(home) if isinstance(body, Result))

    assert [(one.prize, one.place, one.ticket, one.request) for one in claims(home)] == [
        ("mugs", place, winners[place - 1], "")
    ]
    asked = [board for board in boards(scenes) if f"Place {place}: is Name" in board.foot][-1]
    assert [cell.label for cell in asked.cells if cell.marked] == [str(place)]
    told = [board for board in boards(scenes) if "is open again: the next press fills it" in board.foot][-1]
    assert [(cell.label, cell.note) for cell in told.cells if cell.quiet] == [(str(place), "open again")]


def test_the_next_press_fills_the_gap_only(tmp_path: Path) -> None:
    home = home_with(tmp_path, MUGS, BIKE)
    after_the_mugs(home, ABSENT, DIGITS[7], ABSENT, ABSENT, DIGITS[3], ABSENT, more=((6, SPIN),), until=30)

    assert [body.places for body in bodies(home) if isinstance(body, Open)][1:] == ["3,7"]


def test_a_reserve_moves_up_and_the_screen_says_who(tmp_path: Path) -> None:
    home = home_with(tmp_path, prize("trip", 1, reserves=1))
    scenes = played(home, (1, SPIN), (20, SPIN), (40, ABSENT), (41, DIGITS[1]), (42, ABSENT), until=50)
    first, reserve = (body.winners[0] for body in bodies(home) if isinstance(body, Result))

    assert any(scene.outcome and scene.outcome.heading == "Reserve 1 of 1" for scene in scenes)
    assert [(one.ticket, one.reserve) for one in claims(home)] == [(first, 2)]
    told = boards(scenes)[-1]
    assert told.foot == f"{first} is not here. Reserve Name {reserve} ({reserve}) moves up to place 1"
    assert [(cell.label, cell.name, cell.note) for cell in told.cells] == [("1", f"Name {reserve}", "moved up")]


def test_a_result_does_not_come_back_after_an_absence(tmp_path: Path) -> None:
    scenes = after_the_mugs(home_with(tmp_path, MUGS, BIKE), ABSENT, DIGITS[7], ABSENT, until=30)

    assert scenes[-1].board is None
    assert scenes[-1].prize is not None
    assert (scenes[-1].prize.title, scenes[-1].prize.lines[0]) == ("Mugs", "Place 7 of 12")


def test_two_presses_are_enough_where_one_place_is_meant(tmp_path: Path) -> None:
    home = home_with(tmp_path, BIKE)
    played(home, (1, SPIN), (18, ABSENT), (20, ABSENT), until=22)

    assert [one.place for one in claims(home)] == [1]


@pytest.mark.slow
def test_a_question_that_nobody_answers_goes_away(tmp_path: Path) -> None:
    home = home_with(tmp_path, MUGS, BIKE)
    after_the_mugs(home, ABSENT, DIGITS[7], more=((25, ABSENT),), until=30)

    assert claims(home) == []


# ---- winners, curtain, end -------------------------------------------------------------------------------------------


def test_the_winners_so_far_are_shown_by_prize(tmp_path: Path) -> None:
    home = home_with(tmp_path, BIKE, STAFF)
    scenes = played(home, (1, SPIN), (20, SPIN), (40, WINNERS), (41, NEXT), (42, WINNERS), until=44)
    seen = boards(scenes)

    assert [(board.title, board.page, len(names(board))) for board in seen] == [
        ("A bicycle", "Page 1 of 2", 1),
        ("The staff", "Page 2 of 2", 1),
    ]
    assert scenes[-1].board is None


@pytest.mark.slow
def test_winners_that_nobody_looks_at_any_more_go_away_by_themselves(tmp_path: Path) -> None:
    scenes = played(home_with(tmp_path, BIKE), (1, WINNERS), until=70)
    turned = played(home_with(tmp_path / "again", BIKE), (1, WINNERS), (50, NEXT), until=70)

    assert boards(scenes)
    assert scenes[-1].board is None
    assert turned[-1].board is not None


def test_the_winners_page_says_so_if_nobody_has_won(tmp_path: Path) -> None:
    assert boards(played(home_with(tmp_path, BIKE), (1, WINNERS), until=2))[0].title == "Nobody has won yet"


@pytest.mark.parametrize("prizes", [(), (BIKE,)], ids=["simple", "prizes"])
def test_a_press_lifts_the_curtain_and_the_next_one_spins(tmp_path: Path, prizes: tuple[Prize, ...]) -> None:
    home = home_with(tmp_path, *prizes)
    scenes = played(home, (1, CURTAIN), (2, SPIN), (3, SPIN), until=5)
    phases = [(scene.curtain, scene.phase) for scene in scenes]

    assert (True, Phase.INVITING) in phases
    assert (True, Phase.TURNING) not in phases
    turning = phases.index((False, Phase.TURNING))
    assert (False, Phase.INVITING) in phases[phases.index((True, Phase.INVITING)) : turning]


@pytest.mark.slow
def test_once_everything_is_drawn_the_screen_says_thanks_and_shows_all_winners(tmp_path: Path) -> None:
    home = home_with(tmp_path, BIKE, STAFF)
    scenes = played(home, (1, SPIN), (20, SPIN), (40, SPIN), until=150)
    last = [board for board in boards(scenes) if board.foot == "Thank you for taking part!"]

    assert scenes[-1].ended
    assert {board.title: len(names(board)) for board in last} == {"A bicycle": 1, "The staff": 2}
    assert scenes[-1].prompt == "Every prize has been drawn."


def test_a_new_list_takes_what_was_looked_at_away(tmp_path: Path) -> None:
    home, first = Home(tmp_path), snapshot(prizes=(BIKE, MUGS))
    for path in (home.snapshots, home.trusted):
        path.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, first)
    second = snapshot(2, event="f" * 16, prizes=(STAFF,), previous=listed(first).s)
    with scripted_kiosk(home, drawing=False) as kiosk:
        deeds = [(2.0, lambda: publish(home.snapshots, second)), (5.0, kiosk.look), (6.0, kiosk.look)]
        kiosk.run((1, NEXT), (8, LEAVE), deeds=deeds)

    assert kiosk.screen.scenes[-1].prize is not None
    assert kiosk.screen.scenes[-1].prize.title == "The staff"

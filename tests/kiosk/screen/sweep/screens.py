"""Every screen that the kiosk has, as scenes: with short data and with the longest that it allows."""

import msgspec
from msgspec.structs import replace

from kiosk.presenter.wording import list_text, people_text
from kiosk.screen.effects.reveal import CALM_MS
from kiosk.screen.scene import Board, Cell, Face, Outcome, Phase, PrizeCard, Scene, Winner
from kiosk.screen.themes.texts import Texts
from kiosk.wheel.segments import Segments
from tests.kiosk.screen.stage import angle_in, name_of

PROOF = "HEAD 12 " + "3f9a01bc" * 8
SHORT = "JFQW-2K9T-VBXC-M3DH-8RLP-6SYN-4"

LATIN_DATA = (SHORT, "3f9a01bc", "UTC", "EuroMillions 3 July 2026", "drand:quicknet", "Bruno")
"""What stands on the screens besides `Data` and names, and is not translated."""


class Data(msgspec.Struct, frozen=True):
    """What an organiser writes: names, titles, prizes.

    Attributes:
        name: of the winner; the other entries have short ones, but every fifth has this one too.
        title, prize, sponsor, groups: of list and prize.
    """

    name: str
    title: str
    prize: str
    sponsor: str
    groups: str
    ticket: str = "0042"


PLAIN = Data("Ana Silva", "Summer party", "A bicycle", "Riverside Cycles", "staff")
LONG = Data(
    "Maximiliana Wolfeschlegelstein-Bergerdorff von Hohenlohe",
    "The great summer festival of the united bakeries of Riverside and the valley, 26",
    "A weekend for two in the old lighthouse with breakfast and a boat trip",
    "Riverside Savings Bank and Friends",
    "staff, pensioners, volunteers",
    "B-2026-000042",
)
ARABIC = Data("ياسمين عبد الرحمن", "حفل الصيف السنوي", "دراجة هوائية", "Riverside Cycles", "الموظفون")


def face_with(count: int, data: Data) -> Face:
    """Return a wheel of `count` people; the first is the winner, and every fifth has as long a name."""
    names = [data.name if index % 5 == 0 else f"{name_of(index)} {name_of(index + 7)}" for index in range(count)]
    return Face(Segments([1] * count), names, [f"{index:04d}" for index in range(count)])


def screens(texts: Texts, face: Face, data: Data) -> dict[str, Scene]:
    """Return the scenes by name."""
    total = face.segments.count
    ticket = texts.ticket.format(ticket=data.ticket)
    idle = Scene(
        face=face,
        angle=angle_in(face, 0, 0.4),
        title=data.title,
        status=(people_text(texts, total, total), list_text(texts, "3f9a01bc")),
        proof=PROOF,
        proof_short=SHORT,
        proof_label=f"{texts.check_code} #12",
        prompt=texts.press,
    )
    rest = replace(idle, prompt="", last="", phase=Phase.RESULT, celebration_ms=CALM_MS)
    drawn = texts.drawn.format(spin=12, level=texts.public)
    outcome = Outcome(data.name, ticket, drawn)
    past = tuple(
        Winner(name, ticket, absent=place == 1) for place, name in enumerate((data.name, "Bruno", *face.names))
    )
    card = PrizeCard(
        texts.prize.format(number=2, total=5),
        data.prize,
        (
            texts.sponsor.format(sponsor=data.sponsor),
            texts.places.format(first=11, last=20, total=100),
            texts.for_groups.format(groups=data.groups),
        ),
    )
    looked = replace(card, note=texts.next_is.format(prize=data.prize))
    cells = [
        Cell(str(place), data.name if place % 4 == 0 else name_of(place), f"{place:04d}") for place in range(1, 31)
    ]
    cells[2] = replace(cells[2], note=texts.open_again, quiet=True)
    cells[8] = replace(cells[8], note=texts.moved_up, marked=True)
    board = Board(
        texts.winners_of_press,
        f"{data.prize} · {texts.places.format(first=1, last=30, total=50)}",
        tuple(cells),
        30,
        page=texts.page.format(page=1, pages=2),
        foot=drawn,
    )
    question = texts.absent_place.format(place=8, name=data.name, ticket=data.ticket)
    answer = texts.absent_reserve.format(name=data.name, ticket=data.ticket, reserve=data.ticket, place=8)
    spinning = replace(idle, phase=Phase.TURNING, prompt="", speed=1.0)
    return {
        "idle": idle,
        "idle, some have won": replace(
            idle, winners=past, status=(people_text(texts, total - 1, total), list_text(texts, "3f9a01bc"))
        ),
        "idle, the last winner is absent": replace(idle, winners=(replace(past[0], absent=True), *past[1:])),
        "sample names": replace(idle, title="", banner=texts.no_list, status=(texts.demo,), proof="", proof_short=""),
        "spinning": spinning,
        "result": replace(rest, outcome=outcome),
        "result, predetermined": replace(
            rest, outcome=replace(outcome, provenance=texts.set_beforehand.format(reason=data.sponsor, spin=12))
        ),
        "result, fallback": replace(
            rest, outcome=replace(outcome, provenance=texts.fallback.format(spin=12, level=texts.sealed))
        ),
        "result, absent": replace(rest, outcome=replace(outcome, absent=True)),
        "result of a reserve": replace(
            rest, outcome=replace(outcome, heading=texts.reserves.format(first=1, last=3, total=3))
        ),
        "replay": replace(idle, prompt="", banner=texts.replay.format(spin=12, at="2026-07-01 20:15:00 UTC"), proof=""),
        "prize": replace(idle, prize=card, last=texts.last_line.format(name=data.name)),
        "prize that is looked at": replace(idle, prize=looked, last=texts.last_line.format(name=data.name)),
        "board": replace(rest, outcome=outcome, board=board),
        "board of one": replace(rest, outcome=outcome, board=replace(board, cells=board.cells[:1], shown=1)),
        "board of seven": replace(rest, outcome=outcome, board=replace(board, cells=board.cells[:7], shown=7, page="")),
        "board, nobody yet": replace(idle, board=Board(texts.winners, texts.nobody_yet, (), 1)),
        "absence: which place": replace(idle, board=replace(board, foot=texts.absent_which)),
        "absence: sure": replace(idle, board=replace(board, foot=question)),
        "absence: answer": replace(idle, board=replace(board, foot=answer)),
        "absence without prizes": replace(
            idle, winners=past, notices=(texts.absent_confirm.format(ticket=data.ticket),)
        ),
        "absence recorded": replace(idle, winners=past, notices=(texts.absent.format(ticket=data.ticket, spin=12),)),
        "curtain": replace(idle, curtain=True),
        "everybody has won": replace(idle, winners=past, ended=True, prompt=texts.everybody_won),
        "nobody is left": replace(idle, winners=past, ended=True, prompt=texts.nobody_left),
        "paused": replace(
            idle,
            prompt=texts.paused,
            last=texts.code.format(code="D1"),
            ready=False,
            notices=(texts.tell_organiser.format(codes="D1, L2, L4"),),
        ),
        "waiting for dice": replace(idle, prompt=texts.wait_dice, ready=False),
        "waiting for the audience": replace(idle, prompt=texts.wait_audience, ready=False),
        "waiting for a lottery": replace(
            idle, prompt=texts.wait_lottery.format(lottery="EuroMillions 3 July 2026"), ready=False
        ),
        "waiting for a beacon": replace(idle, prompt=texts.wait_beacon.format(round="12345678"), ready=False),
        "stick": replace(idle, notices=(texts.stick_taken, texts.tell_organiser.format(codes="L4"))),
        "rehearsal": replace(idle, rehearsal=texts.rehearsal, prize=card),
        "rehearsal, result": replace(
            rest, rehearsal=texts.rehearsal, outcome=replace(outcome, provenance=texts.rehearsal_note)
        ),
        "rehearsal, curtain": replace(idle, rehearsal=texts.rehearsal, curtain=True),
        "rehearsal, board": replace(rest, outcome=outcome, rehearsal=texts.rehearsal, board=board),
    }

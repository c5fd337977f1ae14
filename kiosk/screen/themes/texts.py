"""The texts of the screen in English. A language file and a theme file can each replace them.

Invariant: the audience and the operator read these, so no text has a word that only an engineer understands.
"""

import msgspec
from msgspec.structs import replace

from kiosk.screen.themes.plurals import Counted, counted

_MORE_WINNERS = counted(one="and {count} more", other="and {count} more")
_PEOPLE = counted(one="{count} person", other="{count} people")
_PEOPLE_LEFT = counted(one="{left} of {count} person left", other="{left} of {count} people left")
_SEVERAL_PLACES = counted(one="{count} place of {total}", other="{count} places of {total}")


class Texts(msgspec.Struct, frozen=True):
    """One field for each text; names in braces are filled in. A `Counted` text has a form for each kind of number."""

    press: str = "Press the button to spin"
    hold: str = "Press and hold the button to spin"
    last_winner: str = "Last winner"
    winner: str = "Winner"
    marked_absent: str = "Not here"
    winners: str = "Winners so far"
    more_winners: Counted = _MORE_WINNERS
    thanks: str = "Thank you for taking part!"
    ticket: str = "Ticket {ticket}"
    drawn: str = "Drawn by the wheel · spin {spin} · {level}"
    set_beforehand: str = "Predetermined: {reason} · spin {spin}"
    fallback: str = "Drawn by the wheel, because the predetermined winner was not on it · spin {spin} · {level}"
    sealed: str = "sealed: you trust the operator"
    live: str = "live, if you were there"
    public: str = "public, if you kept the check code"
    demo: str = "Sample spin: not a draw"
    no_list: str = "No list yet - sample names"
    people: Counted = _PEOPLE
    people_left: Counted = _PEOPLE_LEFT
    list_code: str = "Code of this list: {code}"
    check_code: str = "Check code"
    replay: str = "REPLAY of spin {spin}, {at}"
    absent_confirm: str = "Is {ticket} not here? Press A again within 5 seconds"
    absent: str = "{ticket} is recorded as absent from spin {spin}. Spin again"
    absent_nobody: str = "Nobody can be marked as absent now"
    paused: str = "Paused - please fetch the organiser"
    code: str = "Code {code}"
    tell_organiser: str = "For the organiser: {codes}"
    spins_done: str = "All spins have been made."
    everybody_won: str = "Everybody on this list has won."
    prizes_drawn: str = "Every prize has been drawn."
    prize_drawn: str = "Every place of this prize has been drawn."
    nobody_left: str = "Nobody is left who can win the remaining prizes."
    wait_dice: str = "The draw begins when the dice have been thrown"
    wait_audience: str = "The draw begins when the audience has had its say"
    wait_lottery: str = "The draw begins when these lottery numbers are out: {lottery}"
    wait_beacon: str = "The draw begins when public random number no. {round} (drand) is out"
    prize: str = "Prize {number} of {total}"
    sponsor: str = "Given by {sponsor}"
    place: str = "Place {place} of {total}"
    places: str = "Places {first} to {last} of {total}"
    several_places: Counted = _SEVERAL_PLACES
    reserve: str = "Reserve {place} of {total}"
    reserves: str = "Reserves {first} to {last} of {total}"
    for_everybody: str = "Everybody on the list can win"
    for_groups: str = "For {groups} only"
    next_is: str = "The next press is for: {prize}"
    winners_of_press: str = "The winners"
    last_line: str = "Last winner: {name}"
    page: str = "Page {page} of {pages}"
    nobody_yet: str = "Nobody has won yet"
    moved_up: str = "moved up"
    open_again: str = "open again"
    absent_which: str = "Who is not here? Choose the place with the number keys or the arrows, then press A"
    absent_place: str = "Place {place}: is {name} ({ticket}) not here? Press A to confirm"
    absent_open: str = "{ticket} is not here. Place {place} is open again: the next press fills it"
    absent_reserve: str = "{ticket} is not here. Reserve {name} ({reserve}) moves up to place {place}"
    absent_spent: str = "{ticket} is not here. Reserve {place} stays empty"
    rehearsal: str = "REHEARSAL"
    rehearsal_note: str = "Rehearsal: not a draw"
    stick_taken: str = "The lists on the stick have been copied."
    stick_known: str = "There is nothing new on the stick."


def for_touch(texts: Texts) -> Texts:
    """Return the texts of a kiosk with a button on the screen, which is held and not only pressed."""
    return replace(texts, press=texts.hold)

"""The texts of the draw in English. A theme file can replace each one; notices about faults are not among them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of the draw; names in braces are filled in."""

    press: str = "Press the button to spin"
    last_winner: str = "Last winner"
    winner: str = "Winner"
    ticket: str = "Ticket {ticket}"
    drawn: str = "Drawn by the wheel · spin {spin} · {level}"
    set_beforehand: str = "Predetermined: {reason} · spin {spin}"
    fallback: str = "Drawn by the wheel, because {fallback} · spin {spin} · {level}"
    demo: str = "Sample spin: not a draw"
    entries: str = "{left} of {total} on the wheel"
    no_list: str = "No published list - sample names"
    sealed: str = "sealed"
    witnessed: str = "witnessed"
    public: str = "public"
    replay: str = "REPLAY of spin {spin}, {at}"
    absent_confirm: str = "Is {ticket} not here? Press A again within 5 seconds"
    absent: str = "{ticket} is recorded as absent from spin {spin}. Spin again"

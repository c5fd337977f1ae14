"""The texts of the screen in English. A theme file can replace each one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """One field for each text; names in braces are filled in."""

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
    generation: str = "Generation {generation}"
    natural: str = "natural"
    fixed: str = "fixed"
    mixed: str = "mixed {position}/{total}"
    mixed_done: str = "mixed"
    sample_draw: str = "demo"
    spins_done: str = "All spins of this list are done."
    secrets_used_up: str = "This list has used up its secrets: publish it again."
    everybody_won: str = "Everybody on this list has won."
    file_refused: str = "{file} refused: {reason}"
    no_new_lists: str = "New lists do not arrive: restart the kiosk."
    lists_out_of_reach: str = "Lists from elsewhere are out of reach."

"""What tests of organiser requests share."""

from kiosk.snapshot.requests import ClaimMessage, ClaimState, CloseMessage, EntropyMessage, WithdrawMessage
from tests.support import EVENT, Desk, prize, snapshot

OTHER = "fedcba9876543210"
PRIZES = snapshot(prizes=(prize("grand"), prize("mugs", 2, reserves=2, per_press=2)))
WITHDRAW = WithdrawMessage(event=EVENT, ticket="E0002", reason="ill")
CLOSE = CloseMessage(event=EVENT)


def claim(
    desk: Desk, prize_id: str, place: int, state: ClaimState, *, ticket: str = "", event: str = EVENT
) -> str | None:
    held = desk.history.events[EVENT].holders.get((prize_id, place))
    holder = ticket or (held.ticket if held else "E0001")
    return desk.take(ClaimMessage(event=EVENT, prize=prize_id, place=place, ticket=holder, state=state))


def entropy(desk: Desk, text: str) -> EntropyMessage:
    """Return a message for the list on the wheel."""
    current = desk.history.current
    assert current is not None
    return EntropyMessage(
        event=EVENT, snapshot=current.snapshot, anchor=current.anchor, kiosk=desk.session.kiosk_id, text=text
    )


def holders(desk: Desk, prize_id: str) -> dict[int, tuple[str, str]]:
    found = desk.history.events[EVENT].holders.items()
    return {place: (held.ticket, held.state) for (of, place), held in found if of == prize_id}

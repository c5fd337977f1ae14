"""The button's LED: lit exactly while a press would spin the wheel."""

from kiosk.devices.button import Button
from kiosk.machine import State
from kiosk.session.draw_session import Session
from kiosk.supervise.supervisor import Supervisor


class ReadyLight(Supervisor):
    """Switches the LED.

    Args:
        button: has it.
        session: whether anything is left to spin for.
    """

    def __init__(self, button: Button, session: Session) -> None:
        self._button = button
        self._session = session

    def on_change(self, state: State, notices: tuple[str, ...]) -> None:
        """See `Supervisor`."""
        del notices
        self._button.say_ready(ready=state is State.IDLE and self._session.why_no_spin() is None)

"""One line of the benchmark's table."""

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """What, the figure asked for, the measured one, and whether it is reached."""

    what: str
    asked: str
    measured: str
    reached: bool | None = None

"""Checks of the sources that lists come from, by the fetcher's own status."""

from collections.abc import Iterator

from kiosk.commands.doctor.finding import Finding, note, ok, wrong
from kiosk.commands.doctor.machine import ExaminedMachine
from kiosk.core.source_status import read_sources_status
from kiosk.supervise.sources_monitor import fetcher_silent, source_in_words

_RESTART = "sudo systemctl restart wheel-fetch    and to see why: journalctl -u wheel-fetch -n 50 -o cat"


def sources(machine: ExaminedMachine) -> Iterator[Finding]:
    """Do lists arrive from elsewhere, if they are meant to?"""
    if not machine.loaded.settings.source:
        return
    status = read_sources_status(machine.home.fetch_status)
    if status is None or fetcher_silent(status, machine.now):
        yield wrong("sources", "the fetcher does not run: no list arrives from elsewhere", _RESTART)
        return
    for source in status.sources:
        if source.failing_since:
            yield wrong("sources", source_in_words(source), f"check the network and the server; then {_RESTART}")
        elif source.refused:
            yield note("sources", source_in_words(source), "publish again with a key that this kiosk trusts")
        else:
            yield ok("sources", source_in_words(source))

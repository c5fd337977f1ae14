"""Runs the checks and formats what they found.

Invariant: a check that fails itself is a finding too, and the others still run.
"""

from collections.abc import Callable, Iterator

import msgspec

from kiosk.commands.doctor import hardware, home, screen, service, sources
from kiosk.commands.doctor.finding import Finding
from kiosk.commands.doctor.machine import ExaminedMachine

Check = Callable[[ExaminedMachine], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    home.settings,
    screen.driver,
    screen.display,
    screen.fonts,
    screen.sound,
    hardware.button,
    hardware.clock,
    hardware.disk,
    hardware.power,
    home.permissions,
    home.trust,
    home.ledger,
    sources.sources,
    service.running_kiosk,
    service.watches,
)
"""All checks, in the order of the report."""


def examine(machine: ExaminedMachine) -> list[Finding]:
    """Run every check."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings += check(machine)
        except Exception as error:
            findings.append(Finding(check.__name__, "wrong", f"the check failed: {error!r}", ""))
    return findings


def format_report(findings: list[Finding], *, as_json: bool) -> str:
    """Return what to print."""
    if as_json:
        return msgspec.json.format(msgspec.json.encode({"findings": findings}), indent=2).decode() + "\n"
    lines = []
    for finding in findings:
        lines.append(f"{finding.verdict.upper():6}{finding.about:13}{finding.found}")
        if finding.remedy:
            lines.append(f"{'':19}-> {finding.remedy}")
    count = sum(finding.wrong for finding in findings)
    lines.append(f"{count} problem{'s' if count != 1 else ''} found." if count else "No problems found.")
    return "\n".join(lines) + "\n"

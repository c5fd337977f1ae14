"""What a report holds."""

from kiosk.supervise.run_report import LONGEST, FrameTimes, RunReport, SpinReport


def test_a_report_keeps_the_newest_spins_and_stays_small_for_months() -> None:
    report = RunReport()
    for spin in range(1, LONGEST + 51):
        times = FrameTimes(p50=1, p99=1, max=1)
        report.add(
            SpinReport(
                spin=spin, mode="natural", ticket="1", under_pointer="1", duration_ms=11_000, frames=660, frame_ms=times
            )
        )

    assert [report.spins[0].spin, report.spins[-1].spin] == [51, LONGEST + 50]

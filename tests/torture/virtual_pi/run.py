"""`make vm-test`: the whole of it in a virtual Pi, from an installed disk to power cuts.

Invariant: what a person would see decides. Keys go through the monitor, pictures are taken from the screen, the ledger
and the verifier say what was recorded. Prints a line a step; leaves WORK/report.txt and WORK/pictures. Look at those.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.torture.virtual_pi.machine import Vm, VmError, accelerator, colours_of, missing_tools

ROOT = Path(__file__).resolve().parents[3]
HOME = "/var/lib/wheel-kiosk"
LEDGER = f"{HOME}/kiosk/ledger.jsonl"
AS_PI = "runuser -u pi --"
SOURCE = "/home/pi/wheel-kiosk"
LEAST_COLOURS = 24
"""A drawn wheel has more colours than that; a console, a grey or a black screen has fewer."""
PEOPLE = 3000


class Run:
    """One run: a machine, its pictures, its report."""

    def __init__(self, work: Path, *, cuts: int, seed: int) -> None:
        self.work, self.cuts = work, cuts
        self.chance = random.Random(seed)  # noqa: S311 - when to cut the power is not secret
        self.disk = work / "run.img"
        self.pictures = work / "pictures"
        self.vm = Vm(work, self.disk, accelerator=accelerator())
        self._report = (work / "report.txt").open("w")
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line of the report."""
        line = f"{time.monotonic() - self._started:7.1f} s  {text}"
        print(line, flush=True)  # noqa: T201 - the report
        self._report.write(line + "\n")
        self._report.flush()

    def prepare(self) -> None:
        """Take a fresh copy of the built disk."""
        shutil.rmtree(self.pictures, ignore_errors=True)
        self.pictures.mkdir()
        subprocess.run(["cp", "--sparse=always", str(self.work / "disk.img"), str(self.disk)], check=True)

    def boot(self) -> None:
        """Power on, and wait until the kiosk has said that it is ready."""
        self.vm.power_on()
        self.vm.wait_for("systemctl is-active --quiet wheel-kiosk", "the wheel")
        self.say(f"booted in {self.vm.booted_s:.0f} s; the service is active")

    def picture(self, name: str) -> None:
        """Take a picture, and make sure that something was drawn."""
        colours = 0
        for _ in range(20):  # an emulated display shows a frame some seconds after it was presented
            self.vm.picture(self.pictures / f"{name}.png")
            colours = colours_of((self.work / "screen.ppm").read_bytes())
            if colours >= LEAST_COLOURS:
                break
            time.sleep(1)
        if colours < LEAST_COLOURS:
            raise VmError(f"{name}: {colours} colours on the screen: nothing was drawn; see {self.pictures}/{name}.png")
        self.say(f"picture {name}: {colours} colours")

    def records(self, kind: str) -> list[dict[str, object]]:
        """Return the ledger's records of one kind."""
        lines = self.vm.sh(f'grep \'"type":"{kind}"\' {LEDGER} || true').splitlines()
        return [json.loads(line) for line in lines]

    def wait_for_record(self, kind: str, count: int) -> None:
        """Wait until there are that many records of one kind."""
        self.vm.wait_for(f'test $(grep -c \'"type":"{kind}"\' {LEDGER}) -ge {count}', f"{kind} record {count}")

    def verify(self) -> None:
        """Run the stand-alone verifier."""
        told = self.vm.sh(f"python3 {SOURCE}/tools/verify/verify_draw.py {HOME} | tail -n 1")
        if told != "CONSISTENT":  # no keys are named here
            raise VmError(
                f"the verifier says: {self.vm.sh(f'python3 {SOURCE}/tools/verify/verify_draw.py {HOME} | tail')}"
            )

    # ---- steps -----------------------------------------------------------------------------------------------------

    def first_boot(self) -> None:
        """From the installed disk to sample names on the screen, and nobody logged in."""
        self.boot()
        self.picture("sample")
        for line in self.vm.sh("systemd-analyze | head -n 1; systemctl is-system-running", check=False).splitlines():
            self.say(line)
        if "inactive" not in self.vm.sh("systemctl is-active getty@tty1", check=False):
            raise VmError("there is a login prompt under the wheel")

    def permissions(self) -> None:
        """Check permissions as the users whom they concern."""
        kiosk, nobody = "runuser -u wheel-kiosk --", "runuser -u nobody --"
        refused = [
            (f"{kiosk} touch {HOME}/snapshots/x", "the kiosk writes snapshots"),
            (f"{kiosk} ls {HOME}/admin", "the kiosk looks into admin/"),
            (f"{kiosk} rm -rf {HOME}/kiosk/trusted {HOME}/kiosk/kiosk.toml", "the kiosk removes its trusted keys"),
            (f"{nobody} sh -c 'cat {HOME}/snapshots/*.json'", "anybody reads the list"),
            (f"{nobody} cat {LEDGER}", "anybody reads the ledger"),
            (f"{AS_PI} cat {HOME}/kiosk/kiosk-key.pem", "an admin reads the kiosk's key"),
            (f"{AS_PI} ls {HOME}/kiosk/secrets", "an admin reads the secrets"),
            (f"{AS_PI} sh -c 'echo x >> {LEDGER}'", "an admin writes the ledger"),
            (f"{AS_PI} touch {HOME}/kiosk/trusted/x.pem", "an admin adds a trusted key"),
        ]
        for command, what in refused:
            if self.vm.sh(f"{command} && echo ALLOWED", check=False).endswith("ALLOWED"):
                raise VmError(f"must be refused, but {what}")
        self.vm.sh(f"{kiosk} sh -c 'cat {HOME}/snapshots/*.json > /dev/null' && {AS_PI} cat {LEDGER} > /dev/null")
        self.say(f"permissions: {len(refused)} forbidden things are refused, two allowed ones work")

    def publish(self) -> None:
        """As README.md says: init, import, publish."""
        self.vm.sh(
            f"printf 'Ticket,Name\\n' > /tmp/people.csv; seq 1 {PEOPLE} | "
            "awk '{printf \"E%04d,Person %d\\n\", $1, $1}' >> /tmp/people.csv"
        )
        self.vm.sh("SUDO_UID=$(id -u pi) /usr/local/bin/wheel-admin init --no-passphrase")
        for command in ("import /tmp/people.csv", "winners remove", "publish"):
            self.vm.sh(f"{AS_PI} /usr/local/bin/wheel-admin {command}")
        self.wait_for_record("adopt", 2)
        time.sleep(3)
        self.picture("idle")
        self.say(f"published and adopted: {PEOPLE} entries")

    def doctor(self) -> None:
        """Run doctor, which may only report what a virtual machine lacks."""
        told = self.vm.sh("/usr/local/bin/wheel-kiosk doctor --json", check=False)
        wrong = [one for one in json.loads(told)["findings"] if one["verdict"] == "wrong"]
        if wrong:
            raise VmError(f"doctor: {wrong}")
        self.say("doctor: nothing is wrong")

    def spin(self) -> None:
        """A key through the monitor, pictures, and what the ledger says."""
        self.vm.press("spc")
        self.wait_for_record("result", 1)
        time.sleep(4)
        self.picture("turning")
        self.wait_for_record("shown", 1)
        time.sleep(6)
        self.picture("result")
        self.verify()
        shown = self.records("shown")[0]
        self.say(f"spin 1: {shown['duration_ms']} ms, {shown['frames']} frames; VERIFIED")

    def diagnostics(self) -> None:
        """Show the diagnostics page (Ctrl+Shift+D)."""
        self.vm.press("ctrl", "shift", "d")
        time.sleep(6)
        self.vm.picture(self.pictures / "diagnostics.png")
        self.vm.press("ctrl", "shift", "d")

    def killed(self) -> None:
        """Kill the kiosk; systemd restarts it."""
        before = self.pid()
        self.vm.sh(f"kill -9 {before}")
        self.vm.wait_for(
            f"systemctl is-active --quiet wheel-kiosk && test $(systemctl show -P MainPID wheel-kiosk) != {before}",
            "systemd to start it again",
        )
        self.say("killed: systemd has restarted it")

    def frozen(self) -> None:
        """Freeze the kiosk; the heartbeat stops and the watchdog acts."""
        before = self.pid()
        started = time.monotonic()
        self.vm.sh(f"kill -STOP {before}")
        self.vm.wait_for("journalctl -b -u wheel-kiosk -o cat | grep -q 'Watchdog timeout'", "the watchdog")
        acted_s = time.monotonic() - started
        self.vm.wait_for(
            f"systemctl is-active --quiet wheel-kiosk && test $(systemctl show -P MainPID wheel-kiosk) != {before}",
            "systemd to start it again",
        )
        self.say(
            f"frozen: the watchdog acted after {acted_s:.0f} s, all was back {time.monotonic() - started:.0f} s in"
        )

    def pid(self) -> int:
        """Return the kiosk's process id."""
        return int(self.vm.sh("systemctl show -P MainPID wheel-kiosk"))

    def power_cut(self, number: int) -> None:
        """Cut the power somewhere in a spin; after the boot the same winner is shown, and everything holds."""
        spins = len(self.records("result"))
        delay = self.chance.uniform(0.0, 11.5)
        self.vm.press("spc")
        if number % 4:  # every fourth time: before, or while, it is recorded
            self.wait_for_record("result", spins + 1)
        else:
            delay = self.chance.uniform(0.0, 0.6)
        time.sleep(delay)
        self.vm.cut_power()
        checked = subprocess.run(["e2fsck", "-p", str(self.disk)], capture_output=True, text=True, check=False)
        before = self.result_on_disk(spins + 1)
        self.boot()
        if checked.returncode > 1:
            raise VmError(f"the file system: {checked.stdout}")
        if before is not None:
            self.wait_for_record("shown", spins + 1)
        after = self.records("result")
        if before is not None and after[spins]["winners"] != before["winners"]:
            raise VmError(f"spin {spins + 1}: {before['winners']} before the cut, {after[spins]['winners']} after it")
        if len(self.records("adopt")) > 2:
            raise VmError("the list was adopted again: its secret is lost")
        self.verify()
        time.sleep(1.5)
        self.picture(f"after-cut-{number:02d}")
        what = f"{before['winners'][0]} again" if before else "nothing was recorded yet"
        self.say(f"power cut {number}, {delay:.1f} s in: {what}; CONSISTENT; file system clean ({checked.returncode})")

    def runbook(self) -> None:
        """Run the commands of RUNBOOK.md in its order; the root shell stands for `sudo`."""
        admin = f"cd /home/pi && {AS_PI} /usr/local/bin/wheel-admin"
        adoptions, absences = len(self.records("adopt")), len(self.records("claim"))
        self.vm.sh(f"cd /home/pi && {AS_PI} /usr/local/bin/wheel-kiosk config check")
        self.vm.sh(f"{admin} withdraw E2999 --reason 'asked to be left out'")
        self.wait_for_record("withdraw", 1)
        self.vm.press("a")
        time.sleep(2)
        self.picture("absence-asked")
        self.vm.press("a")
        self.wait_for_record("claim", absences + 1)
        self.vm.sh(f"{admin} publish --force")
        self.wait_for_record("adopt", adoptions + 1)
        self.one_spin()
        self.vm.sh(f"{admin} draws export draws.xlsx")
        told = self.vm.sh(f"{admin} verify").splitlines()
        if not told[-1].startswith("SIGNED up to record "):
            raise VmError(f"wheel-admin verify says {told[-1]}")
        bundled = "mkdir -p /media/stick && WHEEL_BUNDLE_PASSPHRASE='a summer fair' /usr/local/bin/wheel-admin"
        self.vm.sh(f"{bundled} bundle -o /media/stick/backup.wheel")
        spins = [one["spin"] for one in self.records("result")]
        self.say(f"runbook: config check, withdraw, A twice, publish --force, spin {spins[-1]}, export, verify, bundle")

        started = time.monotonic()
        self.vm.sh("systemctl stop wheel-kiosk && mv /var/lib/wheel-kiosk /media/stick/other")
        self.vm.sh(f"SUDO_USER=pi {SOURCE}/systemd/install.sh")
        self.vm.sh("systemctl stop wheel-kiosk")
        self.vm.sh(f"{bundled} restore /media/stick/backup.wheel")
        self.vm.sh("systemctl start wheel-kiosk")
        self.vm.wait_for("systemctl is-active --quiet wheel-kiosk", "the wheel of the restored kiosk")
        time.sleep(3)
        self.picture("restored")
        self.one_spin()
        again = [one["spin"] for one in self.records("result")]
        if again != [*spins, spins[-1] + 1]:  # type: ignore[operator]
            raise VmError(f"the restored kiosk does not go on: {spins[-3:]}, then {again[-3:]}")
        self.verify()
        self.vm.sh(f"{admin} verify --against /media/stick/other/kiosk/ledger.jsonl")
        self.say(f"runbook: a new card goes on with spin {again[-1]}; {time.monotonic() - started:.0f} s; VERIFIED")

        self.vm.sh("/opt/wheel-kiosk/share/install.sh --uninstall")
        self.vm.sh(f"test ! -e /opt/wheel-kiosk && test -s {LEDGER} && ! systemctl is-active --quiet wheel-kiosk")
        self.say("runbook: removed; lists, ledger and keys are still there")

    def one_spin(self) -> None:
        """Press the key and wait until the result was shown."""
        shown = len(self.records("shown"))
        self.vm.press("spc")
        self.wait_for_record("shown", shown + 1)
        time.sleep(6)

    def result_on_disk(self, number: int) -> dict[str, str] | None:
        """Return the result of the spin that the power was cut in, as it lies on the disk; None if it is not there."""
        read = ["debugfs", "-R", f"cat {LEDGER}", str(self.disk)]
        text = subprocess.run(read, capture_output=True, text=True, check=True).stdout
        found = [json.loads(line) for line in text.splitlines() if '"type":"result"' in line and line.endswith("}")]
        return found[number - 1] if len(found) >= number else None


def main() -> int:
    """Run the steps; returns 0 if all of them passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / ".vm", help="where disks and pictures go (%(default)s)")
    parser.add_argument("--cuts", type=int, default=10, help="how often to cut the power (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="when to cut it (%(default)s)")
    parser.add_argument("--keep", action="store_true", help="use the disk that is there, instead of building it")
    options = parser.parse_args()
    missing = missing_tools()
    if missing:
        parser.exit(2, f"not installed: {', '.join(missing)}; apt-get install qemu-system-x86 mmdebstrap e2fsprogs\n")
    work = options.work.resolve()
    if not options.keep or not (work / "disk.img").exists():
        subprocess.run([str(ROOT / "tests/torture/virtual_pi/build_image.sh"), str(work)], check=True)
    run = Run(work, cuts=options.cuts, seed=options.seed)
    steps: list[Callable[[], None]] = [run.prepare, run.first_boot, run.publish, run.permissions, run.doctor, run.spin]
    steps += [run.killed, run.diagnostics, run.frozen]  # the page waits until no result stands
    try:
        for step in steps:
            step()
        for number in range(1, run.cuts + 1):
            run.power_cut(number)
        run.runbook()
        run.vm.power_off()
    except (VmError, OSError, subprocess.CalledProcessError) as error:
        run.say(f"FAILED: {error}")
        return 1
    finally:
        run.vm.cut_power()
    run.say(f"PASSED, with {run.cuts} power cuts. Now look at the pictures: {run.pictures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

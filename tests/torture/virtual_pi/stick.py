"""A kiosk whose lists come from elsewhere: from a stick that is pulled at random moments, and from a folder.

Invariant: the organiser's home is on this machine, and the guest has only their public key. What may lie in the guest's
directory of published files are the bytes that the organiser published; what may lie on the stick is whole lines that
the guest's ledger begins with.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.torture.virtual_pi.guest import HOME, LEDGER, Guest, Report
from tests.torture.virtual_pi.machine import VmError, wait_until
from tests.torture.virtual_pi.usb_stick import UsbStick

PEOPLE = 60
LISTS = "/var/lib/wheel-lists"
MOUNTS = "/run/wheel-stick"
RUNS = "journalctl -b -o cat | grep -c 'Finished wheel-stick@'"
MOST_EXPOSURE = {"wheel-kiosk": 1.5, "wheel-fetch": 2.0, "wheel-stick@sda1": 2.0}


class WithStick(Guest):
    """The steps of a kiosk that takes its lists from a stick, and then from a folder too."""

    def __init__(self, work: Path, report: Report, *, seed: int) -> None:
        super().__init__(work, report, seed=seed)
        self.laptop = work / "laptop"
        shutil.rmtree(self.laptop, ignore_errors=True)
        (self.laptop / "sent").mkdir(parents=True)
        self.sent = self.laptop / "sent"
        self.published: dict[str, set[str]] = {}
        self.lists = 0
        self.stick = UsbStick(work / "stick.img")
        self.whole_s = self.writing_s = 0.0

    def everything(self, pulls: int) -> None:
        """Run every step, with that many pulls."""
        self.prepare()
        self.boot()
        self.meet()
        self.undisturbed()
        for number in range(1, pulls + 1):
            self.pulled(number)
        self.given_back()
        self.from_a_folder()
        self.exposure()
        self.vm.power_off()

    # ---- the laptop ------------------------------------------------------------------------------------------------

    def admin(self, *arguments: str) -> str:
        """Run wheel-admin on the laptop; returns what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "wheel_admin", *arguments, "--home", str(self.laptop / "home")],
            cwd=self.laptop,
            env={**os.environ, "HOME": str(self.laptop)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise VmError(f"wheel-admin {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def publish(self) -> int:
        """Publish another list to the folder `sent` of the laptop; returns its generation."""
        self.lists += 1
        self.admin("title", f"Fair {self.lists}")
        self.admin("publish", "--to", str(self.sent))
        for path in self.sent.iterdir():
            self.published.setdefault(path.name, set()).add(hashlib.sha256(path.read_bytes()).hexdigest())
        return self.lists

    # ---- steps -----------------------------------------------------------------------------------------------------

    def meet(self) -> None:
        """First contact: the kiosk trusts the organiser, and the organiser knows the kiosk."""
        people = self.laptop / "people.csv"
        people.write_text("Ticket,Name\n" + "".join(f"E{one:04d},Person {one}\n" for one in range(1, PEOPLE + 1)))
        self.admin("init", "--no-passphrase")
        self.admin("import", str(people))
        paired = self.admin("pair", "-o", str(self.laptop / "organiser.pem"))
        code = re.search(r"([0-9A-Z]{5}-){5}[0-9A-Z*~$=]+", paired)
        if code is None:
            raise VmError("wheel-admin pair shows no code")
        self.bring(self.laptop / "organiser.pem", "/root/organiser.pem")
        told = self.vm.sh(f"/usr/local/bin/wheel-kiosk trust /root/organiser.pem --code '{code[0]}'")
        kiosk = re.search(r"[0-9a-f]{64}", told)
        if kiosk is None:
            raise VmError(f"wheel-kiosk trust does not say the kiosk's id: {told}")
        self.admin("pair", "--kiosk", kiosk[0])
        self.vm.sh(f"sed -i 's/^#stick = false/stick = true/' {HOME}/kiosk/kiosk.toml")
        self.say(f"first contact: organiser {code[0]}, kiosk {kiosk[0][:16]}")

    def undisturbed(self) -> None:
        """A list from a stick to the screen, a spin by a key, and the results on the stick."""
        number = self.publish()
        self.stick.put(self.sent)
        started, runs = time.monotonic(), self.runs()
        self.vm.plug_in(self.stick.image)
        self.wait_until_writable()
        writable = time.monotonic()
        self.wait_for_run(runs)
        self.whole_s, self.writing_s = time.monotonic() - started, time.monotonic() - writable
        self.wait_for_record("adopt", 1)
        self.picture("stick-taken")
        self.vm.pull_out()
        self.hold(number)
        self.say(f"a list from the stick: {self.whole_s:.1f} s, {self.writing_s:.1f} s of them writable; adopted")
        self.one_spin()
        self.picture("stick-result")
        self.verify()
        self.say(f"a key spins: {self.records('result')[-1]['winners']}")

    def pulled(self, number: int) -> None:
        """Pull the stick somewhere between plugging in and the end, every second time while it is writable."""
        before, kiosk = self.vm.sh(f"cat {LEDGER}"), self.pid()
        self.publish()
        self.stick.put(self.sent)
        self.vm.plug_in(self.stick.image)
        if number % 2:
            delay, moment = self.chance.uniform(0.0, self.whole_s), "after plugging in"
        else:
            self.wait_until_writable()
            delay, moment = self.chance.uniform(0.0, self.writing_s), "after it became writable"
        time.sleep(delay)
        self.vm.pull_out()
        self.wait_until_gone()
        here = self.vm.sh(f"cat {LEDGER}")
        if not here.startswith(before):
            raise VmError(f"pull {number}: records are lost")
        if self.pid() != kiosk:
            raise VmError(f"pull {number}: the kiosk was restarted")
        files = self.check_published()
        records = self.check_results(here)
        self.one_spin()
        self.verify()
        taken = "taken" if f"snapshot-{self.lists:06d}.json" in files else "not taken"
        self.say(
            f"pull {number}, {delay:.1f} s {moment}: list {self.lists} {taken}; {len(files)} files, each whole;"
            f" {records} records on the stick, each whole; the kiosk spins"
        )

    def given_back(self) -> None:
        """After the pulls: the newest list is taken, and the results on the stick are whole and verify."""
        said, runs, number = self.stick.complaints(), self.runs(), self.publish()
        self.stick.put(self.sent)
        self.vm.plug_in(self.stick.image)
        self.wait_for_run(runs)
        self.hold(number)
        wait_until(lambda: self.records("adopt")[-1]["generation"] == number, f"the adoption of list {number}")
        self.vm.pull_out()
        self.wait_until_gone()
        left = self.vm.sh(f"find {HOME}/snapshots {HOME}/fetch -name '*.tmp'").splitlines()
        if left:
            raise VmError(f"left over: {left}")
        results = self.stick.results(self.work / "results")
        [ledger] = results.glob("kiosks/*/ledger-00000001.jsonl")
        spins = ledger.read_text().count('"type":"result"')
        if spins != len(self.records("result")):
            raise VmError(f"{spins} of {len(self.records('result'))} spins are on the stick")
        told = self.admin("verify", "--from", str(results))
        if "SIGNED" not in told:
            raise VmError(f"wheel-admin verify --from says {told}")
        self.say(f"given back: {spins} of {spins} spins are on the stick; verify --from says {told.splitlines()[-1]}")
        self.say(f"fsck.vfat of the stick after the pulls: {' | '.join(said) or 'clean'}")

    def from_a_folder(self) -> None:
        """The fetcher's unit starts when a source is added, brings a list, and sends results back."""
        if "inactive" not in self.vm.sh("systemctl is-active wheel-fetch", check=False):
            raise VmError("the fetcher runs without a source")
        self.vm.sh(f"printf '[[source]]\nurl = \"file://{LISTS}\"\n' >> {HOME}/kiosk/kiosk.toml")
        self.vm.wait_for("systemctl is-active --quiet wheel-fetch", "the fetcher")
        number = self.publish()
        for path in sorted(self.sent.iterdir(), key=lambda one: (one.name == "index.json", one.name)):
            if not path.name.startswith("snapshot") or path.name == f"snapshot-{number:06d}.json":
                self.bring(path, f"{LISTS}/{path.name}")
        self.vm.sh(f"chown -R pi:wheel-admin {LISTS}/*.json")
        self.vm.wait_for(f"test -e {HOME}/snapshots/snapshot-{number:06d}.json", "the list from the folder")
        self.hold(number)
        self.vm.wait_for(f"test -s {LISTS}/kiosks/*/ledger-00000001.jsonl", "the results in the folder")
        self.vm.sh("systemctl is-active --quiet wheel-fetch wheel-fetch.path wheel-kiosk")
        self.say(f"wheel-fetch, wheel-fetch.path and wheel-kiosk are active; list {number} came from a folder")

    def exposure(self) -> None:
        """What systemd says of the units as they are installed."""
        figures = []
        for unit, most in MOST_EXPOSURE.items():
            told = self.vm.sh(f"systemd-analyze security --no-pager {unit}.service | grep Overall")
            found = re.search(r": ([\d.]+)", told)
            if found is None or float(found[1]) > most:
                raise VmError(f"{told}: more than {most}")
            figures.append(f"{unit} {found[1]}")
        self.say(f"systemd-analyze security: {', '.join(figures)}")

    # ---- looks -----------------------------------------------------------------------------------------------------

    def bring(self, path: Path, to: str) -> None:
        """Write a file of this machine into the guest."""
        self.vm.sh(f"echo {base64.b64encode(path.read_bytes()).decode()} | base64 -d > {to}.new && mv {to}.new {to}")

    def wait_until_writable(self) -> None:
        """Wait until the stick is mounted writable, which it is once its lists were taken."""
        self.vm.wait_for(f"grep -q '{MOUNTS}/[^ ]* vfat rw' /proc/mounts", "the stick to be writable")

    def runs(self) -> int:
        """Return how often the unit has done all that it does with a stick."""
        return int(self.vm.sh(f"{RUNS} || true"))

    def wait_for_run(self, before: int) -> None:
        """Wait until the unit has done all that it does with a stick once more."""
        self.vm.wait_for(f"test $({RUNS}) -gt {before}", "the stick's unit")

    def wait_until_gone(self) -> None:
        """Wait until nothing is left of a stick: no unit, no mount, no directory."""
        unit = "systemctl list-units --no-legend --all 'wheel-stick@*' | grep -q active"
        self.vm.wait_for(
            f'! {unit} && ! grep -q {MOUNTS}/ /proc/mounts && test -z "$(ls -A {MOUNTS} 2>/dev/null)"',
            "the stick to be forgotten",
        )

    def hold(self, number: int) -> None:
        """Make sure that a list is there, with all that may be there."""
        if f"snapshot-{number:06d}.json" not in self.check_published():
            raise VmError(f"list {number} is not there")

    def check_published(self) -> set[str]:
        """Make sure that every file under a published name is one that the organiser published; returns their names."""
        names = set()
        for line in self.vm.sh(
            f"cd {HOME}/snapshots && find . -maxdepth 1 -type f ! -name '.*' -exec sha256sum {{}} +"
        ).splitlines():
            digest, name = line.split()
            name = name.removeprefix("./")
            if digest not in self.published.get(name, set()):
                raise VmError(f"{name} is not what was published")
            names.add(name)
        return names

    def check_results(self, ledger: str) -> int:
        """Make sure that what lies on the stick is whole lines that the ledger begins with; returns how many."""
        lines = 0
        for path in self.stick.results(self.work / "results").glob("kiosks/*/ledger-*.jsonl"):
            there = path.read_text()
            if not ledger.startswith(there.rstrip("\n")) or not there.endswith("\n"):
                raise VmError(f"{path} on the stick is not what the ledger begins with")
            lines += there.count("\n")
        return lines

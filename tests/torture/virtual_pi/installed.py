"""The installed kiosk from its first boot to power cuts, and the commands of the runbook.

Invariant: keys go through the monitor, pictures are taken from the screen, the power is cut by killing the machine.
"""

import json
import subprocess
import time

from tests.torture.virtual_pi.guest import HOME, LEDGER, SOURCE, Guest
from tests.torture.virtual_pi.machine import VmError

AS_PI = "runuser -u pi --"
PEOPLE = 3000


class Installed(Guest):
    """The steps of a kiosk whose lists are published on itself."""

    def everything(self, cuts: int) -> None:
        """Run every step, with that many power cuts."""
        for step in (
            self.prepare,
            self.first_boot,
            self.publish,
            self.permissions,
            self.doctor,
            self.spin,
            self.killed,
            self.diagnostics,  # the page waits until no result stands
            self.frozen,
        ):
            step()
        for number in range(1, cuts + 1):
            self.power_cut(number)
        self.runbook()
        self.vm.power_off()

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
        self.wait_for_record("adopt", 1)
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
        if len(self.records("adopt")) > 1:
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

    def result_on_disk(self, number: int) -> dict[str, str] | None:
        """Return the result of the spin that the power was cut in, as it lies on the disk; None if it is not there."""
        read = ["debugfs", "-R", f"cat {LEDGER}", str(self.disk)]
        text = subprocess.run(read, capture_output=True, text=True, check=True).stdout
        found = [json.loads(line) for line in text.splitlines() if '"type":"result"' in line and line.endswith("}")]
        return found[number - 1] if len(found) >= number else None

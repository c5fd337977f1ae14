"""The two ends of a way: the organiser's laptop and the kiosk, as processes with environments of their own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys, trust
from kiosk.core.source_status import SourceReport, read_sources_status
from kiosk.fetcher.placing import prepare

LIMIT_S = 120


@dataclass(frozen=True)
class Nginx:
    """A web server: its address, the folder that it serves, its CA, its log."""

    url: str
    folder: Path
    ca: Path
    log: Path


@dataclass(frozen=True)
class Ssh:
    """An SFTP server: the URL of a folder on it, its port, and a directory with the keys host and client."""

    url: str
    port: int
    keys: Path

    def known_hosts(self, name: str = "host") -> str:
        """Return the line of known_hosts for a host key."""
        kind, key, *_ = (self.keys / f"{name}.pub").read_text().split()
        return f"[127.0.0.1]:{self.port} {kind} {key}\n"


@dataclass(frozen=True)
class Ends:
    """An organiser and a kiosk that trusts them."""

    laptop: Home
    kiosk: Home
    laptop_environment: dict[str, str]
    kiosk_environment: dict[str, str]

    @classmethod
    def make(cls, root: Path) -> Self:
        """Make both; the organiser has a draft of three people."""
        environments = []
        for name in ("laptop", "pi"):
            user = root / name / "user"
            user.mkdir(parents=True)
            environments.append({**os.environ, "HOME": str(user)})
        ends = cls(Home(root / "laptop/home"), Home(root / "pi/home"), *environments)
        table = root / "people.csv"
        table.write_text("Ticket,Name\nE1,Ada\nE2,Grace\nE3,Joan\n")
        ends.admin("init", "--no-passphrase")
        ends.admin("import", str(table))
        prepare(ends.kiosk)
        ends.kiosk.trusted.mkdir(parents=True)
        for key in load_trusted_keys(ends.laptop.trusted).values():
            trust(ends.kiosk.trusted, key)
        return ends

    def admin(self, *arguments: str, code: int = 0) -> str:
        """Run wheel-admin on the laptop; returns what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "wheel_admin", *arguments, "--home", str(self.laptop.root)],
            env=self.laptop_environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == code, done
        return done.stdout + done.stderr

    def settings(self, url: str, *more: str) -> None:
        """Write the kiosk's source."""
        self.kiosk.settings.write_text("\n".join(("[[source]]", f'url = "{url}"', *more)) + "\n")

    def fetch(self, *, code: int = 0) -> SourceReport:
        """Ask the source once; returns what is known of it then."""
        done = subprocess.run(
            [sys.executable, "-m", "kiosk.fetcher", "--once", "--verbose", "--home", str(self.kiosk.root)],
            env=self.kiosk_environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == code, done
        assert "Traceback" not in done.stderr, done
        assert "s3cret" not in done.stdout + done.stderr
        status = read_sources_status(self.kiosk.fetch_status)
        assert status is not None
        return status.sources[0]

    def generation_here(self, generation: int) -> bool:
        """Say whether the kiosk has that list."""
        return self.kiosk.snapshot(generation).exists()

"""Who may do what in a home: the one table that init, the draft, the doctor and the installer's files follow.

A home is either installed (systemd/install.sh made it: the kiosk is a user of its own, and the organisers are the group
wheel-admin; the set-group-ID bit of admin/ tells) or personal (one user owns everything).

Invariant: this module changes nothing; it says what the permissions must be, and which ones are not.
"""

import stat
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.core.home import Home

Owner = Literal["root", "wheel-kiosk", "wheel-fetch"]
Group = Literal["root", "wheel-admin", "wheel-kiosk", "wheel-fetch"]


class Rule(msgspec.Struct, frozen=True):
    """The permissions of one path.

    Attributes:
        path: relative to the home; "" is the home itself, and a last part of `*` stands for every file there.
        personal: mode in a personal home.
        installed: mode in an installed one; and its
        owner: and
        group: None for a file that belongs to the organiser who made it.
        readers: who may read besides, by an ACL that new files inherit.
    """

    path: str
    personal: int
    installed: int
    owner: Owner | None = None
    group: Group | None = None
    readers: str = ""


DIRECTORIES = (
    Rule("", 0o750, 0o755, "root", "root"),
    Rule("admin", 0o700, 0o2770, "root", "wheel-admin"),
    Rule("snapshots", 0o750, 0o2770, "root", "wheel-admin", readers="u:wheel-kiosk"),
    Rule("kiosk", 0o750, 0o1770, "root", "wheel-kiosk", readers="g:wheel-admin"),
    Rule("kiosk/trusted", 0o750, 0o755, "root", "root"),
    Rule("kiosk/themes", 0o750, 0o2775, "root", "wheel-admin"),
    Rule("kiosk/adopted", 0o750, 0o750, "wheel-kiosk", "wheel-kiosk"),
    Rule("kiosk/secrets", 0o700, 0o700, "wheel-kiosk", "wheel-kiosk"),
    Rule("kiosk/secrets-2", 0o700, 0o700, "wheel-kiosk", "wheel-kiosk"),
    Rule("fetch", 0o755, 0o755, "wheel-fetch", "wheel-fetch"),
    Rule("fetch/credentials", 0o700, 0o700, "wheel-fetch", "wheel-fetch"),
)
FILES = (
    Rule("admin/draft.json", 0o600, 0o660, None, "wheel-admin"),
    Rule("admin/earlier-draft-*.json", 0o600, 0o660, None, "wheel-admin"),
    Rule("admin/known-keys.json", 0o600, 0o660, None, "wheel-admin"),
    Rule("admin/signed-entropy.json", 0o600, 0o660, None, "wheel-admin"),
    Rule("admin/targets.json", 0o600, 0o660, None, "wheel-admin"),
    Rule("admin/.lock", 0o600, 0o660, None, "wheel-admin"),
    Rule("admin/signing-key.pem", 0o600, 0o600, None, "wheel-admin"),
    Rule("admin/receipt-secret.hex", 0o600, 0o600, None, "wheel-admin"),
    Rule("kiosk/kiosk.toml", 0o640, 0o664, "root", "wheel-admin"),
    Rule("kiosk/kiosk-key.pem", 0o600, 0o600, "wheel-kiosk", "wheel-kiosk"),
    Rule("kiosk/secrets/*", 0o600, 0o600, "wheel-kiosk", "wheel-kiosk"),
    Rule("kiosk/secrets-2/*", 0o600, 0o600, "wheel-kiosk", "wheel-kiosk"),
    Rule("fetch/credentials/*", 0o600, 0o600, "wheel-fetch", "wheel-fetch"),
    Rule("kiosk/trusted/*.pem", 0o644, 0o644, "root", "root"),
)
RULES = {rule.path: rule for rule in (*DIRECTORIES, *FILES)}
INSTALLED_HOME = Path("/var/lib/wheel-kiosk")
TMPFILES = Path("/etc/tmpfiles.d/wheel-kiosk.conf")
"""The installer's: systemd-tmpfiles makes the directories of the installed home by it."""
_MADE_BY_THE_KIOSK = frozenset({"kiosk/adopted", "kiosk/secrets", "kiosk/secrets-2"})
_SECRET = (
    "admin/signing-key.pem",
    "admin/receipt-secret.hex",
    "kiosk/kiosk-key.pem",
    "kiosk/secrets/*",
    "kiosk/secrets-2/*",
    "fetch/credentials/*",
)


def is_installed(home: Home) -> bool:
    """Say whether the installer made this home, for a group of organisers."""
    try:
        return bool(home.admin.stat().st_mode & stat.S_ISGID)
    except OSError:
        return False


def missing_directories(home: Home) -> list[Path]:
    """Return the directories of the installed home that only its installer can make, as far as they are missing."""
    if not is_installed(home) and not (home.root == INSTALLED_HOME and TMPFILES.exists()):
        return []
    wanted = [home.root / rule.path for rule in DIRECTORIES if rule.path not in _MADE_BY_THE_KIOSK]
    return [path for path in wanted if not path.is_dir()]


def mode_of(home: Home, path: Path) -> int:
    """Return the mode that `path` has to have; it must be in the table."""
    rule = RULES["" if path == home.root else path.relative_to(home.root).as_posix()]
    return rule.installed if is_installed(home) else rule.personal


def secret_files(home: Home) -> list[Path]:
    """Return the files of the home that nobody but their owner may read, as far as they are there and can be seen."""
    return [path for pattern in _SECRET for path in _glob(home.root, pattern)]


def wrong_modes(home: Home) -> list[tuple[Path, int, int]]:
    """Return the paths of an installed home that have not the mode of the table: (path, found, expected)."""
    if not is_installed(home):
        return []
    found = []
    for rule in RULES.values():
        for path in _glob(home.root, rule.path):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode != rule.installed:
                found.append((path, mode, rule.installed))
    return found


def _glob(root: Path, pattern: str) -> list[Path]:
    try:
        return sorted(root.glob(pattern)) if "*" in pattern else [root / pattern] if (root / pattern).exists() else []
    except OSError:  # not for our eyes
        return []

"""The paths and file names of a home directory.

Invariant: pure; it names paths and touches no file. Other modules ask here instead of spelling a name themselves.

    HOME/
      admin/      draft.json, earlier-draft-000007.json, signing-key.pem, receipt-secret.hex, known-keys.json,
                  signed-entropy.json, targets.json, .lock
                                                                 the organiser's; the kiosk never reads it
      snapshots/  snapshot-000042.json, names-DIGEST.json, request-DIGEST.json,
                  picture-DIGEST.png (or .jpg, .webp)            published: wheel-admin writes, the kiosk reads
      kiosk/      kiosk.toml, themes/, ledger.jsonl, checkpoints.jsonl, trusted/*.pem, adopted/, secrets/,
                  secrets-2/, status.json, gpu.json, kiosk-key.pem, kiosk-key.pub.pem  the kiosk's own
      fetch/      status.json, stick.json, credentials/, known_hosts             the fetcher's own
"""

import re
from pathlib import Path

import msgspec

SNAPSHOT_NAME = re.compile(r"snapshot-([0-9]{6})\.json")
"""A published list; its generation."""
NAMES_NAME = re.compile(r"names-([0-9a-f]{16})\.json")
"""The names file of a list; the start of its SHA-256."""
REQUEST_NAME = re.compile(r"request-([0-9a-f]{16})\.json")
"""A signed organiser request; the start of its payload's SHA-256."""
EARLIER_DRAFT_NAME = re.compile(r"earlier-draft-([0-9]{6})\.json")
"""A draft before a change; its number, which rises."""
PICTURE_NAME = re.compile(r"picture-([0-9a-f]{16})\.(png|jpg|webp)")
"""A prize's picture; the start of its SHA-256."""
CHAIN_SUFFIX = ".secret"
"""Ends the name of a file that holds s_0 of a hash chain."""


def snapshot_name(generation: int) -> str:
    """Return the name of a generation's published file."""
    return f"snapshot-{generation:06d}.json"


def names_name(digest: str) -> str:
    """Return the name of the names file with that SHA-256."""
    return f"names-{digest[:16]}.json"


def request_name(digest: str) -> str:
    """Return the name of the file of the request whose payload has that SHA-256."""
    return f"request-{digest[:16]}.json"


def picture_name(picture: str) -> str:
    """Return the name of the file of a prize's picture, which is named by its SHA-256 and suffix."""
    digest, _, suffix = picture.partition(".")
    return f"picture-{digest[:16]}.{suffix}"


def secret_name(anchor: str) -> str:
    """Return the name of the file that holds an anchor's s_0."""
    return f"{anchor}{CHAIN_SUFFIX}"


class Home(msgspec.Struct, frozen=True):
    """The paths below one home directory."""

    root: Path

    @property
    def admin(self) -> Path:
        """The organiser's directory."""
        return self.root / "admin"

    @property
    def draft(self) -> Path:
        """The organiser's list before it is published: the only list that can be edited."""
        return self.admin / "draft.json"

    def earlier_draft(self, number: int) -> Path:
        """Return the file of a draft before a change."""
        return self.admin / f"earlier-draft-{number:06d}.json"

    @property
    def signing_key(self) -> Path:
        """The organiser's private Ed25519 key, PKCS #8 PEM, mode 0600."""
        return self.admin / "signing-key.pem"

    @property
    def receipt_secret(self) -> Path:
        """The secret from which the salts of public manifests are derived, mode 0600."""
        return self.admin / "receipt-secret.hex"

    @property
    def known_keys(self) -> Path:
        """Key ids of kiosks and organisers that wheel-admin recorded at first contact."""
        return self.admin / "known-keys.json"

    @property
    def signed_entropy(self) -> Path:
        """Entropy texts that wheel-admin signed, and for which anchors."""
        return self.admin / "signed-entropy.json"

    @property
    def targets(self) -> Path:
        """Where lists are published besides this home."""
        return self.admin / "targets.json"

    @property
    def admin_lock(self) -> Path:
        """Lock held by a wheel-admin command that changes something."""
        return self.admin / ".lock"

    @property
    def snapshots(self) -> Path:
        """Published lists, names files and requests."""
        return self.root / "snapshots"

    @property
    def kiosk(self) -> Path:
        """The kiosk's own directory."""
        return self.root / "kiosk"

    @property
    def themes(self) -> Path:
        """Theme files that a `theme` setting may name."""
        return self.kiosk / "themes"

    @property
    def trusted(self) -> Path:
        """Public keys, PEM, whose signatures the kiosk accepts."""
        return self.kiosk / "trusted"

    @property
    def adopted(self) -> Path:
        """The kiosk's own copy of each adopted list, which survives whatever happens to `snapshots`."""
        return self.kiosk / "adopted"

    @property
    def secrets(self) -> Path:
        """s_0 of each anchor, mode 0600."""
        return self.kiosk / "secrets"

    @property
    def secrets_again(self) -> Path:
        """The same secrets once more, so that one damaged directory does not lose them."""
        return self.kiosk / "secrets-2"

    @property
    def kiosk_key(self) -> Path:
        """The kiosk's own private Ed25519 key; its key id is the kiosk's id."""
        return self.kiosk / "kiosk-key.pem"

    @property
    def kiosk_public_key(self) -> Path:
        """The kiosk's public key, which verifies checkpoints."""
        return self.kiosk / "kiosk-key.pub.pem"

    @property
    def checkpoints(self) -> Path:
        """Heads of the ledger, signed by the kiosk."""
        return self.kiosk / "checkpoints.jsonl"

    @property
    def ledger(self) -> Path:
        """The append-only record of every draw."""
        return self.kiosk / "ledger.jsonl"

    @property
    def status(self) -> Path:
        """What the kiosk shows now, for `wheel-admin status`."""
        return self.kiosk / "status.json"

    @property
    def gpu_verdict(self) -> Path:
        """Whether this machine's GPU may be used; made again where it is missing."""
        return self.kiosk / "gpu.json"

    @property
    def settings(self) -> Path:
        """The kiosk's settings."""
        return self.kiosk / "kiosk.toml"

    @property
    def kiosk_lock(self) -> Path:
        """Lock held by the running kiosk."""
        return self.kiosk / ".lock"

    @property
    def fetch(self) -> Path:
        """The fetcher's own directory."""
        return self.root / "fetch"

    @property
    def fetch_status(self) -> Path:
        """What the fetcher knows of its sources; the kiosk shows it."""
        return self.fetch / "status.json"

    @property
    def stick_status(self) -> Path:
        """What became of the stick that was plugged in last; the kiosk shows it for a while."""
        return self.fetch / "stick.json"

    @property
    def credentials(self) -> Path:
        """Files with credentials for sources, mode 0600."""
        return self.fetch / "credentials"

    @property
    def known_hosts(self) -> Path:
        """Keys of the SFTP servers that the fetcher may talk to, as OpenSSH writes them."""
        return self.fetch / "known_hosts"

    def snapshot(self, generation: int) -> Path:
        """Return the published file of a generation."""
        return self.snapshots / snapshot_name(generation)

    def secret_files(self, anchor: str) -> tuple[Path, Path]:
        """Return both files that hold an anchor's s_0."""
        return self.secrets / secret_name(anchor), self.secrets_again / secret_name(anchor)

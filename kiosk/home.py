"""Where things lie in the home directory.

Law: the only module that spells a path of the home. It reads and writes nothing but key files.

    HOME/
      admin/      draft.json, signing-key.pem, receipt-secret.hex, .lock
                                                                 the organiser's; the kiosk never looks here
      snapshots/  snapshot-000042.json, entropy-000042.json, request-NONCE.json
                                                                 published: written by the admin, read by the kiosk
      kiosk/      kiosk.toml, ledger.jsonl, checkpoints.jsonl, trusted/*.pem, adopted/, secrets/, status.json,
                  kiosk-key.pem, kiosk-key.pub.pem               the kiosk's own
"""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from kiosk.durable import PRIVATE, PUBLIC, write_atomic
from kiosk.errors import HomeError, SnapshotError, TrustError
from kiosk.keys import PrivateKey, PublicKey
from kiosk.snapshot.envelope import TrustedKeys
from kiosk.snapshot.store import read_regular

logger = logging.getLogger(__name__)

_MOST_KEY_BYTES = 16 << 10
_MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class Home:
    """The paths below one home directory."""

    root: Path

    @property
    def admin(self) -> Path:
        """The organiser's directory."""
        return self.root / "admin"

    @property
    def draft(self) -> Path:
        """The only thing that can be edited."""
        return self.admin / "draft.json"

    @property
    def signing_key(self) -> Path:
        """The organiser's private Ed25519 key, PKCS #8 PEM, mode 0600."""
        return self.admin / "signing-key.pem"

    @property
    def receipt_secret(self) -> Path:
        """What the salts of public manifests follow from, mode 0600."""
        return self.admin / "receipt-secret.hex"

    @property
    def admin_lock(self) -> Path:
        """Held by the one admin command that changes something."""
        return self.admin / ".lock"

    @property
    def snapshots(self) -> Path:
        """Published files."""
        return self.root / "snapshots"

    @property
    def kiosk(self) -> Path:
        """The kiosk's own directory."""
        return self.root / "kiosk"

    @property
    def trusted(self) -> Path:
        """Public keys, PEM, whose signatures the kiosk believes."""
        return self.kiosk / "trusted"

    @property
    def adopted(self) -> Path:
        """The kiosk's own copies of what it adopted, so that a list that it has shown can never go missing."""
        return self.kiosk / "adopted"

    @property
    def secrets(self) -> Path:
        """s_0 of each anchor, mode 0600."""
        return self.kiosk / "secrets"

    @property
    def kiosk_key(self) -> Path:
        """The kiosk's own private Ed25519 key; its keyid is the kiosk's id."""
        return self.kiosk / "kiosk-key.pem"

    @property
    def kiosk_public_key(self) -> Path:
        """Its public half, for whoever checks the checkpoints."""
        return self.kiosk / "kiosk-key.pub.pem"

    @property
    def checkpoints(self) -> Path:
        """Heads of the ledger, signed by the kiosk."""
        return self.kiosk / "checkpoints.jsonl"

    @property
    def ledger(self) -> Path:
        """What happened."""
        return self.kiosk / "ledger.jsonl"

    @property
    def status(self) -> Path:
        """What the kiosk says it shows, for `wheel-admin status`."""
        return self.kiosk / "status.json"

    @property
    def settings(self) -> Path:
        """How this kiosk is set up."""
        return self.kiosk / "kiosk.toml"

    @property
    def kiosk_lock(self) -> Path:
        """Held by the one running kiosk."""
        return self.kiosk / ".lock"

    def snapshot(self, generation: int) -> Path:
        """The published file of a generation."""
        return self.snapshots / f"snapshot-{generation:06d}.json"

    def entropy(self, generation: int) -> Path:
        """The published entropy file of a generation."""
        return self.snapshots / f"entropy-{generation:06d}.json"


def load_trusted_keys(directory: Path) -> TrustedKeys:
    """Read every `*.pem` in `directory`; what is no Ed25519 public key is passed over, with a line in the log.

    So a stray file there (a Mac leaves some) can make nobody trusted, and cannot keep the kiosk from starting either.

    Raises:
        HomeError: the directory is there but cannot be read.
    """
    keys: dict[str, PublicKey] = {}
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(".pem"))
    except FileNotFoundError:
        return keys
    except OSError as error:
        raise HomeError(f"Cannot read the trusted keys in {directory}: {error.strerror}.") from error
    for name in names[:_MOST_KEYS]:
        try:
            key = _load(directory / name)
        except (TrustError, SnapshotError) as error:
            logger.warning("passed over among the trusted keys: %s", error.message)
            continue
        keys[key.keyid] = key
    return keys


def kiosk_id(path: Path) -> str:
    """Return the id of this kiosk: the keyid of its own key, which is made at the first start.

    Raises:
        HomeError: the key cannot be read or written.
        TrustError: the file is not an Ed25519 private key.
    """
    return kiosk_key(path).public.keyid


def kiosk_key(path: Path, *, public: Path | None = None) -> PrivateKey:
    """Return this kiosk's own key, which is made at the first start.

    Args:
        path: its file, mode 0600.
        public: where its public half is written, for everybody, unless it is there already. Earlier keys stay below
            it: they signed earlier heads of the same ledger.

    Raises:
        HomeError: the key cannot be read or written.
        TrustError: the file is not an Ed25519 private key.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = PrivateKey.generate().pem()
        write_atomic(path, data, mode=PRIVATE)
    except OSError as error:
        raise HomeError(f"Cannot read {path}: {error.strerror}.") from error
    try:
        key = PrivateKey.from_pem(data)
    except ValueError as error:
        raise TrustError(f"{path} is not a private key: {error}.", remedy="Move it away: a new one is made.") from error
    if public is not None:
        pem = key.public.pem()
        earlier = public.read_bytes() if public.exists() else b""
        if pem not in earlier:
            write_atomic(public, pem + earlier, mode=PUBLIC)
    return key


def trust(directory: Path, key: PublicKey) -> Path:
    """Write `key` among the trusted ones; returns its file."""
    path = directory / f"{key.keyid[:16]}.pem"
    write_atomic(path, key.pem(), mode=PUBLIC)
    return path


def _load(path: Path) -> PublicKey:
    data, _ = read_regular(path, limit=_MOST_KEY_BYTES)
    try:
        return PublicKey.from_pem(data)
    except ValueError as error:
        raise TrustError(f"{path} is not a public key: {error}.", remedy="Remove it or replace it.") from error

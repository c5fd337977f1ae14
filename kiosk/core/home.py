"""Where things lie in the home directory.

Invariant: pure; it names paths and touches no file.

    HOME/
      admin/      draft.json, signing-key.pem, receipt-secret.hex, .lock
                                                                 the organiser's; the kiosk never looks here
      snapshots/  snapshot-000042.json, names-DIGEST.json, request-DIGEST.json
                                                                 published: written by the admin, read by the kiosk
      kiosk/      kiosk.toml, ledger.jsonl, checkpoints.jsonl, trusted/*.pem, adopted/, secrets/, secrets-2/,
                  status.json,                  kiosk-key.pem, kiosk-key.pub.pem               the kiosk's own
"""

from dataclasses import dataclass
from pathlib import Path


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
    def secrets_again(self) -> Path:
        """The same secrets once more, so that one damaged directory does not lose them."""
        return self.kiosk / "secrets-2"

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

"""`python -m tests.torture.soak.audit DIR`: holds a soak's report against its ledger, without the soak's own code.

Invariant: it imports nothing of the soak. It counts the ledger's lines itself, compares the totals of summary.json, and
runs the stand-alone verifier. Exit code 0 if all agrees, 1 if not.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]


NOT_SIGNED = 3
"""Exit code of the verifier: consistent, but not all of it is signed."""


def audit(directory: Path) -> list[str]:
    """Return every disagreement, in words."""
    summary: dict[str, Any] = json.loads((directory / "summary.json").read_bytes())
    home = directory / "home"
    lines = (home / "kiosk" / "ledger.jsonl").read_bytes().split(b"\n")[:-1]
    types = Counter(json.loads(line)["type"] for line in lines)
    samples = [json.loads(line) for path in _metrics(directory) for line in path.read_bytes().splitlines()]
    rotated = (directory / "metrics.jsonl.1").exists()
    wrong = [
        f"summary.json says {said} {what}, the ledger has {there}"
        for what, said, there in (
            ("spins", summary["spins"], types["shown"]),
            ("adopted lists", summary["adopted"], types["adopt"]),
        )
        if said != there
    ]
    if not rotated and summary["iterations"] != len(samples):
        wrong.append(f"summary.json says {summary['iterations']} iterations, metrics.jsonl has {len(samples)}")
    failed = sum(bool(sample["failed"]) for sample in samples)
    if not rotated and samples:
        rate = round(1 - failed / len(samples), 4)
        if summary["success_rate"] != rate:
            wrong.append(f"summary.json says a success rate of {summary['success_rate']}, the samples give {rate}")
        slowest = max(sample["seconds"] for sample in samples)
        if summary["slowest_s"] != slowest:
            wrong.append(f"summary.json says {summary['slowest_s']} s for the slowest iteration, it took {slowest} s")
    spins = [sample["spins"] for sample in samples]
    if spins != sorted(spins):
        wrong.append("metrics.jsonl counts spins backwards")
    if spins and spins[-1] > types["shown"]:
        wrong.append(f"metrics.jsonl counts {spins[-1]} spins, the ledger has {types['shown']}")
    if datetime.fromisoformat(summary["started"]) > datetime.fromisoformat(summary["ended"]):
        wrong.append("it ended before it started")
    if summary["problems"] == [] and failed:
        wrong.append(f"{failed} iterations failed, and summary.json has no problem")
    return wrong + unverified(home)


def _metrics(directory: Path) -> list[Path]:
    return [path for name in ("metrics.jsonl.1", "metrics.jsonl") if (path := directory / name).exists()]


def unverified(home: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "wheel_admin", "verify", "--home", str(home)],
        capture_output=True,
        text=True,
        check=False,
        cwd=_ROOT,
    )
    # A kiosk that was stopped in the middle of a spin leaves it open, and signs nothing until it is shown.
    midway = done.returncode == NOT_SIGNED and "has not ended in this copy" in done.stdout
    fine = done.returncode == 0 or midway
    return [] if fine else [f"the ledger does not verify: {done.stdout[-500:]}{done.stderr[-300:]}"]


def main() -> int:
    """Audit the directory that is named, and print what disagrees."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="of the soak, with its summary.json")
    wrong = audit(parser.parse_args().directory)
    for line in wrong or ["the report agrees with the ledger"]:
        print(line)  # noqa: T201 - its product
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

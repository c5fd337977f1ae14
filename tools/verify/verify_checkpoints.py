"""Check that the kiosk's own key signed the heads in its checkpoints, and that the ledger still holds each of them.
Exit status: 0 all holds, 1 something does not hold, 2 unusable input (one line on stderr says which)."""

import json
import re
from argparse import ArgumentParser
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

with suppress(ImportError):  # the one thing here that Python does not bring along
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FILES = "ledger.jsonl", "checkpoints.jsonl", "kiosk-key.pub.pem"
PEM = rb"-----BEGIN PUBLIC KEY-----\s+MCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\s+-----END PUBLIC KEY-----"


def problem_with(line: str, heads: list[str], keys: dict[str, bytes]) -> str | None:  # heads[n] is H of line n
    try:
        checkpoint = json.loads(line)
        head, kiosk, seq, sig = (checkpoint[name] for name in ("head", "kiosk", "seq", "sig"))
        again = {"head": head, "kiosk": kiosk, "seq": seq, "sig": b64encode(b64decode(sig)).decode()}
        if json.dumps(again, separators=(",", ":")) != line or type(seq) is not int:
            return "it is not in the one form of a checkpoint"
        message = f"wheel-checkpoint/1\n{kiosk}\n{seq}\n{head}\n".encode()  # Ed25519, RFC 8032
        if kiosk not in keys:
            return "it names another kiosk than those whose keys these are"
        Ed25519PublicKey.from_public_bytes(keys[kiosk]).verify(b64decode(sig), message)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        return f"it is no checkpoint: {error!a}"
    except InvalidSignature:
        return "its signature is not that of the kiosk's key"
    if not 1 <= seq < len(heads) or heads[seq] != head:
        return f"record {seq} of the ledger is not the one that was signed: the end was cut, or the past was changed"
    return None


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("home", metavar="HOME", nargs="?", default=".", type=Path, help="with kiosk/")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    if "Ed25519PublicKey" not in globals():
        parser.exit(2, "verify_checkpoints: nothing is checked without cryptography: pip install cryptography\n")
    try:
        ledger, signed, pem = ((args.home / "kiosk" / name).read_bytes() for name in FILES)
        lines = signed.decode().split("\n")[:-1]  # what a power cut tore off the end is signed again at the next start
        found = [b64decode(key) for key in re.findall(PEM, pem)]  # a restored kiosk's own, then those before it
        keys = {sha256(key).hexdigest(): key for key in found}
        kiosk = next(iter(keys))
    except (OSError, ValueError, StopIteration) as error:
        parser.exit(2, f"verify_checkpoints: a file cannot be used: {error}\n")
    heads = ["", *(sha256(line).hexdigest() for line in ledger.split(b"\n")[:-1])]
    wrong = [(number, problem_with(line, heads, keys)) for number, line in enumerate(lines, 1)]
    problems = [f"checkpoint {number}: {problem}" for number, problem in wrong if problem]
    known = (rf'"kiosk":"{name}"[^\n]*"type":"adopt"|{name}[^\n]*"type":"note"' for name in keys)
    if not all(re.search(pattern.encode(), ledger) for pattern in known):
        problems.append("no record of the ledger names the kiosk whose key this is")
    if not lines:
        problems.append("checkpoints.jsonl holds no signature: no record of the ledger is signed")
    last = 0 if problems or not lines else json.loads(lines[-1])["seq"]
    report = {"kiosk": kiosk, "checkpoints": len(lines), "records": len(heads) - 1, "last record signed": last}
    text = [f"{name}: {value}" for name, value in report.items()]
    text += [*problems, "NOT SIGNED" if problems else "SIGNED"]
    print(json.dumps(report | {"ok": not problems, "problems": problems}) if args.json else "\n".join(text))
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())

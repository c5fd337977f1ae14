"""Check a wheel-kiosk ledger and recompute its draws by the protocol DRAW.md, without any code of the kiosk.
Exit status: 0 all holds, 1 something does not hold, 2 unusable input (one line on stderr says which)."""

import hmac
import json
import re
from argparse import ArgumentParser, Namespace
from base64 import b64decode
from contextlib import suppress
from hashlib import sha256
from itertools import accumulate, count, product
from pathlib import Path

with suppress(ImportError):  # without it all is checked but the signatures
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey as Ed25519

RECORDS = """adopt generation=N snapshot=H entries=N weight=N anchor=H kiosk=T; entropy snapshot=H entropy=T; open
generation=N spin=N mode=M pool=H entropy=T step=n; shown spin=N duration_ms=N frames=N; note text=T; result spin=N
mode=M reveal=H x=H k=N t=N ticket=T rest=N turns=N step=n reason=t fallback=f; absent spin=N ticket=T request=t;
withdraw ticket=T reason=T request=t; refused file=T reason=T; recovered bytes=N digest=H"""
FIELDS = {record.split()[0]: f"seq=N type=T at=D prev=H {record}".split() for record in RECORDS.split(";")}
KINDS = {"N": r"\d+", "T": '".*"', "H": '"[0-9a-f]{64}"', "n": r"\d*", "t": '(".*")?', "f": '(".+")?'}
KINDS |= {"D": r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d{3}Z"', "M": '"(natural|fixed|demo)"', "": ""}
ORDER = {"open": "idle open", "result": "open spun", "shown": "spun idle", "entropy": "idle idle"}
DEMO = Namespace(spins={"mode": "demo"}, pool={}, remove_winners=False)  # the built-in sample list: no draw
PEM = rb"-----BEGIN PUBLIC KEY-----\s+MCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\s+-----END PUBLIC KEY-----"


def parse_record(line: str) -> Namespace:  # it can be written in one way only, so every byte counts
    rec = json.loads(line, parse_int=lambda digits: min(int(digits), 2**53 - 1))
    kind = dict(field.split("=") for field in FIELDS.get(rec["type"], []) if "=" in field)
    texts = {name: json.dumps(value) for name, value in rec.items()}
    wrong = [n for n in kind | rec if not re.fullmatch(KINDS[kind.get(n, "")], texts.get(n, ""))]
    if wrong or json.dumps(rec, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n" != line:
        raise ValueError(f"not the one form of a record: {wrong or 'order, spaces, numbers, escapes or LF'}")
    return Namespace(**dict.fromkeys(["step", "reason", "spin", "faults"]) | rec, fell="fallback" in rec)


def add_snapshot(a: Namespace, data: bytes, keys: list[bytes]) -> None:  # DESIGN.md, The snapshot
    payload = b64decode((envelope := json.loads(data.decode()))["payload"], validate=True)
    body, good = Namespace(**json.loads(payload.decode())), not keys
    message = b"DSSEv1 35 application/vnd.wheel-snapshot+json %d %s" % (len(payload), payload)
    for key, entry in product(keys, envelope["signatures"]):
        with suppress(Exception):
            Ed25519.from_public_bytes(b64decode(key)).verify(b64decode(entry["sig"]), message)
            good = True
    body.pool = pool = {entry["ticket"]: entry["weight"] for entry in body.entries}
    good &= all(re.fullmatch("[^\t\n]+", t) and type(w) is int and w > 0 for t, w in pool.items())
    good &= body.format == "wheel-snapshot/1" and envelope["payloadType"].encode() == message[10:45]
    good &= len(pool) == len(body.entries) and not re.search('(mode|then)": "demo"', json.dumps(body.spins))
    a.snapshots[sha256(payload).hexdigest() * good, body.generation, len(pool), sum(pool.values())] = body


def draw(g: Namespace, i: int, reveal: bytes) -> dict[str, object]:  # DRAW.md, Spin i, steps 3 and 4
    total, text = sum(g.pool.values()), f"wheel-draw/1\n{g.s}\n{i}\n{g.opened.pool}\n{g.opened.entropy}\n"
    tries = (int.from_bytes(hmac.digest(reveal, f"{text}{k}\n".encode(), "sha256"), "big") for k in count())
    k, x = next((k, x) for k, x in enumerate(tries) if x < 2**256 - 2**256 % total)
    ends = dict(zip(g.pool, accumulate(g.pool.values()), strict=True))
    won = g.plan["ticket"] if g.plan["mode"] == "fixed" else next(t for t in g.pool if ends[t] > x % total)
    lo, hi = (-(-end * 2**32 // total) for end in (ends[won] - g.pool[won], ends[won]))  # rounded up
    land = hmac.digest(reveal, f"wheel-land/1\n{g.s}\n{i}\n".encode(), "sha256")
    rest = lo + (hi - lo) * 5 // 100 + (hi - lo) * 90 // 100 * int.from_bytes(land[:8], "big") // 2**64
    return {"x": f"{x:064x}", "k": k, "t": x % total, "ticket": won, "rest": rest, "turns": 5 + land[8] % 3}


def needed(a: Namespace, r: Namespace) -> dict[str, object]:  # what r's fields must be, after all before it
    g, a.n = a.g, len(a.g.of["result"])  # the generation on the wheel, and how many spins it had
    if r.type == "adopt":
        r.in_turn = g.number == 0 or r.state == "idle" or (r.state, g.number) == ("open", r.generation)
        fresh = Namespace(number=r.generation, s=r.snapshot, of={kind: [] for kind in FIELDS})
        a.g = g = a.generations.setdefault(r.generation, fresh) if r.generation else fresh
        name = r.snapshot, r.generation, r.entries, r.weight
        s = g.s if name in a.snapshots or g.number == 0 else "that of a good snapshot with these numbers"
        a.state, g.snapshot, g.anchor, g.anchored = "idle", a.snapshots.get(name, DEMO), r.anchor, 0
        return {"in_turn": True, "generation": g.number and max(a.generations), "snapshot": s}
    if r.type == "open":  # DRAW.md, Spin i, steps 1 and 2
        gone = {x.ticket for x in g.of["withdraw"] + g.of["result"] * bool(g.snapshot.remove_winners)}
        g.pool = {ticket: weight for ticket, weight in g.snapshot.pool.items() if ticket not in gone}
        pool = g.pool and sha256("".join(f"{t}\t{w}\n" for t, w in g.pool.items()).encode()).hexdigest()
        known = {"pool": pool, "entropy": g.of["entropy"][-1].entropy if g.of["entropy"] else "none"}
        step, number, g.opened = g.snapshot.spins, None, r
        if step["mode"] == "mixed":
            steps, then = step["steps"], {"mode": step["then"]}  # "stop" is a mode that no record can have
            number = a.n % len(steps) + 1 if a.n < len(steps) or then["mode"] == "repeat" else None
            step = steps[number - 1] if number else then
        fell = step["mode"] == "fixed" and step["ticket"] not in g.pool
        g.plan = {"mode": "natural", "reason": None} | ({} if fell else step) | {"step": number, "fell": fell}
        needs = {"generation": g.number, "spin": a.n + 1, "mode": g.plan["mode"], "step": number}
        return needs | known if g.number else needs
    if r.type == "result":
        link = reveal = bytes.fromhex(r.reveal)
        for _ in range(a.n + 1 - g.anchored):
            link = sha256(link).digest()
        r.chain, chain, g.anchor, g.anchored = link.hex(), g.anchor, r.reveal, a.n + 1
        a.spins.append((f"{g.number} {a.n + 1} {r.mode} {r.ticket!a}", g.opened, r))
        return {**g.plan, "spin": a.n + 1, "chain": chain, **(draw(g, a.n + 1, reveal) if g.number else {})}
    due = {x.spin: x.ticket for x, _ in zip(g.of["result"], g.of["shown"], strict=False)}.get(r.spin)
    return {"shown": {"spin": a.n}, "absent": {"ticket": due}, "entropy": {"snapshot": g.s}}.get(r.type, {})


def audit(a: Namespace, ledger: str) -> None:
    a.state, a.g = "none", Namespace(number=0, s=None, of={kind: [] for kind in FIELDS if kind != "withdraw"})
    for a.records, line in enumerate(re.findall("[^\n]*\n|[^\n]+", ledger) or [""], 1):
        try:
            r = parse_record(line)
            r.state, (before, a.state) = a.state, ORDER.get(r.type, f"{a.state} {a.state}").split()
            needs = needed(a, r) | {"seq": a.records, "prev": a.head, "state": before}
            a.g.of[r.type].append(r)
            r.faults = [f"{n} is {vars(r)[n]!a}, not {needs[n]!a}" for n in needs if vars(r)[n] != needs[n]]
            a.problems += [f"line {a.records}: {r.type}: {fault}" for fault in r.faults]
        except Exception as error:
            a.problems.append(f"line {a.records}: {error!a}")
        a.head = sha256(line.removesuffix("\n").encode()).hexdigest()


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("home", metavar="HOME", nargs="?", default=".", type=Path, help="holds the rest (.)")
    parser.add_argument("--ledger", metavar="FILE", default="kiosk/ledger.jsonl", help="(%(default)s)")
    parser.add_argument("--snapshots", metavar="DIR", nargs="+", default=["snapshots", "kiosk/adopted"])
    parser.add_argument("--keys", metavar="DIR", default="kiosk/trusted", help="*.pem, Ed25519 (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    try:
        ledger = (args.home / args.ledger).read_bytes().decode()
        keys = re.findall(PEM, b"".join(path.read_bytes() for path in (args.home / args.keys).glob("*.pem")))
    except (OSError, ValueError) as error:
        parser.exit(2, f"verify_draw: {error}\n")
    status = "checked" if keys and "Ed25519" in globals() else "not checked: no keys, or no cryptography"
    a = Namespace(snapshots={}, generations={}, spins=[], problems=[], records=0, head="0" * 64)
    for path in [path for folder in args.snapshots for path in (args.home / folder).glob("*.json")]:
        with suppress(Exception):
            add_snapshot(a, path.read_bytes(), keys if status == "checked" else [])
    audit(a, ledger)
    natural = [opened.entropy for _, opened, r in a.spins if r.mode == "natural"]
    level = min(((p != "none") + p.startswith(("lottery:", "drand:")) for p in natural), default=0)
    counts = {mode: [r.mode for _, _, r in a.spins].count(mode) for mode in ("natural", "fixed", "demo")}
    report = {"ok": not a.problems, "spins": counts, "level": ("sealed", "witnessed", "public")[level]}
    report |= {"head": a.head, "records": a.records, "problems": a.problems, "signatures": status}
    report["reanchored"] = sorted(n for n, g in a.generations.items() if len(g.of["adopt"]) > 1)
    lines = [f"{text} {'ok' if o.faults == r.faults == [] else 'NOT OK'}" for text, o, r in a.spins]
    lines += [f"{name}: {value}" for name, value in report.items() if name not in ("ok", "problems")]
    lines += ["UNFINISHED SPIN"] * (a.state in "open spun") + [f"SIGNATURES {status.upper()}"]
    lines += ["NOT VERIFIED", *a.problems] if a.problems else ["VERIFIED"]
    print(json.dumps(report) if args.json else "\n".join(lines))
    return 1 if a.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())

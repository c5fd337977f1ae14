"""Check a wheel-kiosk ledger and recompute its draws by the protocol docs/protocol.md, without any code of the kiosk.
Exit status: 0 all holds, 1 something does not hold, 2 unusable input (one line on stderr says which)."""

import hmac
import json
import re
from argparse import ArgumentParser, Namespace
from base64 import b64decode
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from itertools import accumulate, count, product
from pathlib import Path

with suppress(ImportError):  # without it all but the signatures is checked
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey as Ed
# docs/protocol.md, The ledger: the fields of each type and their kinds, as JSON; those of a small letter may be absent
RECORDS = """adopt generation=N snapshot=H entries=N weight=N anchor=H kiosk=T; entropy snapshot=H entropy=P; open
generation=N spin=N mode=M pool=H entropy=T step=n; shown spin=N duration_ms=N frames=N; note text=T; result spin=N
mode=M reveal=H x=H k=N t=N ticket=T rest=N turns=N step=n reason=t fallback=f; absent spin=N ticket=T request=t;
withdraw ticket=T reason=T request=t; refused file=T reason=T; recovered bytes=N digest=H"""
FIELDS = {record.split()[0]: f"seq=N type=T at=D prev=H {record}".split() for record in RECORDS.split(";")}
KINDS = {"N": r"\d+", "T": '".*"', "H": '"[0-9a-f]{64}"', "n": r"\d*", "t": '(".*")?', "f": '(".+")?', "": ""}
KINDS |= {"D": r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d{3}Z"', "M": '"(natural|fixed|demo)"'}
KINDS |= {"P": r'"(dice|audience|lottery):.+"|"drand:quicknet:[1-9]\d{0,11}:[0-9a-f]{64}"'}
ORDER = {"open": "idle open", "result": "open spun", "shown": "spun idle", "entropy": "idle idle"}
DEMO = Namespace(spins={"mode": "demo"}, pool={}, remove_winners=False)  # the built-in sample list: no draw
PEM = rb"-----BEGIN PUBLIC KEY-----\s+MCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\s+-----END PUBLIC KEY-----"


def parse_record(line: str) -> Namespace:  # it can be written in one way only, so every byte counts
    rec = json.loads(line, parse_int=lambda digits: min(int(digits), 2**53 - 1))
    kind = dict(field.split("=") for field in FIELDS.get(rec["type"], []) if "=" in field)
    wrong = [n for n in kind | rec if not re.fullmatch(KINDS[kind.get(n, "")], json.dumps(rec[n]) if n in rec else "")]
    if wrong or json.dumps(rec, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n" != line:
        raise ValueError(f"not the one form of a record: {wrong or 'order, spaces, numbers, escapes or LF'}")
    return Namespace(**dict.fromkeys(["step", "reason", "spin", "faults"]) | rec, fell="fallback" in rec)


def add_snapshot(a: Namespace, data: bytes, keys: list[bytes]) -> None:  # docs/protocol.md, Signed files
    payload = b64decode((envelope := json.loads(data.decode()))["payload"], validate=True)
    message = b"DSSEv1 35 application/vnd.wheel-snapshot+json %d %s" % (len(payload), payload)
    body, good = Namespace(**json.loads(payload.decode())), not keys
    for key, one in product(keys, envelope["signatures"]):
        with suppress(Exception):
            Ed.from_public_bytes(b64decode(key)).verify(b64decode(one["sig"]), message)
            good = True
    body.pool = pool = {entry["ticket"]: entry["weight"] for entry in body.entries}
    good &= all(re.fullmatch("[^\t\n]+", t) and type(w) is int and w > 0 for t, w in pool.items())
    good &= body.format == "wheel-snapshot/1" and envelope["payloadType"].encode() == message[10:45]
    good &= len(pool) == len(body.entries) and not re.search('(mode|then)": "demo"', json.dumps(body.spins))
    a.snapshots[sha256(payload).hexdigest() * good, body.generation, len(pool), sum(pool.values())] = body


def draw(g: Namespace, i: int, reveal: bytes) -> dict[str, object]:  # docs/protocol.md, The spin, 3 and 4
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
    g, i = a.g, len(a.g.of["result"]) + 1  # the generation on the wheel, and the number of its next spin
    if r.type == "adopt":
        r.in_turn = g.number == 0 or r.state == "idle" or (r.state, g.number) == ("open", r.generation)
        fresh = Namespace(number=r.generation, s=r.snapshot, p="none", of={kind: [] for kind in FIELDS})
        a.g = g = a.generations.setdefault(r.generation, fresh) if r.generation else fresh
        a.state, g.snapshot = "idle", a.snapshots.get((r.snapshot, r.generation, r.entries, r.weight), DEMO)
        g.anchor, g.anchored, g.adopted_s, g.level = r.anchor, 0, datetime.fromisoformat(r.at).timestamp(), 0
        s = g.s if g.snapshot is not DEMO or g.number == 0 else "that of a good snapshot with these numbers"
        return {"in_turn": True, "generation": g.number and max(a.generations), "snapshot": s}
    if r.type == "entropy":  # drand's round 1 arose at 1692803367, and then one every 3 s
        g.p, g.level = r.entropy, 2 if r.entropy.startswith(("lottery:", "drand:")) else 1
        r.arose_after_adopt = r.entropy[:6] != "drand:" or int(r.entropy.split(":")[2]) * 3 + 1692803364 > g.adopted_s
        return {"snapshot": g.s, "arose_after_adopt": True}
    if r.type == "open":  # docs/protocol.md, The spin, 1 and 2
        gone = {x.ticket for x in g.of["withdraw"] + g.of["result"] * bool(g.snapshot.remove_winners)}
        g.pool = {ticket: weight for ticket, weight in g.snapshot.pool.items() if ticket not in gone}
        pool = g.pool and sha256("".join(f"{t}\t{w}\n" for t, w in g.pool.items()).encode()).hexdigest()
        spins, g.opened, r.level = g.snapshot.spins, r, g.level
        steps = spins["steps"] if spins["mode"] == "mixed" else []
        number = (i - 1) % len(steps) + 1 if i <= len(steps) or (steps and spins["then"] == "repeat") else None
        step = steps[number - 1] if number else {"mode": spins["then"]} if steps else spins  # no record can say "stop"
        fell = step["mode"] == "fixed" and step["ticket"] not in g.pool
        g.plan = {"mode": "natural", "reason": None} | ({} if fell else step) | {"step": number, "fell": fell}
        needs = {"generation": g.number, "spin": i, "mode": g.plan["mode"], "step": number, "entropy": g.p}
        return needs | ({"pool": pool} if g.number else {})
    if r.type == "result":
        link = reveal = bytes.fromhex(r.reveal)
        for _ in range(i - g.anchored):
            link = sha256(link).digest()
        r.chain, chain, g.anchor, g.anchored = link.hex(), g.anchor, r.reveal, i
        a.spins.append((f"{g.number} {i} {r.mode} {r.ticket!a}", g.opened, r))
        return {**g.plan, "spin": i, "chain": chain, **(draw(g, i, reveal) if g.number else {})}
    due = g.of["result"][r.spin - 1].ticket if 0 < (r.spin or 0) <= len(g.of["shown"]) else None
    return {"spin": i - 1} if r.type == "shown" else {"ticket": due} if r.type == "absent" else {}


def audit(a: Namespace, ledger: str) -> None:
    a.state, a.g = "none", Namespace(number=0, s=None, of={kind: [] for kind in FIELDS if kind != "withdraw"})
    for number, line in enumerate(re.findall("[^\n]*\n|[^\n]+", ledger) or [""], 1):
        try:
            r = parse_record(line)
            r.state, (before, a.state) = a.state, ORDER.get(r.type, f"{a.state} {a.state}").split()
            needs = needed(a, r) | {"seq": number, "prev": a.heads[-1], "state": before}
            a.g.of[r.type].append(r)
            r.faults = [f"{n} is {vars(r)[n]!a}, not {needs[n]!a}" for n in needs if vars(r)[n] != needs[n]]
            a.problems += [f"line {number}: {r.type}: {fault}" for fault in r.faults]
        except Exception as error:
            a.problems.append(f"line {number}: {error!a}")
        a.heads.append(sha256(line.removesuffix("\n").encode()).hexdigest())


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("home", metavar="HOME", nargs="?", default=".", type=Path, help="with snapshots/ and kiosk/")
    parser.add_argument("--seen", metavar="HEX", nargs="+", default=[], help="anchors or heads that you kept")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    a = parser.parse_args(argv, Namespace(snapshots={}, generations={}, spins=[], problems=[], heads=["0" * 64]))
    try:
        ledger, signed = ((a.home / "kiosk" / n).read_bytes().decode() for n in ("ledger.jsonl", "checkpoints.jsonl"))
        keys = re.findall(PEM, b"".join(path.read_bytes() for path in a.home.glob("kiosk/trusted/*.pem")))
    except (OSError, ValueError, RecursionError) as error:
        parser.exit(2, f"verify_draw: a file cannot be used: {error}\n")
    status = "CHECKED" if keys and "Ed" in globals() else f"NOT CHECKED: NO {'CRYPTOGRAPHY' if keys else 'KEYS'}"
    for path in [*a.home.glob("snapshots/*.json"), *a.home.glob("kiosk/adopted/*.json")]:
        with suppress(Exception):
            add_snapshot(a, path.read_bytes(), keys if status == "CHECKED" else [])
    audit(a, ledger)
    known = {code[:16]: code for code in a.heads + [r.anchor for g in a.generations.values() for r in g.of["adopt"]]}
    kept = ["".join(code.split()).lower()[-64:] for code in [*re.findall('"head":"(.*?)".*\n', signed), *a.seen]]
    a.problems += [f"not in the ledger: {c!a}" for c in kept if len(c) < 16 or not known.get(c[:16], "").startswith(c)]
    level = min((opened.level for _, opened, r in a.spins if r.mode == "natural"), default=0)
    report = {"level": ("sealed", "witnessed", "public")[level], "head": a.heads[-1], "records": len(a.heads) - 1}
    report["spins"] = {mode: sum(r.mode == mode for _, _, r in a.spins) for mode in ("natural", "fixed", "demo")}
    report |= {"signatures": status, "heads kept": len(kept), "unfinished spin": a.state in ("open", "spun")}
    report["reanchored"] = sorted(n for n, g in a.generations.items() if len(g.of["adopt"]) > 1)
    lines = [f"{text} {'ok' if o.faults == r.faults == [] else 'NOT OK'}" for text, o, r in a.spins]
    lines += [f"{n}: {x}" for n, x in report.items()] + [*a.problems, "NOT VERIFIED" if a.problems else "VERIFIED"]
    print(json.dumps(report | {"ok": not a.problems, "problems": a.problems}) if a.json else "\n".join(lines))
    return 1 if a.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Check a wheel-kiosk ledger and recompute its draws by the protocol DRAW.md, without any code of the kiosk.
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
# DRAW.md, Ledger: the fields of each type and their kinds, as JSON; those of a small letter may be absent
RECORDS = """adopt generation=N snapshot=H entries=N weight=N anchor=H kiosk=T; entropy snapshot=H entropy=T; open
generation=N spin=N mode=M pool=H entropy=T step=n; shown spin=N duration_ms=N frames=N; note text=T; result spin=N
mode=M reveal=H x=H k=N t=N ticket=T rest=N turns=N step=n reason=t fallback=f; absent spin=N ticket=T request=t;
withdraw ticket=T reason=T request=t; refused file=T reason=T; recovered bytes=N digest=H"""
FIELDS = {record.split()[0]: f"seq=N type=T at=D prev=H {record}".split() for record in RECORDS.split(";")}
KINDS = {"N": r"\d+", "T": '".*"', "H": '"[0-9a-f]{64}"', "n": r"\d*", "t": '(".*")?', "f": '(".+")?', "": ""}
KINDS |= {"D": r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d{3}Z"', "M": '"(natural|fixed|demo)"'}
ORDER = {"open": "idle open", "result": "open spun", "shown": "spun idle", "entropy": "idle idle"}
DEMO = Namespace(spins={"mode": "demo"}, pool={}, remove_winners=False)  # the built-in sample list: no draw
PEM = rb"-----BEGIN PUBLIC KEY-----\s+MCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\s+-----END PUBLIC KEY-----"
FILES = """ledger=kiosk/ledger.jsonl keys=kiosk/trusted checkpoints=kiosk/checkpoints.jsonl receipt=
manifest=public.json kiosk-key=kiosk/kiosk-key.pub.pem"""


def parse_record(line: str) -> Namespace:  # it can be written in one way only, so every byte counts
    rec = json.loads(line, parse_int=lambda digits: min(int(digits), 2**53 - 1))
    kind = dict(field.split("=") for field in FIELDS.get(rec["type"], []) if "=" in field)
    texts = {name: json.dumps(value) for name, value in rec.items()}
    wrong = [n for n in kind | rec if not re.fullmatch(KINDS[kind.get(n, "")], texts.get(n, ""))]
    if wrong or json.dumps(rec, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n" != line:
        raise ValueError(f"not the one form of a record: {wrong or 'order, spaces, numbers, escapes or LF'}")
    return Namespace(**dict.fromkeys(["step", "reason", "spin", "faults"]) | rec, fell="fallback" in rec)


def signed(keys: list[bytes], message: bytes, signatures: list[dict[str, str]]) -> bool:  # Ed25519, RFC 8032
    for key, one in product(keys, signatures):
        with suppress(Exception):
            Ed.from_public_bytes(b64decode(key)).verify(b64decode(one["sig"]), message)
            return True
    return not keys


def add_snapshot(a: Namespace, data: bytes, keys: list[bytes]) -> None:  # DESIGN.md, The snapshot
    payload = b64decode((envelope := json.loads(data.decode()))["payload"], validate=True)
    message = b"DSSEv1 35 application/vnd.wheel-snapshot+json %d %s" % (len(payload), payload)
    good, body = signed(keys, message, envelope["signatures"]), Namespace(**json.loads(payload.decode()))
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
    g, i = a.g, len(a.g.of["result"]) + 1  # the generation on the wheel, and the number of its next spin
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
        p = g.of["entropy"][-1] if g.of["entropy"] else Namespace(entropy="none", seq=0)
        r.level = (p.entropy != "none") + p.entropy.startswith(("lottery:", "drand:"))
        r.level *= p.seq > g.of["adopt"][-1].seq  # what came before the anchor convinces nobody
        step, number, g.opened = g.snapshot.spins, None, r
        if step["mode"] == "mixed":
            steps, then = step["steps"], {"mode": step["then"]}  # "stop" is a mode that no record can have
            number = (i - 1) % len(steps) + 1 if i <= len(steps) or then["mode"] == "repeat" else None
            step = steps[number - 1] if number else then
        fell = step["mode"] == "fixed" and step["ticket"] not in g.pool
        g.plan = {"mode": "natural", "reason": None} | ({} if fell else step) | {"step": number, "fell": fell}
        needs = {"generation": g.number, "spin": i, "mode": g.plan["mode"], "step": number}
        return needs | ({"pool": pool, "entropy": p.entropy} if g.number else {})
    if r.type == "result":
        link = reveal = bytes.fromhex(r.reveal)
        for _ in range(i - g.anchored):
            link = sha256(link).digest()
        r.chain, chain, g.anchor, g.anchored = link.hex(), g.anchor, r.reveal, i
        a.spins.append((f"{g.number} {i} {r.mode} {r.ticket!a}", g.opened, r))
        return {**g.plan, "spin": i, "chain": chain, **(draw(g, i, reveal) if g.number else {})}
    if r.type == "entropy":  # drand's round 1 arose at 1692803367, and then one every 3 s
        m = re.fullmatch("(?!drand:).*|drand:quicknet:([1-9][0-9]{0,11}):[0-9a-f]{64}", r.entropy)
        adopted = max((datetime.fromisoformat(x.at).timestamp() for x in g.of["adopt"]), default=0.0)
        r.arose_after_adopt = m is not None and (not m[1] or int(m[1]) * 3 + 1692803364 > adopted)
        return {"snapshot": g.s, "arose_after_adopt": True}
    due = {x.spin: x.ticket for x, _ in zip(g.of["result"], g.of["shown"], strict=False)}.get(r.spin)
    return {"spin": i - 1} if r.type == "shown" else {"ticket": due} if r.type == "absent" else {}


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
        a.head = a.heads[a.records] = sha256(line.removesuffix("\n").encode()).hexdigest()


def check_heads(a: Namespace, checkpoints: str, keys: list[bytes]) -> None:  # signed by the kiosk after each spin
    for number, line in enumerate(checkpoints.split("\n")[:-1], 1):
        with suppress(Exception):
            c = json.loads(line)
            message = f"wheel-checkpoint/1\n{c['kiosk']}\n{c['seq']}\n{c['head']}\n".encode()
            if a.heads[c["seq"]] == c["head"] and signed(keys, message, [c]):
                continue
        a.problems.append(f"checkpoint {number}: no such record in the ledger, or no such signature: {line!a}")


def included(r: Namespace, m: Namespace) -> bool:  # what receipt r says, in manifest m: RFC 9162, 2.1.3.2
    entry = sha256(f"wheel-entry/1\n{r.snapshot}\n{r.salt}\n{r.ticket}\t{r.weight}\t{r.name}\n".encode()).digest()
    at, last, node = r.index, m.entries - 1, sha256(b"\0" + entry).digest()
    for other in map(bytes.fromhex, r.path):
        lone = (at & -at).bit_length() - 1 if 0 < at == last else 0  # levels on which there is nothing beside it
        node = sha256(b"\1" + (other + node if at >> lone & 1 else node + other)).digest()
        at, last = at >> lone + 1, last >> lone + 1
    return (r.snapshot, entry.hex(), node.hex(), last) == (m.snapshot, m.hashes[r.index], m.root, 0)


def main(argv: list[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("home", metavar="HOME", nargs="?", default=".", type=Path, help="where paths start")
    parser.add_argument("--snapshots", nargs="+", default=["snapshots", "kiosk/adopted"], help="%(default)s")
    parser.add_argument("--seen", metavar="HEX", nargs="+", default=[], help="anchors or heads that you kept")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    for name, default in (file.split("=") for file in FILES.split()):
        parser.add_argument(f"--{name}", metavar="FILE", default=default, help="(%(default)s)")
    args = parser.parse_args(argv)
    try:
        if args.receipt:
            r, m = (Namespace(**json.loads(Path(file).read_bytes())) for file in (args.receipt, args.manifest))
            print(f"{r.ticket!a} of list {r.snapshot!a}: {'' if (good := included(r, m)) else 'NOT '}INCLUDED")
            return 0 if good else 1
        ledger = (args.home / args.ledger).read_bytes().decode()
        keys = re.findall(PEM, b"".join(path.read_bytes() for path in (args.home / args.keys).glob("*.pem")))
        signs, pem = args.home / args.checkpoints, args.home / args.kiosk_key
        checkpoints = signs.read_bytes().decode() if signs.exists() else ""
        kiosk_keys = re.findall(PEM, pem.read_bytes()) if pem.exists() else []
    except (OSError, ValueError, AttributeError, TypeError, IndexError, RecursionError) as error:
        parser.exit(2, f"verify_draw: a file cannot be used: {error}\n")
    status = "checked" if keys and "Ed" in globals() else f"not checked: no {'cryptography' if keys else 'keys'}"
    a = Namespace(snapshots={}, generations={}, spins=[], problems=[], records=0, head="0" * 64, heads={0: "0" * 64})
    for path in [path for folder in args.snapshots for path in (args.home / folder).glob("*.json")]:
        with suppress(Exception):
            add_snapshot(a, path.read_bytes(), keys if status == "checked" else [])
    audit(a, ledger)
    check_heads(a, checkpoints, kiosk_keys if "Ed" in globals() else [])
    known = [*a.heads.values(), *(r.anchor for g in a.generations.values() for r in g.of["adopt"])]
    for code in ("".join(text.split()).lower() for text in args.seen):
        if len(code) < 16 or not any(head.startswith(code) for head in known):
            a.problems.append(f"seen: no anchor and no head begins with {code!a}")
    level = min((opened.level for _, opened, r in a.spins if r.mode == "natural"), default=0)
    counts = {mode: [r.mode for _, _, r in a.spins].count(mode) for mode in ("natural", "fixed", "demo")}
    report = {"ok": not a.problems, "spins": counts, "level": ("sealed", "witnessed", "public")[level]}
    report |= {"head": a.head, "records": a.records, "problems": a.problems, "signatures": status}
    report["reanchored"] = sorted(n for n, g in a.generations.items() if len(g.of["adopt"]) > 1)
    signers = "signatures checked" if kiosk_keys and "Ed" in globals() else "signatures not checked"
    report["checkpoints"] = f"{len(checkpoints.splitlines())}, {signers}"
    lines = [f"{text} {'ok' if o.faults == r.faults == [] else 'NOT OK'}" for text, o, r in a.spins]
    lines += [f"{name}: {value}" for name, value in report.items() if name not in ("ok", "problems")]
    lines += ["UNFINISHED SPIN"] * (a.state in "open spun") + [f"SIGNATURES {status.upper()}"]
    lines += ["NOT VERIFIED", *a.problems] if a.problems else ["VERIFIED"]
    print(json.dumps(report) if args.json else "\n".join(lines))
    return 1 if a.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())

"use strict";
// Verifies the draws of a prize wheel in the browser: recomputes every winner, then says who vouches for them.
//
// It follows verify_draw.py function by function, under the same names, and says the same sentences; the rules are those
// of docs/protocol.md, whose sentences stand in quotes here. It reads no file and touches no page: page.js does.

const CHAIN_LENGTH = 16384; // secrets under one anchor
const LARGEST_LIST = 8 * 2 ** 20; // bytes of a list's file: nothing is parsed before its size is known
const LARGEST_MESSAGE = 64 * 2 ** 10; // of any other signed file
const LARGEST_KEY = 2 ** 10; // of a public key's file
const LARGEST_LEDGER = 2 ** 28; // of a ledger, or of its checkpoints
const [MOST_READ, LEAST_READ] = [2 ** 27, 2 ** 12]; // bytes of one part of a home, and what a file counts besides its own
const KEY_READ = 2 ** 16; // the same for a public key, which takes longer to check
const SIGNED_FOLDERS = ["snapshots", "adopted", "requests", "trusted"]; // in a home
const DEEPEST = 16; // folders within each other
const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER; // 2^53 - 1

class Broken extends Error {} // a rule does not hold
class Unusable extends Error {} // something without which nothing can be said is missing
class ValueError extends Error {} // these bytes are not what they should be

function mustHold(holds, otherwise) { // `require` in verify_draw.py
  if (!holds) throw new Broken(otherwise);
}

// --- How Python writes a value, so that both verifiers print the same sentence ---

function inPython(value) { // ascii()
  if (Array.isArray(value)) return `[${value.map(inPython).join(", ")}]`;
  if (value === null) return "None";
  if (value === true || value === false) return value ? "True" : "False";
  if (typeof value === "object") {
    return `{${Object.entries(value).map(([name, one]) => `${inPython(name)}: ${inPython(one)}`).join(", ")}}`;
  }
  if (typeof value !== "string") return String(value);
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", [quote]: `\\${quote}` };
  const escaped = (one) => {
    const code = one.codePointAt(0);
    if (short[one]) return short[one];
    if (code >= 0x20 && code < 0x7f) return one;
    const [letter, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
    return `\\${letter}${code.toString(16).padStart(digits, "0")}`;
  };
  return quote + Array.from(value, escaped).join("") + quote;
}

// --- Canonical bytes: one way to write each thing, and every other way is refused, signed or not ---

function decoded(data) { // strict UTF-8
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch (error) {
    throw new ValueError("not JSON in UTF-8");
  }
}

function sorted(value) { // the same with the fields of every object in order
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

// Reads JSON: "UTF-8, no spaces, plain decimal integers, only `"` and `\` escaped". Writing gives `data` again.
function readCanonical(data, { sortKeys = false } = {}) {
  const written = decoded(data);
  let value, again;
  try {
    value = JSON.parse(written);
    again = JSON.stringify(sortKeys ? sorted(value) : value);
  } catch (error) { // a RangeError says: nested too deeply
    throw new ValueError("not JSON in UTF-8");
  }
  if (again !== written) throw new ValueError("not canonically encoded");
  return value;
}

// A kind is a function that says whether a value is one of this kind.

// "Control characters, U+0000-001F and U+007F-009F, are refused", and so are lone surrogates
const anything = (value) => typeof value === "string" && !/[\u0000-\u001f\u007f-\u009f\p{Cs}]/u.test(value);

const UNTIDY = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]|^ | $| {2}/u; // white space is single spaces, inside
const TURNING = /[\u2028-\u202e\u2066-\u2069\p{Noncharacter_Code_Point}]/u; // line separators, direction overrides
const INVISIBLE = // beyond those that Unicode's category says
  /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\u{16fe4}\u{1d159}\u{e0000}-\u{e0fff}]/u;

const inPoints = (value) => Array.from(value).length; // code points

// A text of at most `longest` characters: "white space is single spaces, and none at the ends".
const text = (longest, least = 1) => (value) => {
  const tidy = anything(value) && !UNTIDY.test(value) && !TURNING.test(value);
  return tidy && inPoints(value) >= least && inPoints(value) <= longest;
};

// "Every character of a ticket is visible", so that two people never hold tickets that look the same.
const ticket = (value) => text(40)(value) && !INVISIBLE.test(value) && !/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u.test(value);

const number = (low = 0, high = LARGEST_INTEGER) => (value) => Number.isInteger(value) && low <= value && value <= high;
const matching = (pattern) => {
  const whole = new RegExp(`^(?:${pattern})$`);
  return (value) => typeof value === "string" && whole.test(value);
};
const array = (kind, low, high) => (value) =>
  Array.isArray(value) && low <= value.length && value.length <= high && value.every(kind);

// The kind of an object with exactly these fields in this order.
const fields = (kinds) => (value) => {
  const names = Object.keys(kinds);
  const found = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : null;
  if (!found || found.length !== names.length || found.some((one, i) => one !== names[i])) {
    throw new ValueError(`its fields are not ${names.join(", ")}`);
  }
  for (const name of names) {
    if (!kinds[name](value[name])) throw new ValueError(`${name} cannot be ${inPython(value[name]).slice(0, 60)}`);
  }
  return true;
};

const KINDS = {
  hash: matching("[0-9a-f]{64}"),
  "hash?": matching("([0-9a-f]{64})?"), // "" where there is none
  event: matching("[0-9a-f]{16}"),
  count: number(),
  positive: number(1),
  chances: number(1, 1000000),
  anything,
  ticket,
  "ticket?": (value) => value === "" || ticket(value),
  holder: (value) => anything(value) && inPoints(value) >= 1 && inPoints(value) <= 40, // in records; rules compare it
  places: matching("[1-9][0-9]{0,15}(,[1-9][0-9]{0,15})*"),
  rest: number(0, 2 ** 32 - 1),
  turns: number(5, 7),
  title: text(120),
  "title?": text(120, 0),
  group: text(40),
  "group?": text(40, 0),
  household: number(0, 999999),
  generation: number(1, 999999),
  reason: text(300),
  "reason?": text(300, 0),
  text: text(309),
  seq: number(1),
  place: number(1),
  truth: (value) => typeof value === "boolean",
  prize: matching("[a-z0-9-]{1,40}"),
  "prize?": matching("([a-z0-9-]{1,40})?"),
  mode: matching("natural|fixed"),
  plan: matching("natural|fixed|mixed"),
  then: matching("(natural|repeat|stop)?"),
  win_once: matching("event|prize|never"),
  order: matching("listed|free"),
  shown: matching("full|short|ticket"),
  quantity: number(1, 3000),
  reserves: number(0, 200),
  per_press: number(1, 200),
  state: matching("confirmed|collected|absent|declined|expired"),
  P: matching("none|[0-9a-f]{64}"),
  fallback: matching("(not in the pool)?"),
  picture: matching("([0-9a-f]{64}\\.(png|jpg|webp))?"),
  second: matching("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?Z"),
  millisecond: matching("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"),
};
KINDS.winners = array(KINDS.holder, 1, 200);

// "dice", "audience", "lottery:WORDS" or "drand:quicknet:ROUND".
function entropy(item) {
  if (anything(item) && item.startsWith("lottery:")) return text(100)(item.slice("lottery:".length));
  return matching("dice|audience|drand:quicknet:[1-9][0-9]{0,11}")(item);
}

// Reads "name:kind name:kind"; a name alone is of the kind of that name.
const kindsOf = (line) =>
  Object.fromEntries(line.trim().split(/\s+/).map((one) => [one.split(":")[0], KINDS[one.split(":").pop()]]));
const table = (lines) =>
  Object.fromEntries(lines.trim().split("\n").map((line) => [line.trim().split(/\s+/)[0], kindsOf(line.trim().replace(/^\S+\s+/, ""))]));

const MESSAGES = table(`
  wheel-entropy/2     event snapshot:hash anchor:hash kiosk:hash text
  wheel-claim/2       event prize:prize? place ticket state
  wheel-withdraw/2    event ticket reason
  wheel-close/2       event
  wheel-checkpoint/2  kiosk:hash seq head:hash
`);
const RECORDS = table(`
  adopt      event generation:positive snapshot:hash entries:positive weight:positive anchor:hash kiosk:hash signer:hash
  entropy    snapshot:hash anchor:hash text:anything request:hash
  open       event generation:positive spin:positive prize:prize? places mode step:count pool:hash weight:positive entropy:P
  result     spin:positive mode reveal:hash winners rest turns reason:anything fallback
  shown      spin:positive duration_ms:count frames:count
  void       spin:positive reason:anything
  claim      event prize:prize? place ticket:holder state reserve:count request:hash?
  withdraw   event ticket:holder reason:anything request:hash
  close      event request:hash
  restored   from:hash to:hash head:hash
  rehearsal  event
  refused    file:anything reason:anything
  recovered  bytes:count digest:hash
  note       text:anything
`);
// Parts of a list, smallest first
KINDS.entries = array(fields(kindsOf("ticket weight:chances group:group? household")), 1, 3000);
KINDS.groups = array(KINDS.group, 0, 50);
KINDS.prizes = array(fields(kindsOf("id:prize title quantity reserves per_press groups picture sponsor:title?")), 0, 200);
KINDS.rules = fields(kindsOf("win_once household_once:truth presence:truth predetermined:truth order names:shown"));
KINDS.steps = array(fields(kindsOf("mode ticket:ticket? reason:reason?")), 0, 1000);
KINDS.spins = fields(kindsOf("mode:plan ticket:ticket? reason:reason? steps then"));
KINDS.files = array(fields(kindsOf("sha256:hash rows:count")), 0, 1000);
KINDS.source = fields(kindsOf("files accepted:count rejected:count"));
KINDS.entropy = array(entropy, 0, 4);
KINDS.evening = fields(kindsOf("id:event title"));
const SNAPSHOT = kindsOf(
  "generation previous:hash? created_at:second event:evening entries names:hash prizes rules entropy spins source");
const SIGNED = Object.fromEntries(
  Object.entries({ ...MESSAGES, "wheel-snapshot/2": SNAPSHOT }).map(([name, kinds]) =>
    [name, fields({ format: matching(name), ...kinds })]));
const ENVELOPE = fields({
  payloadType: (name) => typeof name === "string" && Object.hasOwn(SIGNED, name),
  payload: anything,
  signatures: array(fields(kindsOf("sig:anything keyid:hash")), 1, 1),
});

// Refuses days and hours that no calendar and no clock has.
function checkTime(written) {
  const [year, month, day, hour, minute, second] = written.match(/\d+/g).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] || 0;
  if (year < 1 || day < 1 || day > days || hour > 23 || minute > 59 || second > 59) throw new ValueError("not a time");
}

// --- Keys and signatures ---

const FIELD_PRIME = 2n ** 255n - 19n;
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const modulo = (x) => ((x % FIELD_PRIME) + FIELD_PRIME) % FIELD_PRIME;

function power(base, exponent) { // base ** exponent in the field
  let [result, square] = [1n, modulo(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % FIELD_PRIME;
    square = (square * square) % FIELD_PRIME;
  }
  return result;
}

const CURVE_D = modulo(-121665n * power(121666n, FIELD_PRIME - 2n));
const littleEndian = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);

// The sum of two points (RFC 8032, 5.1.4); it is complete, so it doubles as well.
// A point is [X, Y, Z, T] with x = X/Z, y = Y/Z and xy = T/Z.
function added(p, q) {
  const [a, b] = [(p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])];
  const [c, d] = [((2n * CURVE_D * p[3]) % FIELD_PRIME) * q[3], 2n * p[2] * q[2]];
  const [e, f, g, h] = [b - a, d - c, d + c, b + a].map(modulo);
  return [modulo(e * f), modulo(g * h), modulo(f * g), modulo(e * h)];
}

const soundKeys = new Map();

// Whether a key "is the canonical encoding of a point of the prime-order group, and not its neutral element".
function isSoundKey(encoded) {
  const name = hex(encoded);
  if (!soundKeys.has(name)) soundKeys.set(name, isSoundPoint(encoded));
  return soundKeys.get(name);
}

function isSoundPoint(encoded) {
  if (encoded.length !== 32) return false;
  const y = littleEndian(encoded) % 2n ** 255n;
  const sign = BigInt(encoded[31] >> 7);
  if (y >= FIELD_PRIME) return false;
  const square = modulo((y * y - 1n) * power(CURVE_D * y * y + 1n, FIELD_PRIME - 2n));
  let x = power(square, (FIELD_PRIME + 3n) / 8n);
  if ((x * x) % FIELD_PRIME !== square) x = (x * power(2n, (FIELD_PRIME - 1n) / 4n)) % FIELD_PRIME;
  if ((x * x) % FIELD_PRIME !== square || x === 0n) return false; // not on the curve; or of order 1 or 2
  if (x % 2n !== sign) x = FIELD_PRIME - x;
  const point = [x, y, 1n, (x * y) % FIELD_PRIME];
  let total = [0n, 1n, 1n, 0n];
  for (const bit of GROUP_ORDER.toString(2)) {
    total = added(total, total);
    if (bit === "1") total = added(total, point);
  }
  return total[0] === 0n && total[1] === total[2];
}

// Ed25519 (RFC 8032), strictly: libraries differ about what is refused here before they are asked.
// With a sound key and s below the group's order, R = sB - hA is in the prime-order group; the library compares bytes.
async function signatureHolds(key, message, signature) {
  if (signature.length !== 64 || littleEndian(signature.slice(32)) >= GROUP_ORDER) return false;
  if (!isSoundKey(key) || littleEndian(signature.slice(0, 32)) === 1n) return false; // 1: the neutral element's encoding
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

// Whether this browser can check Ed25519 here: it has to say yes to RFC 8032's first test, and no to a changed one.
// Browsers keep crypto.subtle from pages that come over plain http.
async function canCheckSignatures() {
  const key = unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = unhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  try {
    return await signatureHolds(key, utf8(""), signature) && !(await signatureHolds(key, utf8("x"), signature));
  } catch (error) {
    return false;
  }
}

// One key in its one PEM text; "key id = SHA-256 of the raw public key in hex".
function readPublicKey(data) {
  const written = String.fromCharCode(...data.subarray(0, LARGEST_KEY + 1));
  const found = /^-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\n-----END PUBLIC KEY-----\n$/.exec(written);
  const key = found ? unbase64(found[1]) : new Uint8Array();
  if (!found || base64(key) !== found[1] || !isSoundKey(key)) {
    throw new ValueError("not one Ed25519 public key in canonical PEM");
  }
  return key;
}

// DSSE: a payload and exactly one signature.
class Envelope {
  constructor(kind, payload, keyid, signature, body) {
    Object.assign(this, { kind, payload, keyid, signature, body });
  }

  async isSignedWith(key) {
    const message = joined(utf8(`DSSEv1 ${utf8(this.kind).length} ${this.kind} ${this.payload.length} `), this.payload);
    return digest(key) === this.keyid && (await signatureHolds(key, message, this.signature));
  }
}

function fromBase64(written) { // "the standard alphabet, padded, without line breaks, its spare bits zero"
  const standard = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(written);
  const bytes = standard ? unbase64(written) : new Uint8Array();
  if (!standard || base64(bytes) !== written) throw new ValueError("base64 not canonical");
  return bytes;
}

// "payloadType, payload, signatures [{sig, keyid}], then one LF"; "payloadType equals format".
function readEnvelope(data) {
  if (data[data.length - 1] !== 0x0a) throw new ValueError("no LF at the end");
  const outer = readCanonical(data.subarray(0, data.length - 1));
  ENVELOPE(outer);
  if (outer.payloadType !== "wheel-snapshot/2" && data.length > LARGEST_MESSAGE) {
    throw new ValueError(`larger than ${LARGEST_MESSAGE} bytes`);
  }
  const [payload, signature] = [outer.payload, outer.signatures[0].sig].map(fromBase64);
  const body = readCanonical(payload);
  SIGNED[outer.payloadType](body);
  const written = decoded(payload);
  if (written.normalize("NFC") !== written) throw new ValueError("text not in Unicode's form NFC");
  if (body.format === "wheel-snapshot/2") checkList(body);
  if (body.format === "wheel-claim/2" && body.prize && body.place > 3200) { // quantity and reserves at most
    throw new ValueError("no prize has such a place");
  }
  return new Envelope(outer.payloadType, payload, outer.signatures[0].keyid, signature, body);
}

// What a list must be beyond the kinds of its fields.
function checkList(body) {
  const eachOnce = (values, what) => {
    if (new Set(values).size !== values.length) throw new ValueError(`${what} twice`);
  };
  checkTime(body.created_at);
  eachOnce(body.entries.map((entry) => entry.ticket), "a ticket");
  eachOnce(body.prizes.map((prize) => prize.id), "a prize's id");
  eachOnce(body.entropy.map((item) => item.split(":")[0]), "a kind of entropy"); // "each kind once"
  if ((body.generation === 1) !== (body.previous === "")) {
    throw new ValueError("previous is empty for generation 1 only");
  }
  const mixed = body.spins.mode === "mixed";
  if (mixed !== body.spins.steps.length > 0 || mixed !== (body.spins.then !== "")) {
    throw new ValueError("steps and then belong to mixed spins, and only to them");
  }
  for (const prize of body.prizes) eachOnce(prize.groups, "a group of a prize");
  const fixed = fixedTickets(body);
  const listed = new Set(body.entries.map((entry) => entry.ticket));
  if (!fixed.every((one) => listed.has(one))) throw new ValueError("a fixed ticket is not on the list");
  if (body.rules.win_once === "event" || (body.rules.win_once === "prize" && !body.prizes.length)) {
    eachOnce(fixed, "a ticket that can win once is fixed");
  }
}

function fixedTickets(body) {
  const found = [];
  for (const step of [body.spins, ...body.spins.steps]) {
    if (["ticket", "reason"].some((name) => (step.mode === "fixed") !== (step[name] !== ""))) {
      throw new ValueError("a ticket and its reason belong to a fixed spin, and only to it");
    }
    if (step.mode !== "fixed") continue;
    if (!body.rules.predetermined) { // "a signed promise: no fixed step"
      throw new ValueError("a fixed spin, although predetermined is false");
    }
    found.push(step.ticket);
  }
  return found;
}

// --- Codes that people keep or type: key ids, anchors, heads ---

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

// The first `bits` bits of a SHA-256.
class Code {
  constructor(value, bits) {
    Object.assign(this, { value, bits });
  }

  standsFor(full) {
    return BigInt(`0x${full}`) >> BigInt(256 - this.bits) === this.value;
  }
}

// "130 bits as 26 characters of Crockford's base32 plus its check character (value mod 37)", or all 64 digits.
function readCode(written) {
  let kept = written.replace(/[\s-]/g, "").toUpperCase();
  if (/^[0-9A-F]{64}$/.test(kept)) return new Code(BigInt(`0x${kept}`), 256);
  kept = kept.replace(/[IL]/g, "1").replace(/O/g, "0");
  if (kept.length !== 27 || !Array.from(kept.slice(0, 26)).every((one) => CROCKFORD.slice(0, 32).includes(one))) {
    throw new Unusable(
      `${inPython(written)}: give all 64 hexadecimal digits, or all 26 characters and the check character`);
  }
  const value = Array.from(kept.slice(0, 26)).reduce((sum, one) => sum * 32n + BigInt(CROCKFORD.indexOf(one)), 0n);
  if (CROCKFORD[Number(value % 37n)] !== kept[26]) {
    throw new Unusable(`${inPython(written)}: the check character is wrong, so a character was misread`);
  }
  return new Code(value, 130);
}

// --- Files: found by what is in them, never by their names ---

// What was found: the ledger, its checkpoints, signed files by the SHA-256 of their payload, public keys.
class Files {
  constructor() {
    this.ledger = null;
    this.checkpoints = null;
    this.signed = new Map();
    this.keys = new Map();
    this.refused = new Map();
  }

  add(name, data) {
    try {
      if (name.endsWith(".pem")) {
        const key = readPublicKey(data);
        this.keys.set(digest(key), key);
      } else if (name.endsWith("checkpoints.jsonl")) {
        this.checkpoints = joined(this.checkpoints || new Uint8Array(), data);
      } else if (name.endsWith(".jsonl")) {
        if (this.ledger !== null && !sameBytes(this.ledger, data)) {
          throw new Unusable(`${name}: a second ledger; give only the files that belong together`);
        }
        this.ledger = data;
      } else {
        const envelope = readEnvelope(data);
        const s = digest(envelope.payload);
        this.signed.set(s, [...(this.signed.get(s) || []), envelope]);
      }
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.refuse(name, data, error.message);
    }
  }

  // Counts a file that lies where signed files lie, or looks like one. A home has other files as well.
  refuse(name, data, why) {
    const looksSigned = holds(data, '"payloadType"') || holds(data, "PUBLIC KEY");
    if (SIGNED_FOLDERS.includes(name.split("/").slice(-2, -1)[0]) || looksSigned) this.refused.set(name, why);
  }
}

function holds(data, words) {
  const wanted = utf8(words);
  for (let at = data.indexOf(wanted[0]); at >= 0; at = data.indexOf(wanted[0], at + 1)) {
    if (sameBytes(data.subarray(at, at + wanted.length), wanted)) return true;
  }
  return false;
}

// The files of a home, or of a copy of it, that are read. Names files, which say who a ticket is, are never read.
function foundUnder(paths) {
  const kiosk = paths.includes("kiosk/ledger.jsonl") ? "kiosk/" : "";
  return [...paths].sort().filter((path) => {
    const name = path.split("/").pop();
    const own = path === `${kiosk}ledger.jsonl` || path === `${kiosk}checkpoints.jsonl`;
    const deep = path.split("/").length - 1 > DEEPEST;
    return own || (/\.(json|pem)$/.test(name) && !name.startsWith("names-") && !deep);
  });
}

// What has a limit of its own: `snapshots`, to which others may write, does not use up that of `kiosk/adopted`.
function partOf(path) {
  const [top, folder] = path.split("/").slice(0, -1);
  if (top === "kiosk" && SIGNED_FOLDERS.includes(folder)) return `kiosk/${folder}`;
  return top === "kiosk" || top === "snapshots" ? top : "."; // one limit for all that a home need not have
}

// Reads what was found: [name, part of its home, size, read]. Nothing is read before its size is known.
async function filesUnder(found) {
  const files = new Files();
  const spent = new Map();
  for (const [name, part, size, read] of found) {
    const ledger = name.endsWith(".jsonl");
    if ((spent.get(part) || 0) > MOST_READ && !ledger) {
      const flood = "a flood: it holds more than is read, so give a copy with less in it";
      if (!files.refused.has(part)) files.refused = new Map([[part, flood], ...files.refused]);
      continue;
    }
    const least = name.endsWith(".pem") ? KEY_READ : LEAST_READ;
    spent.set(part, (spent.get(part) || 0) + least + (ledger || size > largest(name) ? 0 : size));
    let data;
    try {
      if (size > largest(name)) throw new ValueError(`larger than ${largest(name)} bytes`);
      data = await read();
    } catch (error) { // also what the browser says of a file that cannot be read
      files.refuse(name, new Uint8Array(), error.message);
      continue;
    }
    files.add(name, data);
  }
  return files;
}

// How many bytes a file of that name may have.
function largest(name) {
  if (name.endsWith(".pem")) return LARGEST_KEY;
  return name.endsWith(".jsonl") ? LARGEST_LEDGER : LARGEST_LIST;
}

// --- The draw ---

// A published list, and the envelopes that hold it.
class List {
  constructor(s, envelopes) {
    const { body } = envelopes[0];
    this.s = s;
    this.envelopes = envelopes;
    this.generation = body.generation;
    this.previous = body.previous;
    this.event = body.event.id;
    this.rules = body.rules;
    this.entropy = body.entropy;
    this.names = body.names;
    this.spins = body.spins;
    this.prizes = new Map(body.prizes.map((prize) => [prize.id, prize]));
    this.entries = body.entries; // "Pool bytes: TICKET TAB WEIGHT LF"
    this.household = new Map(this.entries.map((entry) => [entry.ticket, entry.household]));
    this.weight = weightOf(this.entries);
  }

  // Weight, group and household of each ticket that is on both lists; a household is who is in it.
  chances(other) {
    const both = this.entries.filter((entry) => other.household.has(entry.ticket));
    const members = new Map();
    for (const { household } of both) members.set(household, []);
    for (const { household, ticket } of both) members.get(household).push(ticket);
    const inside = new Map([...members].map(([household, tickets]) => [household, household ? tickets.join("\t") : ""]));
    return new Map(both.map((one) => [one.ticket, [one.weight, one.group, inside.get(one.household)]]));
  }

  // The step number and the planned mode of spin i, "i while i <= n", then "(i-1) mod n + 1 with repeat".
  plannedStep(spin) {
    const { steps, then } = this.spins;
    if (!steps.length) return [0, this.spins];
    if (spin <= steps.length || then === "repeat") {
      const step = ((spin - 1) % steps.length) + 1;
      return [step, steps[step - 1]];
    }
    mustHold(then === "natural", "after the last step with stop nothing opens");
    return [0, { mode: "natural", ticket: "", reason: "" }];
  }
}

const weightOf = (entries) => entries.reduce((sum, entry) => sum + entry.weight, 0); // 3000 million at most
const poolBytes = (pool) => utf8(pool.map((entry) => `${entry.ticket}\t${entry.weight}\n`).join(""));

// A state is held, confirmed, collected; absent, declined, expired (freed); moved (a reserve's holder moved up).
const HELD = ["held", "confirmed"];
const FREED = ["absent", "declined", "expired"];
const NEXT_STATES = { held: ["confirmed", ...FREED], confirmed: ["collected", ...FREED] };
const from1 = (first, count) => Array.from({ length: count }, (_, i) => first + i);

// An evening: "winners and progress live as long as it".
class DrawEvent {
  constructor() {
    this.list = null;
    this.rules = null; // since its first spin
    this.promised = false; // predetermined is false
    this.opened = 0;
    this.places = new Map(); // by "prize place": {prize, place, ticket, state}
    this.won = new Map(); // by prize: every ticket that ever got a place of it
    this.freed = new Map(); // by prize: every ticket that freed a place of it
    this.withdrawn = new Set();
    this.left = false;
    this.closed = false;
  }

  at(prize, place) {
    return this.places.get(`${prize} ${place}`);
  }

  put(prize, place, ticket, state) {
    this.places.set(`${prize} ${place}`, { prize, place, ticket, state });
  }

  everWon() {
    return new Set([...this.won.values()].flatMap((tickets) => [...tickets]));
  }

  // The entries that can win this prize now, in the list's order.
  pool(prize) {
    const { rules } = this.list;
    // Under win_once "every ticket that ever got a place of the event", or of z, is out
    let once = new Set();
    if (rules.win_once === "event" || (rules.win_once === "prize" && !prize)) once = this.everWon();
    else if (rules.win_once === "prize") once = this.won.get(prize) || once;
    // With household_once "their households, as on the list now, likewise"; 0 is no household
    const households = new Set(rules.household_once ? [...once].map((one) => this.list.household.get(one)) : []);
    households.delete(0);
    // Also withdrawn tickets, and "under every rule anybody who freed a place of z"
    const gone = (one) => once.has(one) || this.withdrawn.has(one) || (this.freed.get(prize) || new Set()).has(one);
    // And "those whose group is not among z's groups (none named: all may win)"
    const groups = prize ? this.list.prizes.get(prize).groups : [];
    return this.list.entries.filter((entry) =>
      !gone(entry.ticket) && !households.has(entry.household) && (!groups.length || groups.includes(entry.group)));
  }

  // The places that a press fills: "the lowest min(per_press, open) open places of one kind, winners' first".
  press(prize) {
    if (!prize) return [this.opened + 1]; // "Without prizes: prize "", place = i"
    const one = this.list.prizes.get(prize);
    for (const places of [from1(1, one.quantity), from1(one.quantity + 1, one.reserves)]) {
      const stillOpen = places.filter((place) => !this.at(prize, place));
      if (stillOpen.length) return stillOpen.slice(0, one.per_press);
    }
    return [];
  }

  // "A press goes to the first listed prize with an open place and a non-empty pool"; and that pool.
  listedPress() {
    for (const prize of this.list.prizes.size ? this.list.prizes.keys() : [""]) {
      const pool = this.press(prize).length ? this.pool(prize) : [];
      if (pool.length) return [prize, pool];
    }
    throw new Broken("no prize has an open place and somebody who can win it");
  }
}

// The t of one place: a number below `weight`, every one equally likely.
function numberDrawn(secret, message, weight) {
  const w = BigInt(weight);
  for (let k = 0; ; k += 1) {
    const x = BigInt(`0x${hex(hmac(secret, utf8(`${message}${k}\n`)))}`);
    if (x < 2n ** 256n - (2n ** 256n % w)) return Number(x % w);
  }
}

// The winner of each place, ascending, from what is left of the pool; where it runs empty the rest stay open.
// "The first entry left whose cumulative weight is > t. It leaves, with its household under household_once".
function winnersDrawn(secret, messageOf, places, pool, byHousehold) {
  let left = [...pool];
  const winners = [];
  for (const place of places) {
    if (!left.length) break;
    const t = numberDrawn(secret, messageOf(place), weightOf(left));
    let cumulative = 0;
    const winner = left.find((entry) => (cumulative += entry.weight) > t);
    winners.push(winner.ticket);
    const together = byHousehold && winner.household;
    left = left.filter((entry) => entry !== winner && !(together && entry.household === winner.household));
  }
  return winners;
}

// Where the wheel comes to rest on the first winner, in units of 2^-32 turn, and the whole turns before.
function landing(secret, s, spin, pool, winner) {
  const total = BigInt(weightOf(pool));
  const index = pool.findIndex((entry) => entry.ticket === winner);
  const before = weightOf(pool.slice(0, index));
  const [start, end] = [before, before + pool[index].weight].map(
    (weight) => (BigInt(weight) * 2n ** 32n + total - 1n) / total); // rounded up
  const chosen = hmac(secret, utf8(`wheel-land/2\n${s}\n${spin}\n`));
  const [width, u] = [end - start, BigInt(`0x${hex(chosen.slice(0, 8))}`)];
  return [Number(start + (width * 5n) / 100n + (((width * 90n) / 100n) * u) / 2n ** 64n), 5 + (chosen[8] % 3)];
}

// --- The ledger: one function a record type ---

function checkRecord(record) {
  const kind = record !== null && typeof record === "object" && !Array.isArray(record) ? record.type : null;
  if (typeof kind !== "string" || !Object.hasOwn(RECORDS, kind)) throw new ValueError("not a record of wheel-draw/2");
  const kinds = { ...RECORDS[kind], ...kindsOf("seq type:anything prev:hash at:millisecond") };
  fields(Object.fromEntries(Object.entries(kinds).sort(([a], [b]) => (a < b ? -1 : 1))))(record); // "sorted"
  checkTime(record.at);
}

function linesOf(data) { // and what follows the last LF
  const lines = [];
  let start = 0;
  for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
    lines.push(data.subarray(start, end));
    start = end + 1;
  }
  return [lines, data.subarray(start)];
}

// The records, and the head after each: "prev = H(previous line without its LF), 64 zeros for the first".
function readRecords(ledger) {
  const heads = ["0".repeat(64)];
  const records = [];
  const [lines, torn] = linesOf(ledger);
  if (torn.length) throw new Broken(`record ${lines.length + 1}: torn, its line has no end`);
  lines.forEach((line, index) => {
    const seq = index + 1;
    let record;
    try {
      record = readCanonical(line, { sortKeys: true });
      checkRecord(record);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      throw new Broken(`record ${seq}: ${error.message}`);
    }
    mustHold(record.seq === seq, `record ${seq}: its seq is ${record.seq}`);
    mustHold(record.prev === heads[index], `record ${seq}: prev is not the hash of the record before: a changed past`);
    records.push(record);
    heads.push(digest(line));
  });
  return [records, heads];
}

class Spin {
  constructor(open, anchor, event, pool, step, texts, fixed) {
    Object.assign(this, { open, anchor, event, pool, step });
    this.texts = texts; // that its level rests on
    this.fixed = fixed; // its ticket is predetermined, and in the pool
    this.result = null;
    this.void = false;
    this.witnessed = false;
  }

  get told() {
    return `spin ${this.open.spin} of event ${this.open.event}`;
  }

  get level() { // "the highest level of its texts": dice and audience are live, lottery and drand public
    return Math.max(0, ...this.texts.map((one) => (/^(lottery|drand):/.test(one) ? 2 : 1)));
  }

  get unchecked() { // no browser checks the BLS signatures of drand rounds
    return this.texts.some((one) => one.startsWith("drand:"));
  }
}

// One `adopt`: a chain of secrets that was committed to, and what was drawn from it.
class Anchor {
  constructor(adopt, published) {
    this.adopt = adopt;
    this.list = published;
    this.revealed = adopt.anchor; // the last value of the chain that everybody knows
    this.texts = [];
    this.opened = 0;
    this.results = 0;
  }
}

const sameJson = (a, b) => JSON.stringify(a) === JSON.stringify(b); // canonical: equal fields stand in equal order

// Lives through the ledger record by record and throws Broken where a rule does not hold.
class Replay {
  constructor(files) {
    this.files = files;
    this.heads = [];
    this.seq = 0;
    this.kiosk = ""; // the key in force
    this.kioskAt = [""]; // by record
    this.headDue = [0]; // by record: the last one so far after which no spin was open
    this.events = new Map();
    this.anchors = [];
    this.spin = null; // "A spin is open from open to shown or void"
    this.needsAdopt = false;
    this.knownValues = new Set(); // anchors and reveals
    // for the report
    this.spins = [];
    this.adopts = [];
    this.voids = [];
    this.lowering = new Map(); // records that keep the verdict at CONSISTENT unless accepted
    this.requests = [];
    this.missingRequests = [];
    this.restored = [];
    this.counts = { "out of order": 0, "freed by key": 0, "freed by request": 0, withdrawn: 0, rehearsals: 0 };
    this.drand = [];
    this.changed = [];
    this.withdrawnLate = [];
  }

  run(records, heads) {
    this.heads = heads;
    for (const record of records) {
      this.seq = record.seq;
      try {
        this[`rule_${record.type}`](record);
      } catch (problem) {
        if (!(problem instanceof Broken)) throw problem;
        throw new Broken(`record ${this.seq} (${record.type}): ${problem.message}`);
      }
      this.kioskAt.push(this.kiosk);
      this.headDue.push(this.spin ? this.headDue[this.headDue.length - 1] : this.seq);
    }
  }

  get anchor() {
    mustHold(this.anchors.length, "no list was adopted before");
    return this.anchors[this.anchors.length - 1];
  }

  idle() { // "entropy, claim, withdraw, close, adopt and rehearsal wait for its end"
    mustHold(this.spin === null, "a spin is open");
  }

  knownEvent(record) {
    const event = this.events.get(record.event);
    mustHold(event && !event.closed, "no such event, or the event is closed");
    return event;
  }

  currentEvent(record) {
    const event = this.knownEvent(record);
    mustHold(this.anchor.list.event === record.event, "not the event of the list adopted");
    return event;
  }

  // "Signed messages: record and request must agree, else BROKEN"; "A missing request: CONSISTENT".
  signedRequest(record, kind, message) {
    const envelopes = this.files.signed.get(record.request);
    if (!envelopes) {
      this.missingRequests.push(this.seq);
      return;
    }
    const told = envelopes[0].body;
    const agrees = told.format === kind && Object.keys(message).every((name) => told[name] === message[name]);
    mustHold(agrees, `its request ${record.request.slice(0, 16)} says otherwise`);
    this.requests.push([this.seq, envelopes]);
  }

  rule_adopt(record) {
    this.idle();
    const envelopes = this.files.signed.get(record.snapshot);
    if (!envelopes) {
      throw new Unusable(`record ${this.seq}: list ${record.snapshot} is missing (or refused: see below)`);
    }
    mustHold(envelopes[0].kind === "wheel-snapshot/2", "its snapshot is not a list");
    const published = new List(record.snapshot, envelopes);
    const due = [published.event, published.generation, published.entries.length, published.weight];
    const found = [record.event, record.generation, record.entries, record.weight];
    mustHold(sameJson(found, due), "event, generation, entries or weight are not those of its list");
    mustHold(envelopes.some((one) => one.keyid === record.signer), "signer is not who signed its list");
    // "The kiosk makes a new chain at each adopt"
    mustHold(!this.knownValues.has(record.anchor), "its anchor was used before");
    const before = this.anchors[this.anchors.length - 1] || null;
    const unused = before && !(before.texts.length || before.opened);
    // "Lost before any entropy or open, the same generation is adopted again"
    if (before && !(unused && published.s === before.list.s)) {
      const { generation } = before.list;
      mustHold(published.generation > generation, `generation ${generation} was adopted before`);
      const follows = published.generation > generation + 1 || published.previous === before.list.s;
      mustHold(follows, "previous is not the list of the generation before");
    }
    const [event, kind] = this.enterEvent(published);
    if (before && before.texts.length && !before.results) {
      this.lowering.set(this.seq, "adopt, although the anchor before had entropy and made no spin");
    }
    const skipped = Math.max(published.generation - (before ? before.list.generation : 0) - 1, 0);
    this.adopts.push({
      record: this.seq, kind, generation: published.generation, event: published.event,
      skipped, spins_before: before ? before.results : 0, list: published.s,
    });
    event.list = published;
    event.promised = event.promised || !published.rules.predetermined;
    this.anchors.push(new Anchor(record, published));
    this.knownValues.add(record.anchor);
    [this.kiosk, this.needsAdopt] = [record.kiosk, false];
  }

  enterEvent(published) {
    const current = this.anchors.length ? this.anchor.list.event : "";
    let event = this.events.get(published.event);
    if (!event) {
      if (current) this.events.get(current).left = true;
      event = new DrawEvent();
      this.events.set(published.event, event);
      return [event, "new event"];
    }
    mustHold(!event.closed, "the event is closed");
    mustHold(!event.left, "the event was left: its lists are refused from then on");
    this.checkCorrection(event, published);
    this.tellWhatWasRenamed(event, published);
    this.tellWhichEntriesChanged(event, published);
    return [event, published.s === event.list.s ? "same list again" : "correction"];
  }

  // "A correction may not rewrite what happened".
  checkCorrection(event, published) {
    for (const one of event.everWon()) {
      mustHold(published.household.has(one), `ticket ${inPython(one)} got a place and is not on this list`);
    }
    for (const prize of event.won.keys()) {
      if (!prize) {
        mustHold(!published.prizes.size, "places were drawn without prizes, and this list has prizes");
        continue;
      }
      mustHold(published.prizes.has(prize), `prize ${prize} has a drawn place and is not on this list`);
      for (const name of ["quantity", "reserves", "per_press", "groups"]) {
        const same = sameJson(published.prizes.get(prize)[name], event.list.prizes.get(prize)[name]);
        mustHold(same, `prize ${prize} has a drawn place and another ${name}`);
      }
    }
    const kept = event.rules === null || sameJson(event.rules, published.rules);
    mustHold(kept, "the rules changed after the event's first spin");
    mustHold(!(event.promised && published.rules.predetermined), "predetermined is false in this event");
  }

  // "title, picture and sponsor may change", and the names file: the verdict tells of titles and names.
  tellWhatWasRenamed(event, published) {
    for (const prize of [...event.won.keys()].filter(Boolean)) {
      const [before, now] = [event.list, published].map((one) => one.prizes.get(prize).title);
      if (before === now) continue;
      const what = `prize ${prize}, of which places were drawn as ${inPython(before)}, is now ${inPython(now)}`;
      this.changed.push([this.seq, what]);
    }
    if (event.won.size && published.names !== event.list.names) {
      const told = "as it does with every correction: a ticket may have another name";
      this.changed.push([this.seq, `the names file changed after places were drawn, ${told}`]);
    }
  }

  // "a correction after a place was drawn that changes who may win": how many entries, and how.
  tellWhichEntriesChanged(event, published) {
    if (!event.won.size) return;
    const [before, now] = [event.list.chances(published), published.chances(event.list)];
    const [added, removed] = [published.entries.length - now.size, event.list.entries.length - before.size];
    const isOther = (ticket) => before.get(ticket).some((value, i) => value !== now.get(ticket)[i]);
    const changed = [...before.keys()].filter(isOther).length;
    if (!added && !removed && !changed) return;
    const counts = `${added} added, ${removed} removed, ${changed} with another weight, group or household`;
    this.changed.push([this.seq, `the entries changed after places were drawn: ${counts}`]);
  }

  rule_entropy(record) {
    this.idle();
    const { anchor } = this;
    const published = anchor.list;
    this.currentEvent({ event: published.event });
    mustHold(record.snapshot === published.s, "for another list");
    mustHold(record.anchor === anchor.adopt.anchor, "for another anchor");
    // "every listed entropy text, in that order; none is taken later"
    mustHold(anchor.texts.length < published.entropy.length, "the list names no further entropy");
    mustHold(!anchor.opened, "a spin opened before");
    const item = published.entropy[anchor.texts.length];
    const begins = record.text.startsWith(`${item}:`);
    const value = record.text.slice(item.length + 1);
    const isText = begins && text(200)(value);
    mustHold(isText, `the next text is ${inPython(item)}, ':' and a value of at most 200 characters`);
    if (item === "dice") {
      mustHold(/^[0-9]{1,3}(\.[0-9]{1,3})*$/.test(value), "dice are numbers with points between them");
    }
    if (item.startsWith("drand:")) {
      mustHold(/^[0-9a-f]{96}$/.test(value), "the round's signature is 96 lowercase hex digits");
      const arose = 1000 * (1692803367 + 3 * (Number(item.split(":")[2]) - 1)); // quicknet: every 3 s since its first
      const [adopted, told] = [anchor.adopt.at, record.at].map((at) => Date.parse(at));
      mustHold(adopted < arose, "the drand round was known before the list was adopted");
      mustHold(arose <= told, "the drand round had not arisen yet");
      this.drand.push(this.seq);
    }
    anchor.texts.push(record.text);
    const bound = { snapshot: published.s, anchor: record.anchor, kiosk: this.kiosk };
    this.signedRequest(record, "wheel-entropy/2", { event: published.event, ...bound, text: record.text });
  }

  rule_open(record) {
    this.idle();
    const { anchor } = this;
    const published = anchor.list;
    const event = this.currentEvent(record);
    mustHold(!this.needsAdopt, "nothing opens after void until the next adopt");
    mustHold(anchor.results < CHAIN_LENGTH, "the chain of secrets is used up");
    // "No spin opens under an anchor before every listed entropy text is recorded for it"
    mustHold(anchor.texts.length === published.entropy.length, "a listed entropy text is missing");
    mustHold(record.generation === published.generation, "another generation than the adopted one");
    mustHold(record.spin === event.opened + 1, `the event's next spin is ${event.opened + 1}`);
    mustHold(record.entropy === combined(anchor.texts), "entropy is not the hash of the texts recorded");
    const { prize } = record;
    mustHold(published.prizes.size ? published.prizes.has(prize) : prize === "", "no such prize");
    const [first, listedPool] = event.listedPress();
    let pool = listedPool;
    if (prize !== first) {
      mustHold(published.rules.order === "free", `the next press goes to prize ${inPython(first)}`);
      this.counts["out of order"] += 1;
      pool = event.pool(prize);
      mustHold(pool.length, "the pool is empty");
    }
    const [numberOfStep, step] = published.plannedStep(record.spin);
    mustHold(record.step === numberOfStep && record.mode === step.mode, "step and mode are not the list's");
    let places = event.press(prize);
    if (step.mode === "fixed") places = places.slice(0, 1); // "planned fixed means one place, even on fallback"
    const open = places.length > 0 && record.places === places.join(",");
    mustHold(open, `the open places of this press are ${inPython(places)}`);
    mustHold(record.pool === digest(poolBytes(pool)), "another pool");
    mustHold(record.weight === weightOf(pool), "another weight of the pool");
    event.opened += 1;
    event.rules = published.rules;
    anchor.opened += 1;
    const fixed = step.mode === "fixed" && pool.some((entry) => entry.ticket === step.ticket);
    this.spin = new Spin(record, anchor.adopt.anchor, event, pool, step, anchor.texts, fixed);
    this.spins.push(this.spin);
  }

  openSpin(record) {
    mustHold(this.spin !== null, "no spin is open");
    mustHold(record.spin === this.spin.open.spin, `spin ${this.spin.open.spin} is open`);
    return this.spin;
  }

  rule_result(record) {
    const spin = this.openSpin(record);
    const { anchor } = this;
    mustHold(spin.result === null, "a second result");
    // "spin i reveals r_j = s_{N-j}": hashed once it gives the value before, hashed j times the anchor
    const secret = unhex(record.reveal);
    mustHold(digest(secret) === anchor.revealed, "reveal is not the next secret under the anchor");
    const { open: opened, pool } = spin;
    const { s } = anchor.list;
    const places = opened.places.split(",").map(Number);
    const messageOf = (place) =>
      `wheel-draw/2\n${s}\n${opened.spin}\n${opened.prize}\n${place}\n${opened.pool}\n${opened.entropy}\n`;
    const winners = spin.fixed
      ? [spin.step.ticket]
      : winnersDrawn(secret, messageOf, places, pool, anchor.list.rules.household_once);
    mustHold(sameJson(record.winners, winners), `the winners are ${inPython(winners)}`);
    const [rest, turns] = landing(secret, s, opened.spin, pool, winners[0]);
    mustHold(record.rest === rest && record.turns === turns, `the landing is ${rest} after ${turns} turns`);
    // "result.mode is what happened, natural or fixed"; reason and fallback go with it
    const told = [record.mode, record.reason, record.fallback];
    if (spin.fixed) {
      const due = ["fixed", spin.step.reason, ""];
      mustHold(sameJson(told, due), "mode, reason or fallback is not that of a fixed spin");
    } else {
      const due = ["natural", "", spin.step.mode === "fixed" ? "not in the pool" : ""];
      mustHold(sameJson(told, due), "mode, reason or fallback is not that of a natural spin");
    }
    winners.forEach((winner, index) => {
      spin.event.put(opened.prize, places[index], winner, "held");
      spin.event.won.set(opened.prize, (spin.event.won.get(opened.prize) || new Set()).add(winner));
    });
    anchor.revealed = record.reveal;
    anchor.results += 1;
    this.knownValues.add(record.reveal);
    spin.result = record;
  }

  rule_shown(record) {
    mustHold(this.openSpin(record).result !== null, "One result precedes shown");
    this.spin = null;
  }

  rule_void(record) {
    const spin = this.openSpin(record);
    mustHold(spin.result === null, "void only without a result");
    [spin.void, this.spin, this.needsAdopt] = [true, null, true];
    this.voids.push(this.seq);
    this.lowering.set(this.seq, `${spin.told} was opened and is void`);
  }

  rule_claim(record) {
    this.idle();
    const event = this.knownEvent(record);
    const { prize, place, state } = record;
    const held = event.at(prize, place);
    mustHold(held && held.ticket === record.ticket, "its ticket does not hold this place");
    // A shown place is held, then confirmed, then collected; absent, declined and expired free it before that
    mustHold((NEXT_STATES[held.state] || []).includes(state), `${held.state} does not become ${state}`);
    mustHold(state !== "absent" || event.list.rules.presence, "presence is false: nobody can be absent");
    const winnersPlace = !prize || place <= event.list.prizes.get(prize).quantity;
    mustHold(state !== "collected" || winnersPlace, "a reserve has nothing to collect");
    event.put(prize, place, held.ticket, state);
    const reserve = FREED.includes(state) ? this.freePlace(event, record) : 0;
    mustHold(record.reserve === reserve, `the reserve who moves in is that of place ${reserve}`);
    if (record.request) { // without one "a key of the kiosk's keyboard caused it, for claims only"
      const who = { event: record.event, prize, place, ticket: record.ticket };
      this.signedRequest(record, "wheel-claim/2", { ...who, state });
    }
  }

  // "the lowest reserve's place that is held or confirmed, whose ticket moves in as held, or 0".
  freePlace(event, record) {
    this.counts[record.request ? "freed by request" : "freed by key"] += 1;
    const { prize, place } = record;
    event.freed.set(prize, (event.freed.get(prize) || new Set()).add(record.ticket));
    if (!prize || place > event.list.prizes.get(prize).quantity) {
      return 0; // "A reserve's place once left or freed is spent", and so is a freed place without a prize
    }
    const { quantity, reserves } = event.list.prizes.get(prize);
    for (const reserve of from1(quantity + 1, reserves)) {
      const waiting = event.at(prize, reserve);
      if (waiting && HELD.includes(waiting.state)) {
        event.put(prize, reserve, waiting.ticket, "moved");
        event.put(prize, place, waiting.ticket, "held");
        return reserve;
      }
    }
    event.places.delete(`${prize} ${place}`); // "the place is open again and the next press fills it"
    return 0;
  }

  rule_withdraw(record) {
    this.idle();
    const event = this.currentEvent(record); // "A left event takes only claim and close"
    mustHold(event.list.household.has(record.ticket), "its ticket is not on the list");
    mustHold(!event.withdrawn.has(record.ticket), "its ticket was withdrawn before");
    event.withdrawn.add(record.ticket);
    this.counts.withdrawn += 1;
    if (this.anchor.texts.length) this.withdrawnLate.push(this.seq);
    const who = { event: record.event, ticket: record.ticket };
    this.signedRequest(record, "wheel-withdraw/2", { ...who, reason: record.reason });
  }

  rule_close(record) {
    this.idle();
    const event = this.knownEvent(record);
    event.closed = true;
    this.signedRequest(record, "wheel-close/2", { event: record.event });
  }

  rule_rehearsal(record) {
    this.idle();
    this.currentEvent(record);
    this.counts.rehearsals += 1;
  }

  rule_restored(record) {
    // "from is the key in force until then and to is another one; head is that of the record before"
    const changes = this.kiosk === record.from && record.from !== record.to;
    mustHold(changes, "from is not the key in force, or to is that key");
    mustHold(record.head === record.prev, "its head is not that of the record before");
    this.kiosk = record.to;
    this.restored.push(this.seq);
  }

  rule_note() {} // No rule reads a note, nor what was refused or recovered.
  rule_refused() {}
  rule_recovered() {}
}

// P: "none", or H(text_1 LF ... text_n LF).
const combined = (texts) => (texts.length ? digest(utf8(texts.map((one) => `${one}\n`).join(""))) : "none");

// --- Trust: what the auditor brings along, and which word it allows ---

// What comes "from something a forger does not control": key ids, and what was kept.
class Trusted {
  constructor({ kiosk, organiser, seen, accept }) {
    this.accepted = accept;
    this.kiosks = kiosk.map(readCode);
    this.organisers = organiser.map(readCode);
    this.seen = seen.map(readSeen);
  }
}

// CODE, or CODE@N: "an anchor that he kept before text N of its list arose; CODE alone, before the last one".
function readSeen(written) {
  const at = written.indexOf("@");
  const [code, textNumber] = at < 0 ? [written, ""] : [written.slice(0, at), written.slice(at + 1)];
  if (at >= 0 && !/^[1-4]$/.test(textNumber)) {
    throw new Unusable(
      `${inPython(written)}: after @ stands the number of the text that you kept the anchor before, 1 to 4`);
  }
  return [written, readCode(code), textNumber ? Number(textNumber) : null];
}

const named = (keyid, codes) => codes.some((code) => code.standsFor(keyid));

// The last record whose head a named key in force signed, how many lines of checkpoints were ignored, and the last
// record that each kiosk "signed elsewhere, after another key was in force here".
// "A head that counts and contradicts its record, or lies beyond the ledger: BROKEN"; so is a fork. Lines that are
// "malformed, badly signed or by keys that do not count are counted and ignored".
async function headsThatCount(files, replay, trusted, canCheck) {
  let ignored = 0;
  const [counted, signed, elsewhere] = [new Set(), new Map(), new Map()];
  const [lines, torn] = linesOf(files.checkpoints || new Uint8Array());
  for (const line of lines) {
    const envelope = readCheckpoint(line);
    const { kiosk, seq, head } = envelope ? envelope.body : {};
    const key = files.keys.get(kiosk);
    const valid = envelope && key && envelope.keyid === kiosk && named(kiosk, trusted.kiosks);
    if (!(valid && canCheck && (await envelope.isSignedWith(key)))) {
      ignored += 1;
      continue;
    }
    const other = signed.get(`${kiosk} ${seq}`);
    mustHold(other === undefined || other === head, `a fork: kiosk ${kiosk.slice(0, 16)} signed two heads for record ${seq}`);
    signed.set(`${kiosk} ${seq}`, head);
    // "a key counts until the next record that names another"
    if (replay.kioskAt[Math.min(seq, replay.kioskAt.length - 1)] !== kiosk) {
      if (replay.heads[seq] !== head) elsewhere.set(kiosk, Math.max(seq, elsewhere.get(kiosk) || 0));
      ignored += 1;
      continue;
    }
    mustHold(seq < replay.heads.length, `record ${seq} was signed and is not in the ledger: its end was cut`);
    mustHold(replay.heads[seq] === head, `record ${seq} is not the one that was signed`);
    counted.add(seq);
  }
  return [lastVouchedFor(replay, [...counted]), ignored + (torn.length ? 1 : 0), elsewhere];
}

const CHECKPOINT = utf8('{"payloadType":"wheel-checkpoint/2",');

function readCheckpoint(line) { // there may be millions of others
  if (line.length >= LARGEST_MESSAGE || !sameBytes(line.subarray(0, CHECKPOINT.length), CHECKPOINT)) return null;
  try {
    return readEnvelope(joined(line, Uint8Array.of(10)));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return null;
  }
}

// The last of the records whose heads count, as far as each key vouched for its own part of the ledger.
// "The key before must have signed the record before that one, or, if a spin is open there, the record before its
// open": else the next key's holder could write its past.
function lastVouchedFor(replay, counted) {
  for (let record = 2; record < replay.kioskAt.length; record += 1) {
    const before = replay.kioskAt[record - 1];
    const changes = before !== "" && before !== replay.kioskAt[record];
    if (changes && !counted.some((seq) => replay.headDue[record - 1] <= seq && seq < record)) {
      return Math.max(0, ...counted.filter((seq) => seq < record));
    }
  }
  return counted.reduce((most, seq) => Math.max(most, seq), 0);
}

async function isVouchedFor(envelopes, files, trusted, canCheck) {
  if (!canCheck) return false;
  for (const one of envelopes) {
    const key = named(one.keyid, trusted.organisers) && files.keys.get(one.keyid);
    if (key && (await one.isSignedWith(key))) return true;
  }
  return false;
}

// "" if a named organiser's key signed this file, else why that cannot be said.
async function whyNotVouchedFor(envelopes, files, trusted, canCheck) {
  const candidates = envelopes.filter((one) => named(one.keyid, trusted.organisers));
  if (!candidates.length) return `signed by key ${envelopes[0].keyid}, which you did not name as an organiser's`;
  if (!candidates.some((one) => files.keys.has(one.keyid))) {
    return `the file of public key ${candidates[0].keyid} is missing`;
  }
  const good = await isVouchedFor(envelopes, files, trusted, canCheck);
  mustHold(good, `a signature of key ${candidates[0].keyid} is bad`);
  return "";
}

function keysNotNamed(files, replay, trusted, canCheck) {
  const reasons = [];
  if (!canCheck) {
    reasons.push("NO SIGNATURE WAS CHECKED: this browser cannot do it here (open the page over https or from a file)");
  }
  if (!trusted.kiosks.length) {
    reasons.push("no kiosk's key was named (--kiosk KEYID, from a photograph of the screen or another safe place)");
  }
  if (!trusted.organisers.length) {
    reasons.push("no organiser's key was named (--organiser KEYID, from the organiser's own site or print)");
  }
  for (const kiosk of [...new Set(replay.kioskAt)].filter(Boolean).sort()) { // "Every kiosk id up to n must be named"
    if (!named(kiosk, trusted.kiosks)) reasons.push(`key ${kiosk} of a kiosk was not named`);
    else if (!files.keys.has(kiosk)) reasons.push(`the file of public key ${kiosk} is missing`);
  }
  return reasons;
}

async function filesNotVouchedFor(files, replay, trusted, canCheck) {
  const reasons = [];
  const signed = replay.requests.map(([seq, envelopes]) => [`the request of record ${seq}`, envelopes]);
  for (const anchor of replay.anchors) {
    const bySigner = anchor.list.envelopes.filter((one) => one.keyid === anchor.adopt.signer);
    signed.push([`the list of record ${anchor.adopt.seq}`, bySigner]);
  }
  if (canCheck && trusted.organisers.length) {
    for (const [what, envelopes] of signed) {
      const reason = await whyNotVouchedFor(envelopes, files, trusted, canCheck);
      if (reason) reasons.push(`${what}: ${reason}`);
    }
  }
  for (const seq of replay.missingRequests) reasons.push(`the request of record ${seq} is missing`);
  return reasons;
}

function recordsNotVouchedFor(files, replay, trusted, last) {
  const reasons = [];
  if (!files.checkpoints || !files.checkpoints.length) {
    reasons.push("there are no checkpoints, so no kiosk vouches for any record");
  }
  const records = replay.heads.length - 1;
  if (records !== last) reasons.push(`${records - last} of ${records} records follow the last signed head`);
  for (const [seq, what] of replay.lowering) {
    if (!trusted.accepted.includes(seq)) reasons.push(`record ${seq}: ${what}; --accept ${seq} if you know why`);
  }
  return reasons;
}

// Marks the spins whose anchor was kept, and a head at or after the result; never a sealed one. Returns notices.
// "Besides": only on top of SIGNED. "Its level is the highest of the texts that he kept the anchor before".
function witness(replay, trusted, signed) {
  const notices = [];
  let keptHead = 0;
  const [keptLists, keptBefore] = [new Set(), new Map()];
  for (const [written, code, textNumber] of trusted.seen) {
    const heads = replay.heads.map((head, seq) => (seq && code.standsFor(head) ? seq : 0)).filter(Boolean);
    const anchors = replay.anchors.filter((anchor) => code.standsFor(anchor.adopt.anchor));
    const lists = replay.anchors.map((anchor) => anchor.list.s).filter((s) => code.standsFor(s));
    const ours = heads.length || anchors.length || lists.length;
    mustHold(ours, `you kept ${inPython(written)}, which is neither a head, an anchor nor a list of this ledger`);
    if (textNumber && !anchors.length) {
      throw new Unusable(`${inPython(written)}: that is no anchor, and only an anchor is kept before a text`);
    }
    for (const s of lists) keptLists.add(s);
    keptHead = heads.reduce((last, seq) => Math.max(last, seq), keptHead);
    for (const anchor of anchors) {
      const [name, last] = [anchor.adopt.anchor, anchor.texts.length];
      if ((textNumber || 0) > last) {
        throw new Unusable(`${inPython(written)}: only ${last} texts are recorded under that anchor`);
      }
      keptBefore.set(name, Math.min(keptBefore.has(name) ? keptBefore.get(name) : last, textNumber || last));
      if (!anchor.results) {
        notices.push(`you kept the anchor of record ${anchor.adopt.seq}, under which no spin was made`);
      }
    }
  }
  for (const spin of replay.spins) {
    const resultKept = spin.result !== null && keptHead >= spin.result.seq;
    if (signed && resultKept && spin.texts.length && keptBefore.has(spin.anchor)) {
      spin.witnessed = true;
      spin.texts = spin.texts.slice(keptBefore.get(spin.anchor) - 1);
    }
  }
  for (const { adopt, list } of replay.anchors) {
    const witnessed = replay.spins.some((spin) => spin.witnessed && spin.anchor === adopt.anchor);
    if (witnessed && !keptLists.has(list.s)) {
      notices.push(
        `record ${adopt.seq}: you did not keep its list's S; who has both keys could put another list` +
        ` under the anchor once the texts were known (--seen ${list.s} if you kept it before)`);
    }
  }
  return notices;
}

// "Entropy that an organiser signed for this kiosk, and that was not recorded", evidence of a choice.
async function givenUp(files, replay, trusted, canCheck) {
  const notices = [];
  const anchors = new Map(replay.anchors.map((anchor) => [anchor.adopt.anchor, anchor]));
  const recorded = new Set(replay.requests.map(([, envelopes]) => envelopes));
  for (const envelopes of files.signed.values()) {
    const { body } = envelopes[0];
    if (body.format !== "wheel-entropy/2" || recorded.has(envelopes) || !replay.kioskAt.includes(body.kiosk)) continue;
    if (!(await isVouchedFor(envelopes, files, trusted, canCheck))) continue;
    const anchor = anchors.get(body.anchor);
    const what = `${inPython(body.text)} was signed for`;
    if (!anchor) {
      notices.push(`${what} anchor ${body.anchor} of this kiosk, which is not in this ledger`);
    } else if (anchor !== replay.anchors[replay.anchors.length - 1]) {
      notices.push(`record ${anchor.adopt.seq}: ${what} its anchor and not recorded before the next`);
    } else if (anchor.texts.length === anchor.list.entropy.length) {
      notices.push(`record ${anchor.adopt.seq}: ${what} its anchor, and another text was recorded`);
    }
  }
  return notices;
}

// --- The report ---

// "Live and public are told as such only for witnessed spins", and no level of what was predetermined.
function levelInWords(spin) {
  if (spin.fixed) return "predetermined by the organiser";
  if (spin.level === 0) return "sealed: you trust whoever runs the kiosk";
  const words = spin.witnessed
    ? ["live", "public"]
    : ["live, if you were there", "public, if you kept the anchor before its public text"];
  return words[spin.level - 1] + (spin.unchecked ? "; drand round unchecked" : "");
}

// "The summary has the lowest level of its spins, and counts the predetermined ones apart".
// "What is not witnessed is lower than what is".
function lowestLevel(spins) {
  const drawn = spins.filter((spin) => !spin.fixed);
  const fixed = `predetermined by the organiser: ${spins.length - drawn.length} of ${spins.length} spins`;
  if (!drawn.length) return spins.length ? fixed : "no spin";
  const rank = (spin) => (spin.witnessed ? 8 : 0) + 2 * spin.level + (spin.unchecked ? 0 : 1);
  const lowest = levelInWords(drawn.reduce((low, spin) => (rank(spin) < rank(low) ? spin : low)));
  return drawn.length === spins.length ? lowest : `${lowest}; ${fixed}`;
}

// Everything that the report says, but for a broken rule: that one is thrown.
async function verify(files, trusted) {
  const canCheck = await canCheckSignatures();
  if (!files.ledger || !files.ledger.length) {
    throw new Unusable("no ledger.jsonl here, nor kiosk/ledger.jsonl, or it is empty");
  }
  const [records, heads] = readRecords(files.ledger);
  const replay = new Replay(files);
  replay.run(records, heads);
  const [last, ignored, elsewhere] = await headsThatCount(files, replay, trusted, canCheck);
  // "Absence is never success": everything that keeps the verdict at CONSISTENT
  const reasons = [
    ...keysNotNamed(files, replay, trusted, canCheck),
    ...(await filesNotVouchedFor(files, replay, trusted, canCheck)),
    ...recordsNotVouchedFor(files, replay, trusted, last),
  ];
  const notices = witness(replay, trusted, !reasons.length);
  const spins = replay.spins.filter((spin) => !spin.void);
  let verdict = reasons.length ? "CONSISTENT" : "SIGNED";
  if (spins.length && spins.every((spin) => spin.witnessed)) verdict = "WITNESSED";
  const event = replay.anchors.length ? replay.events.get(replay.anchor.list.event) : null;
  const state = event === null ? "none" : event.closed ? "closed" : "open";
  for (const [seq, what] of replay.lowering) {
    if (trusted.accepted.includes(seq)) notices.push(`record ${seq}: ${what}; you accepted it`);
  }
  for (const seq of trusted.accepted) {
    if (!replay.lowering.has(seq)) notices.push(`--accept ${seq}: nothing to accept there`);
  }
  for (const seq of replay.restored) notices.push(`record ${seq}: a restored kiosk with another key goes on`);
  for (const seq of replay.drand) notices.push(`record ${seq}: the drand round is unchecked (its BLS signature)`);
  for (const [seq, what] of replay.changed) notices.push(`record ${seq}: ${what}`);
  notices.push(...(await givenUp(files, replay, trusted, canCheck)));
  const late = replay.withdrawnLate;
  if (late.length) {
    const which = late.slice(0, 10).join(", ") + (late.length > 10 ? ", ..." : "");
    notices.push(`${late.length} tickets were withdrawn after entropy was known, which can change winners: ${which}`);
  }
  for (const [kiosk, seq] of elsewhere) {
    notices.push(
      `kiosk ${kiosk.slice(0, 16)} signed a record ${seq} that is not here: it went on elsewhere, or its records were left out`);
  }
  if (replay.spin) notices.push(`record ${replay.spin.open.seq}: ${replay.spin.told} has not ended in this copy`);
  if (ignored && trusted.kiosks.length) { // without any key that was named, no line can count
    notices.push(`${ignored} lines of checkpoints were ignored: malformed, badly signed or by keys that do not count`);
  }
  if (files.refused.size) {
    const which = someRefused(files).join("; ");
    notices.push(`${files.refused.size} files or folders were ignored that are not as they must be: ${which}`);
  }
  const report = {
    verdict,
    sentence: reasons.length ? verdict : `${verdict} up to record ${last}, event ${state}`,
    level: lowestLevel(spins),
    records: records.length,
    head: heads[heads.length - 1],
    "signed up to": last,
    event: state,
    adopts: replay.adopts,
    spins: spins.map(toldOf),
    void: replay.voids.map((seq) => ({ record: seq, what: replay.lowering.get(seq) })),
    ...replay.counts,
    "why not SIGNED": reasons,
    notices,
  };
  return { report, events: replay.events };
}

function someRefused(files) {
  const told = [...files.refused].slice(0, 5).map(([name, why]) => `${inPython(name)}: ${why}`);
  return files.refused.size > 5 ? [...told, "..."] : told;
}

function toldOf(spin) {
  const notDrawn = { seq: spin.open.seq, mode: spin.open.mode, winners: [], fallback: "" };
  const { seq, mode, fallback, winners } = spin.result || notDrawn;
  const { event, spin: i, prize, places } = spin.open;
  const told = { mode, fallback, winners, pool: spin.pool.length, level: levelInWords(spin), witnessed: spin.witnessed };
  return { record: seq, event, spin: i, prize, places, ...told };
}

// The report for people, line by line as verify_draw.py prints it.
function inLines(report) {
  if (report.problem !== undefined) return [report.problem, report.sentence];
  const lines = report.adopts.map((one) =>
    `record ${one.record}: adopt, ${one.kind} ${one.event}, generation ${one.generation}` +
    ` (${one.skipped} skipped), list ${one.list}, ${one.spins_before} spins under the anchor before`);
  for (const one of report.spins) {
    const what = `${one.mode}${one.fallback ? `, ${one.fallback}` : ""}`;
    const who = one.winners.map(inPython).join(", ") || "not drawn yet";
    const prize = one.prize ? ` ${one.prize}` : "";
    const witnessed = one.witnessed ? ", WITNESSED" : "";
    lines.push(
      `record ${one.record}: spin ${one.spin} of event ${one.event},${prize} places ${one.places}: ${who}` +
      ` (${what}, ${one.pool} in the pool; ${one.level}${witnessed})`);
  }
  for (const one of report.void) lines.push(`record ${one.record}: ${one.what}`);
  const counts = ["records", "head", "out of order", "freed by key", "freed by request", "withdrawn", "rehearsals"];
  for (const name of counts) lines.push(`${name}: ${report[name]}`);
  for (const reason of report["why not SIGNED"]) lines.push(`not SIGNED: ${reason}`);
  for (const notice of report.notices) lines.push(`notice: ${notice}`);
  return [...lines, `level: ${report.level}`, report.sentence]; // "verdict and level stand together"
}

const ORDER = ["BROKEN", "CONSISTENT", "SIGNED", "WITNESSED"];

// The report, the places of every event, and the exit status: 0 at least what `require` asks, 1 BROKEN, 2 unusable, 3 less.
async function answer(found, { require = "signed", ...options }) {
  let files = new Files();
  try {
    files = await filesUnder(found);
    const { report, events } = await verify(files, new Trusted(options));
    const status = ORDER.indexOf(report.verdict) >= ORDER.indexOf(require.toUpperCase()) ? 0 : 3;
    return { report, events, refused: files.refused, status };
  } catch (problem) {
    if (problem instanceof Broken) {
      const report = { verdict: "BROKEN", sentence: "BROKEN", problem: problem.message };
      return { report, events: new Map(), refused: files.refused, status: 1 };
    }
    const why = problem instanceof Unusable ? problem.message : `nothing can be said: ${problem.name} ${problem.message}`;
    const report = { verdict: "UNUSABLE", sentence: "UNUSABLE: nothing can be said", problem: why };
    return { report, events: new Map(), refused: files.refused, status: 2 };
  }
}

"use strict";
// Checks that an entry is in the signed manifest. The rules are those of verify_receipt.py: docs/protocol.md.

const MOST_TRIES = 400000;

const ROUND = new Uint32Array(64);
const START = new Uint32Array(8);
(function primes() {
  const fraction = (x) => Math.floor((x - Math.floor(x)) * 4294967296);
  let found = 0;
  for (let n = 2; found < 64; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(n));
    ROUND[found] = fraction(Math.cbrt(n));
    found += 1;
  }
})();

// SHA-256 (FIPS 180-4). The browser's own is missing on pages that do not come over https.
function sha256(bytes) {
  const size = Math.ceil((bytes.length + 9) / 64) * 64;
  const data = new Uint8Array(size);
  data.set(bytes);
  data[bytes.length] = 0x80;
  const view = new DataView(data.buffer);
  view.setUint32(size - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(size - 4, (bytes.length << 3) >>> 0);
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const state = Uint32Array.from(START);
  const w = new Uint32Array(64);
  for (let block = 0; block < size; block += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(block + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((one, i) => { state[i] += one; });
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((one, i) => out.setUint32(4 * i, one));
  return new Uint8Array(out.buffer);
}

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (two) => parseInt(two, 16));
const unbase64 = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((size, one) => size + one.length, 0));
  let at = 0;
  for (const one of parts) { all.set(one, at); at += one.length; }
  return all;
}

// "The Merkle tree over these nodes (RFC 9162, 2.1.1)"
function treeRoot(nodes) {
  if (nodes.length === 1) return nodes[0];
  let split = 1;
  while (split * 2 < nodes.length) split *= 2;
  return sha256(joined(Uint8Array.of(1), treeRoot(nodes.slice(0, split)), treeRoot(nodes.slice(split))));
}

const leafHash = (leaf) => hex(sha256(joined(Uint8Array.of(0), utf8(leaf))));

// "leaf: CODE TAB ticket TAB weight TAB group TAB household". Chances and household are looked for if they are not typed.
// Returns null if there is no such entry, undefined if there are too many possibilities to say so.
function findEntry(manifest, ticket, code, { group, chances, household: number }) {
  const places = new Map(manifest.hashes.map((one, index) => [one, index]));
  const typed = (text, first, last) => (/^\d{1,7}$/.test(text.trim()) ? [Number(text), Number(text)] : [first, last]);
  const [lightest, heaviest] = typed(chances, 1, manifest.largest);
  const [firstHome, lastHome] = typed(number, 0, manifest.entries);
  let tries = 0;
  for (let household = firstHome; household <= lastHome; household += 1) {
    for (let weight = lightest; weight <= heaviest; weight += 1) {
      if ((tries += 1) > MOST_TRIES) return undefined;
      const index = places.get(leafHash(`${code}\t${ticket}\t${weight}\t${group}\t${household}`));
      if (index !== undefined) return { index, weight };
    }
  }
  return null;
}

// "DSSE: Ed25519 over PAE(type, payload)"; null where this browser cannot check it.
async function signatureHolds(envelope, payload, rawKey) {
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  if (!subtle) return null;
  const type = envelope.payloadType;
  const head = utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `);
  try {
    const key = await subtle.importKey("raw", rawKey, { name: "Ed25519" }, false, ["verify"]);
    return await subtle.verify("Ed25519", key, unbase64(envelope.signatures[0].sig), joined(head, payload));
  } catch (error) {
    return null;
  }
}

async function check(published, typed) {
  const envelope = published.manifest;
  const payload = unbase64(envelope.payload);
  const manifest = JSON.parse(new TextDecoder().decode(payload));
  if (envelope.payloadType !== "wheel-public/2" || manifest.format !== "wheel-public/2") {
    return { verdict: "NOT CHECKED", why: ["This page holds no manifest."] };
  }
  const whole = manifest.hashes.length === manifest.entries && hex(treeRoot(manifest.hashes.map(unhex))) === manifest.root;
  if (!whole) return { verdict: "NOT CHECKED", why: ["The manifest contradicts itself: somebody has changed it."] };
  const code = typed.code.trim().toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(code)) {
    return { verdict: "NOT CHECKED", why: ["A code has 32 characters: digits, and letters from a to f."] };
  }
  const found = findEntry(manifest, typed.ticket.trim(), code, { ...typed, group: typed.group.trim() });
  if (found === undefined) {
    return { verdict: "NOT CHECKED", why: ["There are too many possibilities: type your chances and your household as well."] };
  }
  if (found === null) {
    return {
      verdict: "NOT INCLUDED",
      why: [
        "No entry has this ticket with this code, group, chances and household. Compare them with your receipt." +
          (typed.household.trim() ? "" : ` Households 0 to ${manifest.entries} were tried; type yours if it is another.`),
      ],
    };
  }
  const rawKey = unbase64(published.key);
  const keyid = hex(sha256(rawKey));
  const why = [
    `Entry ${found.index + 1} of ${manifest.entries}, with ${found.weight} of ${manifest.weight} chances.`,
    `List ${manifest.snapshot}, generation ${manifest.generation}.`,
  ];
  const holds = keyid === envelope.signatures[0].keyid ? await signatureHolds(envelope, payload, rawKey) : false;
  if (holds === false) return { verdict: "NOT CHECKED", why: ["The signature does not hold: somebody has changed this page."] };
  const wanted = typed.keyid.replace(/\s/g, "").toLowerCase();
  if (wanted && wanted !== keyid) {
    return { verdict: "NOT CHECKED", why: [`This list is signed with another key: ${keyid}.`] };
  }
  if (wanted && holds) return { verdict: "INCLUDED AND SIGNED", why };
  why.push(holds === null
    ? "This browser cannot check the signature here: open the page over https or from a file, in a current browser."
    : `It is signed with the key ${keyid}. Compare it with the organiser's, or type that one: anybody can make such a page.`);
  return { verdict: "INCLUDED", why };
}

if (typeof document !== "undefined") {
  const published = JSON.parse(document.getElementById("published").textContent);
  const value = (id) => document.getElementById(id).value;
  document.getElementById("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const names = ["ticket", "code", "group", "chances", "household", "keyid"];
    const typed = Object.fromEntries(names.map((name) => [name, value(name)]));
    document.getElementById("verdict").textContent = "Checking ...";
    await new Promise((done) => setTimeout(done, 30));
    const said = await check(published, typed);
    document.getElementById("verdict").textContent = said.verdict;
    document.getElementById("why").replaceChildren(...said.why.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }));
  });
}

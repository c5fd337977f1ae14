"use strict";
// Checks that an entry is in the signed manifest, and says what it won. The rules are those of verify_receipt.py:
// docs/protocol.md.

const MOST_TRIES = 400000;

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

async function checkEntry(published, typed) {
  const envelope = published.manifest;
  const payload = unbase64(envelope.payload);
  const manifest = JSON.parse(new TextDecoder().decode(payload));
  if (envelope.payloadType !== "wheel-public/2" || manifest.format !== "wheel-public/2") {
    return { verdict: "NOT CHECKED", why: ["This page has no manifest."] };
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
  const keyid = digest(rawKey);
  const why = [
    `Entry ${found.index + 1} of ${manifest.entries}, with ${found.weight} of ${manifest.weight} chances.`,
    `List ${manifest.snapshot}, generation ${manifest.generation}.`,
  ];
  const { sig, keyid: signer } = envelope.signatures[0];
  const canCheck = await canCheckSignatures();
  const signed = new Envelope(envelope.payloadType, payload, signer, unbase64(sig), manifest);
  if (signer !== keyid || (canCheck && !(await signed.isSignedWith(rawKey)))) {
    return { verdict: "NOT CHECKED", why: ["The signature does not hold: somebody has changed this page."] };
  }
  if (typed.keyid.trim()) {
    const wanted = codeOf(typed.keyid);
    if (wanted === null) {
      return { verdict: "NOT CHECKED", why: ["A key id has 64 hexadecimal digits, or 27 characters: one was misread."] };
    }
    if (!wanted.standsFor(keyid)) {
      return { verdict: "NOT CHECKED", why: [`This list is signed with another key: ${keyid}.`] };
    }
    if (canCheck) return { verdict: "INCLUDED AND SIGNED", why, event: manifest.event };
  }
  why.push(canCheck
    ? `It is signed with the key ${keyid}. Compare it with the organiser's, or type that one: anybody can make such a page.`
    : "NO SIGNATURE WAS CHECKED: this browser cannot do it here. Open the page over https or from a file, in a current browser.");
  return { verdict: "INCLUDED", why, event: manifest.event };
}

function codeOf(written) {
  try {
    return readCode(written);
  } catch (error) {
    return null;
  }
}

// What the draw gave this ticket, in sentences. `draw` is an answer of verify_draw.js.
function resultOf(draw, eventId, wanted) {
  const { sentence } = draw.report;
  if (draw.status === 1) return ["The files of the draw are BROKEN, so they give no result."];
  if (draw.status === 2) return ["The files of the draw cannot be used, so they give no result."];
  const event = draw.events.get(eventId);
  if (!event) return ["These files hold no draw of this event."];
  const titleOf = (prize) => (prize ? event.list.prizes.get(prize).title : "the draw");
  const said = [];
  for (const { prize, place, ticket: holder, state } of event.places.values()) {
    if (holder !== wanted || FREED.includes(state) || state === "moved") continue;
    const quantity = prize ? event.list.prizes.get(prize).quantity : place;
    said.push(place > quantity
      ? `Reserve ${place - quantity} of ${titleOf(prize)} (${state}).`
      : `Won: ${titleOf(prize)}, place ${place} (${state}).`);
  }
  for (const [prize, tickets] of event.freed) {
    if (tickets.has(wanted)) said.push(`This ticket was drawn for ${titleOf(prize)}, and its place fell free.`);
  }
  if (event.withdrawn.has(wanted)) said.push("This ticket was withdrawn.");
  if (!said.length) said.push(event.closed ? "This ticket won nothing." : "This ticket has won nothing so far.");
  return [...said, `The verdict on the draw is: ${sentence}.`];
}

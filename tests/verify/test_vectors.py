"""The published vectors: the verifier accepts exactly these numbers, computed by a third implementation."""

from typing import Any

import pytest

from tests.verify.acts import evening
from tests.verify.history import History, sha
from verify import verify_draw

S = "c2cfe839ea1a1e63bcf558071140eaf546eab8d7a58fc0059ebdb086369b0501"
ANCHOR = "19781792b1e471f8aa96d632fbf2e0da69a80838c0ce34a4ef13977893f36126"
SHORT = "35W1F4NHWHRZHAMPTRSFQWQ0V96"
PUBLIC = "dd4cc1b895b15ef4af40329ad257ad5df61f30292bfaf37fa74c8b9121e1a485"

# prize, places, weight, pool, rest, turns; each place: place, ticket, t, of, x
SPINS: list[tuple[str, str, int, str, int, int, list[tuple[int, str, int, int, str]]]] = [
    ("grand", "1", 41, "60fc9287432ab6ce6bcb0d9dcb803f6ae66209d85faaf477f006c1c572e76adb", 2574277569, 7,
     [(1, "E0013", 24, 41, "22252f05dbeb417aeaab1bb139447e5a8f212ace51a00b8b10f82c05c8dd3c42")]),
    ("mugs", "1,2", 15, "2355af53fff073b6313f74817223b03ffa5a0f7c99b77e3ca084b1330fb948d0", 1102857943, 5,
     [(1, "E0005", 3, 15, "f1e9713eae984f9d9355a5f019f73f49a2117a7ffa04e5baef343a29281a9c85"),
      (2, "E0007", 3, 12, "77b4772294f574d445bb85d335639b8e11b61e325cd317b8dec8eea9f5245ac7")]),
    ("mugs", "3", 10, "3d27356870b242099b1131893247053f3436392828c60acf958bb2ee8d6b310a", 2933344134, 7,
     [(3, "E0017", 5, 10, "2800cfd986fecc88b216dc67aaec2b1c8daa52af5fccbf7a1645cb2de18c53dd")]),
    ("mugs", "4", 7, "48932bf10bc106514e2ce032297b3ea1b23691d648fe973e16760b02a0d3650b", 3138613005, 5,
     [(4, "E0019", 5, 7, "a9e2badb88594a44631169576ec6683bdac36732af6e392961357d58744a97b4")]),
    ("mugs", "1", 5, "a758389077aa0bfd64cda05f578fb8730726474d5800dcbf2319428b28ac05c5", 949757087, 5,
     [(1, "E0001", 0, 5, "95d7ec97c5ce06cfad50ccdbf9a443ec86a2e458c8fb91914fa1f40244a2fbc4")]),
    ("rest", "1", 22, "c16ca8b3021a1334f9e6961dd8776a6ae84f80be3b8eb1163da8622f15cf29e1", 3415131382, 6,
     [(1, "E0016", 18, 22, "2b40652eb2bdd778ac88e184ad4ab82a0aa340174b24877104dd9034b3ca8ad8")]),
    ("rest", "2", 20, "27500f63b605cdc165f62213316d7a33d850a39dc3852bab4d5ae0675a2cddff", 2913688042, 6,
     [(2, "E0014", 14, 20, "5d964d41e2566caa6e63cb782c7d7b8265dab6ffa15cbde486436efda960bdce")]),
]  # fmt: skip


def files_of(history: History) -> verify_draw.Files:
    """The list of the history, filed under the S of the vectors, which belongs to no list."""
    files = verify_draw.Files()
    for name, data in history.files.items():
        files.add(name, data)
    (real,) = (s for s, (one,) in files.signed.items() if one.kind == "wheel-snapshot/2")
    files.signed[S] = files.signed.pop(real)
    return files


def told() -> tuple[History, list[dict[str, Any]]]:
    history = evening(entropy=[])
    history.list["entropy"] = ["dice"]
    history.publish(generation=1)
    history.lines, history.checkpoints, history.files = [], [], {}
    history.publish(generation=1)
    history.s, history.length = S, 16384
    history.adopt_with(bytes(range(32)))
    history.entropy("dice:3.1.6.6.2.4")
    spins = []
    for number in range(1, 8):
        spins.append(history.open())
        spins[-1]["reveal"] = history.reveal
        spins[-1] |= {name: value for name, value in history.result().items() if name in {"winners", "rest", "turns"}}
        history.shown()
        if number == 4:
            assert history.claim("mugs", 2, "absent")["reserve"] == 4
            assert history.claim("mugs", 1, "declined")["reserve"] == 0
    return history, spins


def test_the_anchor_of_the_vectors_follows_from_s_0() -> None:
    history, _ = told()
    assert history.anchor == ANCHOR
    assert history.public() == PUBLIC == verify_draw.combined(["dice:3.1.6.6.2.4"])
    assert sha(b"an example snapshot payload\n") == S


def test_the_short_form_of_the_anchor_stands_for_it() -> None:
    assert verify_draw.read_code(SHORT).stands_for(ANCHOR)
    assert verify_draw.read_code(SHORT.lower().replace("1", "l").replace("0", "o")).stands_for(ANCHOR)


def test_the_verifier_accepts_the_evening_of_the_vectors() -> None:
    history, _ = told()
    records, heads = verify_draw.read_records(history.ledger())
    replay = verify_draw.Replay(files_of(history))
    replay.run(records, heads)
    assert [spin.result and spin.result["winners"] for spin in replay.spins] == [
        [place[1] for place in vector[-1]] for vector in SPINS
    ]


@pytest.mark.parametrize("number", range(7))
def test_each_spin_has_the_numbers_of_the_vectors(number: int) -> None:
    prize, places, weight, pool, rest, turns, winners = SPINS[number]
    _, spins = told()
    spin = spins[number]
    names = ("prize", "places", "weight", "pool", "rest", "turns", "winners")
    told_of = tuple(spin[name] for name in names)
    assert told_of == (prize, places, weight, pool, rest, turns, [ticket for _, ticket, *_ in winners])
    for place, _, t, of, x in winners:
        message = f"wheel-draw/2\n{S}\n{number + 1}\n{prize}\n{place}\n{pool}\n{PUBLIC}\n"
        assert verify_draw.number_drawn(spin["reveal"], message, of) == t == int(x, 16) % of


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("name", ["rest", "turns"])
def test_the_verifier_refuses_a_landing_off_by_one(number: int, name: str) -> None:
    history, _ = told()
    records, heads = verify_draw.read_records(history.ledger())
    results = [record for record in records if record["type"] == "result"]
    results[number][name] += 1
    with pytest.raises(verify_draw.Broken, match="landing"):
        verify_draw.Replay(files_of(history)).run(records, heads)

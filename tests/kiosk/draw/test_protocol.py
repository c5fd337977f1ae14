"""wheel-draw/1 against the vectors of docs/protocol.md, RFC 4231, and exhaustive small cases."""

import hashlib
import hmac
from collections import Counter
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw import protocol
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import CHAIN_LENGTH, NO_ENTROPY, Chain, digest, landing, sample
from tests.support import SECRET


@dataclass(frozen=True)
class Vector:
    """One spin of docs/protocol.md, "Vectors"."""

    spin: int
    reveal: str
    total: int
    pool: str
    x: str
    t: int
    ticket: str
    segment: tuple[int, int]
    rest: int
    turns: int
    removed: tuple[str, ...]


S = "c2cfe839ea1a1e63bcf558071140eaf546eab8d7a58fc0059ebdb086369b0501"
ANCHOR = "19781792b1e471f8aa96d632fbf2e0da69a80838c0ce34a4ef13977893f36126"
ENTROPY = "dice:3.1.6.6.2.4"
ENTRIES = tuple((f"E{number:04d}", 1 + number % 3) for number in range(1, 11))
VECTORS = (
    Vector(
        spin=1,
        reveal="7ac6a77980b31d2a96ff60442a9a121733cffb19c74808d055654670ae476766",
        total=20,
        pool="233b0c5e2f2ea7fd2a85dc6c29a0a70cc79b9716bd0249a82be54c0ef3732973",
        x="c18357fe2f164175d52d7b181660cc455eeaa0eb5b54e88a519c386f739a7bd5",
        t=9,
        ticket="E0005",
        segment=(1717986919, 2362232013),
        rest=1767218705,
        turns=5,
        removed=(),
    ),
    Vector(
        spin=2,
        reveal="f5c96a37a2ed309fda87b7fea813df77f6d74bd0ea2350143ddc3132a3adef8f",
        total=17,
        pool="61c05db69e4de968e45e3482465848441bf5cbad2608f28e680b6ba8aeab73ad",
        x="4c63595ee37b535928262f10ed56ca96f20df33988b4894d75c3ff9fcd1d6813",
        t=5,
        ticket="E0003",
        segment=(1263225676, 1515870811),
        rest=1351838527,
        turns=5,
        removed=("E0005",),
    ),
    Vector(
        spin=3,
        reveal="cb884d92f5513d66083359db6209b835e971032f16d1cb3e8a5ea069bb5e6606",
        total=16,
        pool="153f7fa7955a4e120f3b8eb49a6938f6e1345da134a924d6fd7d74e268722353",
        x="9a44a98f46c03e5ccf2516c96bb9892b46ea001f2881771eeab32c5b11a63a4a",
        t=10,
        ticket="E0008",
        segment=(2684354560, 3489660928),
        rest=3151963594,
        turns=7,
        removed=("E0005", "E0003"),
    ),
)
each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"spin {vector.spin}")


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain(SECRET)


def test_the_vectors_weights_and_s_are_those_of_the_document() -> None:
    assert digest(b"an example snapshot payload\n") == S
    assert [weight for _, weight in ENTRIES] == [2, 3, 1, 2, 3, 1, 2, 3, 1, 2]


def test_vector_anchor(chain: Chain) -> None:
    assert chain.anchor == ANCHOR
    assert chain.length == CHAIN_LENGTH == 16384


@each_vector
def test_vector_reveal(chain: Chain, vector: Vector) -> None:
    assert chain.reveal(vector.spin).hex() == vector.reveal


@each_vector
def test_vector_pool(vector: Vector) -> None:
    pool = Pool(ENTRIES, removed=frozenset(vector.removed))

    assert pool.digest == vector.pool
    assert pool.segments.total == vector.total


@each_vector
def test_vector_sample_and_winner(vector: Vector) -> None:
    pool = Pool(ENTRIES, removed=frozenset(vector.removed))

    drawn = sample(
        reveal=bytes.fromhex(vector.reveal),
        snapshot=S,
        spin=vector.spin,
        pool=vector.pool,
        entropy=ENTROPY,
        total=vector.total,
    )

    assert (drawn.x, drawn.k, drawn.t) == (vector.x, 0, vector.t)
    assert pool.tickets[pool.segments.segment_of_weight(drawn.t)] == vector.ticket


@each_vector
def test_vector_landing(vector: Vector) -> None:
    pool = Pool(ENTRIES, removed=frozenset(vector.removed))
    place = pool.index_of(vector.ticket)
    assert place is not None
    assert pool.segments.bounds(place) == vector.segment

    lands = landing(reveal=bytes.fromhex(vector.reveal), snapshot=S, spin=vector.spin, segment=vector.segment)

    assert (lands.rest, lands.turns) == (vector.rest, vector.turns)
    assert pool.segments.at(lands.rest) == place


def test_landing_is_the_documents_formula_byte_for_byte() -> None:
    """The three vectors alone would not tell byte 8 of L from byte 9."""
    chain = Chain(SECRET, length=200)
    for spin in range(1, 201):
        mac = hmac.digest(chain.reveal(spin), f"wheel-land/1\n{S}\n{spin}\n".encode(), "sha256")
        lo, hi = 1_717_986_919, 2_362_232_013
        width, u = hi - lo, int.from_bytes(mac[:8], "big")

        lands = landing(reveal=chain.reveal(spin), snapshot=S, spin=spin, segment=(lo, hi))

        assert lands.rest == lo + width * 5 // 100 + (width * 90 // 100) * u // 2**64
        assert lands.turns == 5 + mac[8] % 3


def test_hmac_is_that_of_rfc_4231_case_2() -> None:
    mac = hmac.digest(b"Jefe", b"what do ya want for nothing?", "sha256")

    assert mac.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_every_reveal_hashes_to_the_one_before_and_the_first_to_the_anchor() -> None:
    chain = Chain(SECRET, length=50)
    before = chain.anchor

    for spin in range(1, 51):
        assert hashlib.sha256(chain.reveal(spin)).hexdigest() == before
        before = chain.reveal(spin).hex()
    assert bytes.fromhex(before) == SECRET


@pytest.mark.parametrize("spin", [0, -1, 51, 16385])
def test_a_spin_beyond_the_chain_has_no_reveal(spin: int) -> None:
    with pytest.raises(ValueError, match=r"outside 1\.\.50"):
        Chain(SECRET, length=50).reveal(spin)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=r"32 bytes"):
        Chain(bytes(size))


def x_of(spin: int, k: int) -> int:
    """Return x as the document's formula has it, for the secret and the names that the next tests use."""
    return int.from_bytes(hmac.digest(SECRET, f"wheel-draw/1\ns\n{spin}\np\nnone\n{k}\n".encode(), "sha256"), "big")


def test_rejection_raises_k_until_x_is_below_the_largest_multiple_of_w(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a range of 2^256 nobody ever sees k rise, so the range is made to end just above what is wanted."""
    xs = [x_of(1, k) for k in range(200)]
    wanted = min(range(200), key=lambda k: xs[k])
    assert wanted > 0
    total = xs[wanted] + 1
    monkeypatch.setattr(protocol, "_RANGE", total * 2 - 1)  # so x < total is accepted, and nothing else

    drawn = sample(reveal=SECRET, snapshot="s", spin=1, pool="p", entropy=NO_ENTROPY, total=total)

    assert drawn.k == wanted
    assert int(drawn.x, 16) == drawn.t == xs[wanted]


def test_x_on_the_limit_itself_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    spin = next(spin for spin in range(1, 100) if x_of(spin, 1) < x_of(spin, 0))
    limit = x_of(spin, 0)
    monkeypatch.setattr(protocol, "_RANGE", limit)

    drawn = sample(reveal=SECRET, snapshot="s", spin=spin, pool="p", entropy=NO_ENTROPY, total=limit)

    assert (drawn.k, drawn.t) == (1, x_of(spin, 1))


def test_x_just_below_the_limit_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    first = x_of(1, 0)
    monkeypatch.setattr(protocol, "_RANGE", first + 1)

    drawn = sample(reveal=SECRET, snapshot="s", spin=1, pool="p", entropy=NO_ENTROPY, total=first + 1)

    assert (drawn.k, drawn.t) == (0, first)


@pytest.mark.parametrize("total", range(1, 17))
def test_t_is_exactly_uniform_over_every_x_of_a_small_range(total: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Feed every x of an 8-bit range once: the accepted ones give each t equally often."""
    monkeypatch.setattr(protocol, "_RANGE", 256)
    seen: Counter[int] = Counter()
    for x in range(256):
        answers = iter([x, 0])  # a rejected x is followed by one that is always accepted
        monkeypatch.setattr(
            "kiosk.draw.protocol.hmac.digest", lambda *_, answers=answers: next(answers).to_bytes(32, "big")
        )
        drawn = sample(reveal=SECRET, snapshot="s", spin=1, pool="p", entropy=NO_ENTROPY, total=total)
        if drawn.k == 0:
            seen[drawn.t] += 1

    assert set(seen) == set(range(total))
    assert set(seen.values()) == {256 // total}


@given(st.binary(min_size=32, max_size=32), st.integers(1, 3_000_000_000))
def test_t_is_within_the_total_weight_and_follows_from_x(reveal: bytes, total: int) -> None:
    drawn = sample(reveal=reveal, snapshot=S, spin=1, pool="p", entropy=NO_ENTROPY, total=total)

    assert 0 <= drawn.t < total
    assert int(drawn.x, 16) % total == drawn.t


def test_everything_that_binds_the_draw_changes_x() -> None:
    draw = partial(sample, reveal=SECRET, snapshot=S, spin=1, pool="p", entropy="none", total=7)

    drawn = [
        draw(),
        draw(reveal=bytes(32)),
        draw(snapshot="0" * 64),
        draw(spin=2),
        draw(pool="q"),
        draw(entropy=ENTROPY),
    ]

    assert len({one.x for one in drawn}) == 6


def test_drawing_again_from_the_same_facts_gives_the_same_ticket() -> None:
    twice = [sample(reveal=SECRET, snapshot=S, spin=1, pool="p", entropy="none", total=7) for _ in range(2)]

    assert twice[0] == twice[1]


def test_ten_thousand_draws_spread_as_the_weights_say() -> None:
    """Chi-square with 9 degrees of freedom: above 27.9 once in a thousand; the secret is fixed, so never flaky."""
    pool = Pool(ENTRIES)
    chain = Chain(SECRET, length=10_000)
    wins: Counter[int] = Counter()
    for spin in range(1, 10_001):
        drawn = sample(reveal=chain.reveal(spin), snapshot=S, spin=spin, pool=pool.digest, entropy=NO_ENTROPY, total=20)
        wins[pool.segments.segment_of_weight(drawn.t)] += 1

    expected = [500 * weight for weight in pool.weights]
    chi_square = sum((wins[index] - number) ** 2 / number for index, number in enumerate(expected))
    assert chi_square < 27.9

"""wheel-draw/2 against docs/protocol.md's chain, RFC 4231, and exhaustive small cases."""

import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kiosk.draw import protocol
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import CHAIN_LENGTH, NO_ENTROPY, Chain, Press, digest, entropy_digest, landing, sample
from tests.support import SECRET

S = "c2cfe839ea1a1e63bcf558071140eaf546eab8d7a58fc0059ebdb086369b0501"
ANCHOR = "19781792b1e471f8aa96d632fbf2e0da69a80838c0ce34a4ef13977893f36126"
ENTRIES = tuple((f"E{number:04d}", 1 + number % 3) for number in range(1, 11))
PRESS = Press(snapshot="s", spin=1, prize="z", pool="p", entropy=NO_ENTROPY)
REVEALS = (
    "7ac6a77980b31d2a96ff60442a9a121733cffb19c74808d055654670ae476766",
    "f5c96a37a2ed309fda87b7fea813df77f6d74bd0ea2350143ddc3132a3adef8f",
    "cb884d92f5513d66083359db6209b835e971032f16d1cb3e8a5ea069bb5e6606",
)
"""docs/protocol.md's first three; the chain is the same in wheel-draw/2. test_vectors.py has the other vectors."""


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain(SECRET)


def test_vector_anchor(chain: Chain) -> None:
    assert chain.anchor == ANCHOR
    assert chain.length == CHAIN_LENGTH == 16384


def test_vector_reveals(chain: Chain) -> None:
    assert digest(b"an example snapshot payload\n") == S
    assert tuple(chain.reveal(number).hex() for number in (1, 2, 3)) == REVEALS


def test_landing_is_the_documents_formula_byte_for_byte() -> None:
    """The three vectors alone would not tell byte 8 of L from byte 9."""
    chain = Chain(SECRET, length=200)
    for spin in range(1, 201):
        mac = hmac.digest(chain.reveal(spin), f"wheel-land/2\n{S}\n{spin}\n".encode(), "sha256")
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
def test_a_result_beyond_the_chain_has_no_reveal(spin: int) -> None:
    with pytest.raises(ValueError, match=r"outside 1\.\.50"):
        Chain(SECRET, length=50).reveal(spin)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=r"32 bytes"):
        Chain(bytes(size))


def x_of(place: int, k: int, spin: int = 1) -> int:
    """Return x as the document's formula has it, for the secret and the names that the next tests use."""
    return int.from_bytes(
        hmac.digest(SECRET, f"wheel-draw/2\ns\n{spin}\nz\n{place}\np\nnone\n{k}\n".encode(), "sha256"), "big"
    )


def test_rejection_raises_k_until_x_is_below_the_largest_multiple_of_w(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a range of 2^256 nobody ever sees k rise, so the range is made to end just above what is wanted."""
    xs = [x_of(1, k) for k in range(200)]
    wanted = min(range(200), key=lambda k: xs[k])
    assert wanted > 0
    total = xs[wanted] + 1
    monkeypatch.setattr(protocol, "_RANGE", total * 2 - 1)  # so x < total is accepted, and nothing else

    drawn = sample(PRESS, reveal=SECRET, place=1, total=total)

    assert drawn.k == wanted
    assert int(drawn.x, 16) == drawn.t == xs[wanted]


def test_x_on_the_limit_itself_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    place = next(place for place in range(1, 100) if x_of(place, 1) < x_of(place, 0))
    limit = x_of(place, 0)
    monkeypatch.setattr(protocol, "_RANGE", limit)

    drawn = sample(PRESS, reveal=SECRET, place=place, total=limit)

    assert (drawn.k, drawn.t) == (1, x_of(place, 1))


def test_x_just_below_the_limit_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    first = x_of(1, 0)
    monkeypatch.setattr(protocol, "_RANGE", first + 1)

    drawn = sample(PRESS, reveal=SECRET, place=1, total=first + 1)

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
        drawn = sample(PRESS, reveal=SECRET, place=1, total=total)
        if drawn.k == 0:
            seen[drawn.t] += 1

    assert set(seen) == set(range(total))
    assert set(seen.values()) == {256 // total}


@given(st.binary(min_size=32, max_size=32), st.integers(1, 3_000_000_000))
def test_t_is_within_the_total_weight_and_follows_from_x(reveal: bytes, total: int) -> None:
    drawn = sample(PRESS, reveal=reveal, place=1, total=total)

    assert 0 <= drawn.t < total
    assert int(drawn.x, 16) % total == drawn.t


def test_everything_that_binds_the_draw_changes_x() -> None:
    presses = [
        PRESS,
        replace(PRESS, snapshot=S),
        replace(PRESS, spin=2),
        replace(PRESS, prize=""),
        replace(PRESS, pool="q"),
        replace(PRESS, entropy="e"),
    ]

    drawn = [sample(press, reveal=SECRET, place=1, total=7) for press in presses]
    drawn += [sample(PRESS, reveal=bytes(32), place=1, total=7), sample(PRESS, reveal=SECRET, place=2, total=7)]

    assert len({one.x for one in drawn}) == 8


def test_drawing_again_from_the_same_facts_gives_the_same_ticket() -> None:
    twice = [sample(PRESS, reveal=SECRET, place=1, total=7) for _ in range(2)]

    assert twice[0] == twice[1]


def test_p_tells_the_texts_and_their_order() -> None:
    ways = [[], ["a"], ["b"], ["a", "b"], ["b", "a"], ["ab"], ["a", "a"]]

    assert entropy_digest([]) == NO_ENTROPY
    assert entropy_digest(["a", "b"]) == hashlib.sha256(b"a\nb\n").hexdigest()
    assert len({entropy_digest(way) for way in ways}) == len(ways)


def test_ten_thousand_draws_spread_as_the_weights_say() -> None:
    """Chi-square with 9 degrees of freedom: above 27.9 once in a thousand; the secret is fixed, so never flaky."""
    pool = Pool(ENTRIES)
    chain = Chain(SECRET, length=10_000)
    wins: Counter[int] = Counter()
    for spin in range(1, 10_001):
        press = Press(S, spin, "", pool.digest, NO_ENTROPY)
        (drawn,) = pool.draw(press, reveal=chain.reveal(spin), places=(spin,))
        wins[drawn.index] += 1

    expected = [500 * weight for weight in pool.weights]
    chi_square = sum((wins[index] - number) ** 2 / number for index, number in enumerate(expected))
    assert chi_square < 27.9

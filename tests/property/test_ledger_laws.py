"""Laws of the ledger's pure parts: what is used first, hashes that have one spelling, trees that prove what is in them."""

import hashlib
import json
import runpy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session

from backend.ledger import chain, merkle, rules
from backend.ledger.errors import MovementInvalid
from backend.ledger.rules import OpenLot, allocate, request_hash, shard_of, spread

TODAY = date(2026, 11, 25)
CHECKER = runpy.run_path(str(Path(__file__).parents[2] / "static" / "verify-points.py"))

lots = st.lists(
    st.builds(
        OpenLot,
        id=st.integers(1, 1000),
        free=st.integers(0, 50),
        expires_on=st.dates(TODAY - timedelta(days=5), TODAY + timedelta(days=5)),
    ),
    max_size=12,
    unique_by=lambda lot: lot.id,
)
words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
moments = st.integers(0, 7 * 10**15).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
numbers = st.integers(-(2**62), 2**62)


@given(lots, st.integers(1, 300))
def test_first_expiring_is_used_first_and_nothing_past_its_day(found: list[OpenLot], amount: int):
    """L9, L10."""
    usable = {lot.id: lot for lot in found if lot.expires_on >= TODAY}
    taken = allocate(found, amount, TODAY)
    if taken is None:
        assert sum(lot.free for lot in usable.values()) < amount
        return
    assert sum(part for _, part in taken) == amount
    assert all(0 < part <= usable[lot_id].free for lot_id, part in taken)
    last = max((usable[lot_id].expires_on, lot_id) for lot_id, _ in taken)
    parts = dict(taken)
    for lot in usable.values():
        if (lot.expires_on, lot.id) < last:
            assert parts.get(lot.id, 0) == lot.free


@given(lots, st.integers(1, 300), st.randoms())
def test_the_order_in_which_lots_are_found_does_not_matter(found: list[OpenLot], amount: int, random: Any):
    shuffled = random.sample(found, len(found))
    assert allocate(shuffled, amount, TODAY) == allocate(found, amount, TODAY)


@given(st.integers(1, 2**62), st.integers(1, 64))
def test_what_is_spread_adds_up_and_is_even(amount: int, shards: int):
    shares = spread(amount, shards)
    assert (sum(shares), len(shares)) == (amount, shards)
    assert max(shares) - min(shares) <= 1


@given(words, st.integers(1, 64))
def test_a_retry_meets_the_same_row(key: str, shards: int):
    assert shard_of(key, shards) == shard_of(key, shards) < shards


@given(st.dictionaries(words, numbers | words | st.none() | st.lists(words, max_size=3), max_size=5))
def test_a_request_has_one_hash_whatever_the_order_of_its_fields(body: dict[str, Any]):
    assert request_hash(body) == request_hash(dict(reversed(list(body.items()))))
    assert request_hash(body) != request_hash(body | {"one more": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), "\ud800"])
def test_what_has_no_spelling_has_no_hash(value: object):
    """L19."""
    with pytest.raises(MovementInvalid):
        request_hash({"n": value})


transactions = st.fixed_dictionaries(
    {
        "key": words,
        "kind": st.sampled_from([*rules.TransactionKind]),
        "amount": st.integers(1, 2**62),
        "subject": words,
        "actor": words,
        "facts": st.dictionaries(words, st.integers(-(2**40), 2**40) | words | st.lists(words, max_size=2), max_size=3),
        "recorded_at": moments,
        "effective_on": st.dates(date(1970, 1, 1), date(2200, 1, 1)),
        "expires_at": st.none() | moments,
        "lot_expires_on": st.none() | st.dates(date(1970, 1, 1), date(2200, 1, 1)),
        "earned_by": st.none() | words,
    }
)
DIGEST = text(
    "SELECT ledger_digest(t), t.facts::text FROM jsonb_populate_record(NULL::journal_transaction, CAST(:row AS jsonb)) AS t"
)


@given(transactions)
def test_the_database_and_python_spell_a_transaction_the_same(session: Session, values: dict[str, Any]):
    values |= {"id": uuid4(), "request_hash": hashlib.sha256().digest(), "resolves_id": uuid4(), "reverses_id": None}
    row = {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
    row["request_hash"] = "\\x" + row["request_hash"]
    digest, facts = session.execute(DIGEST, {"row": json.dumps(row, default=str)}).one()
    assert digest == chain.digest(values | {"facts": facts})


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.tuples(*[numbers] * 5))
def test_the_database_and_python_link_a_posting_the_same(session: Session, head: bytes, said: bytes, found: Any):
    query = text("SELECT ledger_link(:head, :a, :b, :c, :d, :e, :said)")
    linked = session.execute(query, {"head": head, "said": said, **dict(zip("abcde", found, strict=True))}).scalar_one()
    assert linked == chain.link(head, found[:2], found[2:], said)


leaves = st.lists(st.binary(max_size=40), min_size=1, max_size=40)


@given(leaves, st.data())
def test_every_leaf_climbs_to_the_root_and_nothing_else_does(found: list[bytes], data: st.DataObject):
    place = data.draw(st.integers(0, len(found) - 1))
    root, path = merkle.root_of(found), merkle.path_of(found, place)
    assert merkle.climb(found[place], path) == root
    assert merkle.climb(found[place] + b"x", path) != root
    assert len(path) <= max(1, len(found) - 1).bit_length()
    if path:
        side, sibling = path[0]
        assert merkle.climb(found[place], [(side, bytes(32)), *path[1:]]) != root or sibling == bytes(32)


@given(leaves, leaves)
def test_other_leaves_have_another_root(one: list[bytes], two: list[bytes]):
    assert (merkle.root_of(one) == merkle.root_of(two)) == (one == two)


def reference(found: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, to the letter."""
    if len(found) == 1:
        return hashlib.sha256(b"\0" + found[0]).digest()
    half = 1 << (len(found) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + reference(found[:half]) + reference(found[half:])).digest()


@given(leaves)
def test_the_tree_is_that_of_rfc_6962(found: list[bytes]):
    assert merkle.root_of(iter(found)) == reference(found)


def test_the_empty_tree_has_a_root_too():
    assert merkle.root_of([]) == hashlib.sha256(b"").digest()


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 63), st.integers(1, 255))
def test_the_published_checker_knows_a_signature(secret: bytes, said: bytes, place: int, flip: int):
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = key.public_key().public_bytes_raw(), key.sign(said)
    assert CHECKER["is_signed"](public, said, signature)
    assert not CHECKER["is_signed"](public, said + b"x", signature)
    forged = signature[:place] + bytes([signature[place] ^ flip]) + signature[place + 1 :]
    assert not CHECKER["is_signed"](public, said, forged)

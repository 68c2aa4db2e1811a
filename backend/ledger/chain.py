"""The hash formats of the ledger, version 1: what the database writes, told a second time and independently.

`static/verify-points.py` tells them a third time, for residents. A change needs a new version in every tag.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring as _quoted
from typing import Any

NOTHING = bytes(32)
"""What the first root follows."""
_ACCOUNT = b"green-ledger/account/1\n"
_TRANSACTION = b"green-ledger/transaction/1\n"
_POSTING = b"green-ledger/posting/1\n"
_LEAF = b"green-ledger/leaf/1\n"
_ROOT = b"green-ledger/root/1\n"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_numbers = struct.Struct(">qqqqq").pack
_sha256 = hashlib.sha256
_MICROSECOND = timedelta(microseconds=1)


def open_half(transaction: Mapping[str, Any]) -> str:
    """Return what the holder of an account may see of a transaction, in the canonical text that is hashed.

    It is a JSON array; `facts` is the text in which the database keeps them.
    """
    of = transaction.__getitem__
    return (
        f'["{of("id")}", "{of("kind")}", {of("amount")}, {_quoted(of("subject"))}, {_quoted(of("facts"))}, '
        f"{micros(of('recorded_at'))}, {_plain(of('effective_on'))}, {_or_null(micros(of('expires_at')))}, "
        f"{_plain(of('lot_expires_on'))}, {_plain(of('resolves_id'))}, {_plain(of('reverses_id'))}]"
    )


def inner_half(transaction: Mapping[str, Any]) -> str:
    """Return the rest of what is hashed of a transaction, which stays inside."""
    of, earned_by = transaction.__getitem__, transaction["earned_by"]
    return (
        f'[{_quoted(of("key"))}, "{bytes(of("request_hash")).hex()}", {_quoted(of("actor"))}, '
        f"{'null' if earned_by is None else _quoted(earned_by)}]"
    )


def digest(transaction: Mapping[str, Any]) -> bytes:
    """Return the digest of a transaction."""
    said, inner = open_half(transaction).encode(), inner_half(transaction).encode()
    return _sha256(_TRANSACTION + _sha256(said).digest() + _sha256(inner).digest()).digest()


def genesis(asset: str, owner: str, purpose: str, shard: int, floor: int | None, *, holds_lots: bool) -> bytes:
    """Return where the chain of an account begins: whose it is, is part of every hash that follows."""
    return _sha256(
        _ACCOUNT + json.dumps([asset, owner, purpose, shard, floor, holds_lots], ensure_ascii=False).encode()
    ).digest()


def link(previous: bytes, place: tuple[int, int], deltas: tuple[int, int, int], transaction: bytes) -> bytes:
    """Return the hash of the posting at `place` (account, seq) that follows `previous`."""
    return _sha256(_POSTING + previous + _numbers(*place, *deltas) + transaction).digest()


def leaf(account_id: int, seq: int, head: bytes) -> bytes:
    """Return what a root says about an account: that its posting `seq` has the hash `head`."""
    return _LEAF + struct.pack(">qq", account_id, seq) + head


def statement(position: int, at: datetime, leaf_count: int, root: bytes, previous: bytes) -> bytes:
    """Return what is signed of a root; `previous` ties it to the one before."""
    moment = micros(at)
    return _ROOT + struct.pack(">qqq", position, moment or 0, leaf_count) + root + previous


def micros(moment: datetime | None) -> int | None:
    """Return a moment as microseconds since 1970: a number has one spelling only."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def _plain(value: object) -> str:
    """Write a day or an id."""
    return "null" if value is None else f'"{value}"'


def _or_null(number: int | None) -> str:
    return "null" if number is None else str(number)

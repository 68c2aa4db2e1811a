"""Random names for things: ids, receipts and case numbers that tell nothing about time or count."""

import secrets
import uuid

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})

# A case number carries 6 characters = 30 bits: a billion numbers, so that trying them one by one finds little.
CASE_NUMBER_LENGTH = 6


def new_id() -> uuid.UUID:
    """Return 122 random bits; a time-ordered id would tell when an anonymous report was sent."""
    return uuid.uuid4()


def crockford(data: bytes) -> str:
    """Write `data`, a multiple of 5 bytes, as Crockford base-32: 8 characters for each 5 bytes."""
    if len(data) % 5:
        raise ValueError("Crockford base-32 without padding needs a multiple of 5 bytes.")
    number = int.from_bytes(data)
    length = len(data) * 8 // 5
    return "".join(CROCKFORD[(number >> 5 * place) & 31] for place in reversed(range(length)))


def read_crockford(text: str) -> str:
    """Undo what a hand does to a code: case, spaces, dashes and the letters that look like digits."""
    return "".join(text.split()).replace("-", "").upper().translate(_LOOKALIKES)


def grouped(code: str) -> str:
    """Write a code in groups of four, as it is shown."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def case_number(prefix: str) -> str:
    """Return a new public case number such as `TS-7K4M-92`."""
    code = "".join(secrets.choice(CROCKFORD) for _ in range(CASE_NUMBER_LENGTH))
    return f"{prefix}-{code[:4]}-{code[4:]}"

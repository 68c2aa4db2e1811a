#!/usr/bin/env python3
"""Check a statement of green points without us.

    python3 verify-points.py my-points.json [PUBLIC KEY]

It needs Python 3.9 or newer and nothing else; no network. It proves three things and says what it proved:
1. every line follows from the one before it, from the opening of your account on (nothing was changed or taken out);
2. your last line is part of a root, one digest over all accounts of that hour;
3. the root bears the signature of the key that you name, or of the key in the file. Compare that key, and the root, with
   what the programme has published: a signature by a key that you have only from the same file proves little.
"""

import hashlib
import json
import struct
import sys

FORMAT = "green-ledger/proof/1"


class Wrong(Exception):
    """The statement does not hold; the text says where."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def check(proof, public_key=None):
    """Return (lines, points, pending in, pending out) or raise `Wrong`."""
    if proof.get("format") != FORMAT:
        raise Wrong("this is not a statement of format " + FORMAT)
    head, totals = chain(proof)
    root, postings = proof["root"], proof["postings"]
    if climb(leaf(proof["account"], len(postings), head), proof["path"]) != bytes.fromhex(root["root"]):
        raise Wrong("the last line is not part of the root")
    numbers = struct.pack(">qqq", root["position"], root["at"], root["leaf_count"])
    said = b"green-ledger/root/1\n" + numbers + bytes.fromhex(root["root"]) + bytes.fromhex(root["previous"])
    key = bytes.fromhex(public_key or root["public_key"])
    if not is_signed(key, said, bytes.fromhex(root["signature"])):
        raise Wrong("the root is not signed by the key " + key.hex())
    return (len(postings), *totals)


def chain(proof):
    head = sha256(b"green-ledger/account/1\n", json.dumps(proof["is"], ensure_ascii=False).encode())
    totals = [0, 0, 0]
    for place, line in enumerate(proof["postings"], 1):
        if line["seq"] != place:
            raise Wrong(f"line {place} is missing")
        deltas = [line["amount"], line["pending_in"], line["pending_out"]]
        numbers = struct.pack(">qqqqq", proof["account"], place, *deltas)
        head = sha256(b"green-ledger/posting/1\n", head, numbers, digest(line))
        totals = [total + delta for total, delta in zip(totals, deltas)]
    return head, totals


def digest(line):
    """Of a month's end, which is booked for many at once, only the digest is told."""
    if "digest" in line:
        return bytes.fromhex(line["digest"])
    return sha256(b"green-ledger/transaction/1\n", sha256(line["says"].encode()), bytes.fromhex(line["inner"]))


def leaf(account, seq, head):
    return sha256(b"\x00green-ledger/leaf/1\n", struct.pack(">qq", account, seq), head)


def climb(node, path):
    for side, sibling in path:
        other = bytes.fromhex(sibling)
        node = sha256(b"\x01", other, node) if side == "left" else sha256(b"\x01", node, other)
    return node


# Ed25519 as in RFC 8032, slow and short. Only checking, so nothing secret is handled here.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def point(data):
    """Read a point, or None."""
    y = int.from_bytes(data, "little") & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or x * x % P != square or (x == 0 and data[31] >> 7):
        return None
    if x & 1 != data[31] >> 7:
        x = P - x
    return x, y, 1, x * y % P


def add(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, one):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = add(found, one)
        one, number = add(one, one), number >> 1
    return found


BASE = point(bytes([0x58]) + bytes([0x66]) * 31)


def is_signed(key, said, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    r, a, s = point(signature[:32]), point(key), int.from_bytes(signature[32:], "little")
    if r is None or a is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + said).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        print(__doc__)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            proof = json.load(file)
        lines, points, coming, reserved = check(proof, *arguments[1:])
    except Wrong as wrong:
        print(f"WRONG: {wrong}.")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        print(f"This file cannot be read as a statement ({type(error).__name__}: {error}).")
        return 2
    root = proof["root"]
    print(f"Sound: {lines} lines, {points} held, {coming} promised, {reserved} reserved.")
    print(f"Root {root['position']}: {root['root']}")
    print(f"Signed by {arguments[1] if arguments[1:] else root['public_key'] + ' (from the file: compare it)'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

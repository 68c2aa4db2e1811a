"""A Merkle tree as in RFC 6962: one digest stands for many leaves, and a short path shows that one of them is in it."""

import hashlib
from collections.abc import Iterable, Sequence

Path = list[tuple[str, bytes]]
"""From the leaf up: on which side the sibling stands, and its digest."""


def leaf_digest(leaf: bytes) -> bytes:
    """Return the digest of a leaf, which no inner node can have."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_digest(left: bytes, right: bytes) -> bytes:
    """Return the digest of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over any number of leaves, in the memory of a few: whole subtrees are folded as they fill."""
    subtrees: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, digest = 0, leaf_digest(leaf)
        while subtrees and subtrees[-1][0] == height:
            height, digest = height + 1, node_digest(subtrees.pop()[1], digest)
        subtrees.append((height, digest))
    if not subtrees:
        return hashlib.sha256(b"").digest()
    digest = subtrees.pop()[1]
    while subtrees:
        digest = node_digest(subtrees.pop()[1], digest)
    return digest


def path_of(leaves: Sequence[bytes], place: int) -> Path:
    """Return the siblings that lead from the leaf at `place` to the root."""
    level, path = [leaf_digest(leaf) for leaf in leaves], Path()
    while len(level) > 1:
        sibling = place ^ 1
        if sibling < len(level):
            path.append(("left" if sibling < place else "right", level[sibling]))
        level = [
            node_digest(*level[start : start + 2]) if start + 1 < len(level) else level[start]
            for start in range(0, len(level), 2)
        ]
        place //= 2
    return path


def climb(leaf: bytes, path: Path) -> bytes:
    """Return the root that `path` leads to from `leaf`."""
    digest = leaf_digest(leaf)
    for side, sibling in path:
        digest = node_digest(sibling, digest) if side == "left" else node_digest(digest, sibling)
    return digest

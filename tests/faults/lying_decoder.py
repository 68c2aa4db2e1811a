"""Stands in for a decoder that an attacker has taken over: it answers, but not with what was agreed."""

import json
import struct
import sys

LENGTH = struct.Struct("!I")
lie = json.loads(sys.argv[1])["max_pixels"]


def say(line: bytes, *pictures: bytes) -> None:
    sys.stdout.buffer.write(LENGTH.pack(len(line)) + line + b"".join(pictures))
    sys.stdout.buffer.flush()


say(b"{}")
(length,) = LENGTH.unpack(sys.stdin.buffer.read(LENGTH.size))
content = sys.stdin.buffer.read(length)
if lie == "no json":
    say(b"[" * 100)
elif lie == "endless":
    say(b"x" * 1_000_000)
else:
    tail = b"secret" if lie == "metadata" else b""
    lengths = [len(content + tail)] * 3 if lie == "metadata" else [4_000_000_000] * 3
    line = json.dumps({"outcome": "ready", "width": 1, "height": 1, "lengths": lengths}).encode()
    say(line, *[content + tail] * 3)

#!/usr/bin/env python3
"""What memory connections take that send half of a form and then nothing.

    cargo build --release && python3 benches/half_sent.py [CONNECTIONS] [BYTES]

Starts `kapea demo`, opens CONNECTIONS (600) to the public port, sends on each the head of a form of BYTES (120,000) and half of them, and
prints the server's VmRSS before, while they are open, and after they were closed, twice; how many were answered or cut off meanwhile, and how
long the front page took beside them.
"""
import select, socket, sys, time

from demo import resident, running
from web import ask

CONNECTIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 600
LENGTH = int(sys.argv[2]) if len(sys.argv) > 2 else 120_000
PORTS = 18482, 18483
HEAD = (
    "POST /en/report HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    f"Content-Length: {LENGTH}\r\n\r\n"
)


def settled(process):
    """Until it has not moved for three seconds."""
    seen = [resident(process)]
    while len(seen) < 7 or max(seen[-7:]) - min(seen[-7:]) > 0.25:
        time.sleep(0.5)
        seen.append(resident(process))
    return seen[-1]


def front(_):
    """What the front page takes on a connection of its own, in milliseconds."""
    began = time.monotonic()
    answer, _ = ask(PORTS[0], "/en/")
    assert answer.status == 200, answer.status
    return (time.monotonic() - began) * 1000


def readable(lines):
    poll = select.poll()
    for line in lines:
        poll.register(line, select.POLLIN)
    return len(poll.poll(0))


with running("target/release/kapea", *PORTS) as (demo, _):
    before = settled(demo)
    half = (HEAD + "account=" + "a" * (LENGTH // 2 - 8)).encode()
    print(f"before: {before:.1f} MiB")
    # Twice: what the allocator keeps is used again, what leaks is not.
    for _ in range(2):
        lines = []
        for _ in range(CONNECTIONS):
            line = socket.create_connection(("127.0.0.1", PORTS[0]), timeout=5)
            line.settimeout(0.5)
            try:
                line.sendall(half)
            except OSError:
                pass  # Refused before it was all sent, or no longer read.
            lines.append(line)
        fronts = sorted(map(front, range(50)))
        during = settled(demo)
        ended = readable(lines)
        print(f"{CONNECTIONS} half sent: {during:.1f} MiB, {ended} of them answered or cut off", flush=True)
        print(f"front page beside them: median {fronts[25]:.1f} ms, at most {fronts[-1]:.1f} ms", flush=True)
        for line in lines:
            line.close()
        print(f"closed: {settled(demo):.1f} MiB", flush=True)

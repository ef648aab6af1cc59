#!/usr/bin/env python3
"""How long honest reporters wait while junk is sent as fast as the server takes it.

    cargo build --release && python3 benches/flood.py [PROGRAM] [JUNK] [HONEST] [ROUNDS]

Starts `kapea demo` of PROGRAM (target/release/kapea). JUNK (256) connections open a form and send it at once, again and again, each time with
other words, so that none is like another. HONEST (10) reporters open the form, type for 30 seconds and send it, in each of ROUNDS (10) rounds.
Prints how long their answers took, and how many were refused.
"""
import random, statistics, sys, threading, time

from demo import hidden, running
from web import ask

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "target/release/kapea"
JUNK = int(sys.argv[2]) if len(sys.argv) > 2 else 256
HONEST = int(sys.argv[3]) if len(sys.argv) > 3 else 10
ROUNDS = int(sys.argv[4]) if len(sys.argv) > 4 else 10
PORTS = 18490, 18491
over, sent, refused = threading.Event(), [0], [0]
waits, lost = [], []


def words():
    return " ".join("".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(30))


def send(fields):
    answer, page = ask(PORTS[0], "/en/report", fields | {"step": "send", "danger": "over", "kind": "hurting", "account": words()})
    if answer.status == 303:
        answer, page = ask(PORTS[0], answer.headers["Location"])
    return answer.status == 200 and 'class="code"' in page


def junk():
    while not over.is_set():
        try:
            done = send(hidden(ask(PORTS[0], "/en/report")[1]))
        except OSError:
            done = False
        (sent if done else refused)[0] += 1


def honest():
    fields = hidden(ask(PORTS[0], "/en/report")[1])
    time.sleep(30)
    start = time.monotonic()
    done = send(fields)
    waits.append(time.monotonic() - start)
    lost.append(not done)


with running(PROGRAM, *PORTS, environment={}):
    flood = [threading.Thread(target=junk, daemon=True) for _ in range(JUNK)]
    for one in flood:
        one.start()
    start = time.monotonic()
    for _ in range(ROUNDS):
        reporters = [threading.Thread(target=honest) for _ in range(HONEST)]
        for one in reporters:
            one.start()
        for one in reporters:
            one.join()
    took = time.monotonic() - start
    over.set()
    waits.sort()
    print(f"junk: {sent[0] / took:.0f} a second taken, {refused[0]} refused")
    print(f"honest: {len(waits)}, {sum(lost)} not taken; answered within {statistics.median(waits):.1f} s (median), {waits[int(len(waits) * 0.99) - 1]:.1f} s (99 of 100), {waits[-1]:.1f} s (all)")

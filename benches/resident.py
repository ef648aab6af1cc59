#!/usr/bin/env python3
"""Resident memory of the server: fresh, while mixed work goes on, after it, and after a peak.

    cargo build --release && python3 benches/resident.py [PROGRAM] [MINUTES] [PORT]

Starts `kapea demo` of PROGRAM (target/release/kapea). For MINUTES (12) four reporters send reports of up to 20,000 letters and look into
their mailboxes, and two caseworkers read the queue and reports and sign in anew now and then. Then 64 reporters at once for a minute, and
two minutes of nothing. Prints VmRSS in MiB.
"""
import random, re, sys, threading, time

from demo import hidden, people, resident, running, six_digits
from web import ask

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "target/release/kapea"
MINUTES = float(sys.argv[2]) if len(sys.argv) > 2 else 12
PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 18484
counts = {}


def count(what):
    counts[what] = counts.get(what, 0) + 1


def report(letters):
    fields = hidden(ask(PORT, "/en/report")[1]) | {"step": "send", "danger": "over", "kind": "hurting", "account": "w" * letters}
    answer, page = ask(PORT, "/en/report", fields)
    if answer.status == 303:
        answer, page = ask(PORT, answer.headers["Location"])
    found = re.search(r'class="code"[^>]*>(.*?)</p>', page, re.S)
    count("reports" if found else f"refused {answer.status}")
    return re.sub(r"\D", "", re.sub(r"<[^>]*>|&[^;]*;", "", found[1])) if found else None


def look(code):
    fields = hidden(ask(PORT, "/en/mailbox")[1]) | {"code": code, "step": "enter"}
    answer, _ = ask(PORT, "/en/mailbox", fields)
    if answer.status == 303:
        answer, _ = ask(PORT, answer.headers["Location"])
    count(f"mailbox {answer.status}")


def reporter(until, longest):
    while time.monotonic() < until:
        code = report(random.randint(20, longest))
        if code and random.random() < 0.3:
            look(code)


def caseworker(until, person):
    handle, secret, words = person
    while time.monotonic() < until:
        answer, page = ask(PORT + 1, "/login")
        fields = hidden(page) | {"handle": handle, "passphrase": words, "code": six_digits(secret)}
        cookie = "; ".join(c.split(";")[0] for c in answer.headers.get_all("set-cookie") or [])
        answer, _ = ask(PORT + 1, "/login", fields, cookie)
        count(f"sign-in {answer.status}")
        if answer.status == 303:
            cookie = "; ".join(c.split(";")[0] for c in answer.headers.get_all("set-cookie"))
            ends = min(until, time.monotonic() + 60)
            while time.monotonic() < ends:
                _, page = ask(PORT + 1, "/queue", cookie=cookie)
                for id in set(re.findall(r'href="/reports/([0-9a-f]{32})', page)):
                    count(f"report read {ask(PORT + 1, f'/reports/{id}', cookie=cookie)[0].status}")
        time.sleep(31)


def together(acts):
    threads = [threading.Thread(target=act, args=args) for act, *args in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


with running(PROGRAM, PORT, PORT + 1) as (demo, table):
    time.sleep(90)
    print(f"fresh: {resident(demo):.1f} MiB", flush=True)
    until = time.monotonic() + MINUTES * 60
    readers = [person for person in people(table) if person[0] in ("sokha", "dara")]
    together([(reporter, until, 20_000)] * 4 + [(caseworker, until, person) for person in readers])
    print(f"after {MINUTES:g} mixed minutes: {resident(demo):.1f} MiB {counts}", flush=True)
    counts.clear()
    until = time.monotonic() + 60
    together([(reporter, until, 20_000)] * 64)
    print(f"at the peak: {resident(demo):.1f} MiB {counts}", flush=True)
    time.sleep(120)
    print(f"two minutes after it: {resident(demo):.1f} MiB", flush=True)

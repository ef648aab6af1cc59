#!/usr/bin/env python3
"""Instructions of the server for a report and for a page of the queue, which no neighbour on the machine disturbs. Needs valgrind.

    CARGO_PROFILE_RELEASE_STRIP=none cargo build --release
    python3 benches/instructions.py target/release/kapea
"""

import glob
import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

from demo import AT_ONCE, hidden, six_digits

PUBLIC, STAFF = 19080, 19081
# What fills and moves argon2id's memory.
ARGON2 = re.compile(r"argon2|blake2|Blake2|memmove-vec|memset-vec")


def ask(port, path, cookie=None, form=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {"Cookie": cookie} if cookie else {}
    body = None
    if form is not None:
        body = urllib.parse.urlencode(form)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        headers["Sec-Fetch-Site"] = "same-origin"
    connection.request("POST" if body else "GET", path, body, headers)
    answer = connection.getresponse()
    return answer, answer.read().decode()


def submit(number):
    page = ask(PUBLIC, "/en/report")[1]
    ticket = re.search(r'name="ticket" value="([^"]*)"', page)[1]
    words = f"Report {number}: the neighbour hits the boy every evening."
    edition = re.search(r'name="edition" value="([^"]*)"', page)
    form = {"step": "send", "ticket": ticket, "edition": edition[1] if edition else "", "danger": "ongoing", "kind": "hurting", "account": words}
    answer, page = ask(PUBLIC, "/en/report", form=form)
    if answer.status == 303:
        answer, page = ask(PUBLIC, answer.headers["Location"])
    assert 'class="code"' in page, answer.status


def sign_in(table):
    person = next(line for line in table if line.strip().startswith("dara")).split()
    answer, page = ask(STAFF, "/login")
    form = hidden(page)
    form |= {"handle": "dara", "code": six_digits(person[2]), "passphrase": " ".join(person[3:9])}
    cookie = "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or [])
    answer, _ = ask(STAFF, "/login", cookie, form)
    assert answer.status == 303, answer.status
    return "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        server = subprocess.Popen(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--instr-atstart=no", sys.argv[1], "demo",
             "--public", f"127.0.0.1:{PUBLIC}", "--staff", f"127.0.0.1:{STAFF}", "--data", os.path.join(folder, "data")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | AT_ONCE | {"GLIBC_TUNABLES": ""})

        def control(*what):
            subprocess.run(["callgrind_control", *what, str(server.pid)], capture_output=True, check=True)

        def measure(what, times, act):
            for number in range(3):
                act(number)
            control("-i", "on")
            control("-z")
            for number in range(times):
                act(number)
            control("-d")
            control("-i", "off")
            newest = max(glob.glob(out + ".*"), key=os.path.getmtime)
            command = ["callgrind_annotate", "--auto=no", "--threshold=100", newest]
            lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
            counted = [(int(line.split()[0].replace(",", "")), line) for line in lines if re.match(r"\s*[\d,]+ \(", line)]
            whole = next(count for count, line in counted if "PROGRAM TOTALS" in line)
            argon2 = sum(count for count, line in counted if ARGON2.search(line))
            print(f"{what}: {whole / times / 1e6:.1f} M instructions, beside argon2id and memory {(whole - argon2) / times / 1e6:.1f} M")

        try:
            table = []
            for line in server.stdout:
                table.append(line)
                if "Ctrl-C" in line:
                    break
            measure("a report", 20, submit)
            for number in range(45):
                submit(number)
            cookie = sign_in(table)
            measure("a page of the queue, 50 cards", 10, lambda _: ask(STAFF, "/queue", cookie))
        finally:
            server.terminate()
            server.wait(60)


main()

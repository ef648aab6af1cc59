#!/usr/bin/env python3
"""How long a sign-in takes on a known device and on a new one, with strangers at full speed.

    cargo build --release && python3 benches/sign_in.py [STRANGERS]

Starts `kapea demo`, signs every account in once (which makes the device known), then lets STRANGERS (64) connections send wrong passphrases in
a closed loop while known devices and a new one sign in. A sign-in here is one with a wrong six-digit code: it costs what a right one costs,
and can be repeated within the half minute of a code. Prints median and p95 in milliseconds, and what strangers were answered.
"""
import http.client, re, sys, threading, time, urllib.parse

from demo import people, running, six_digits

STRANGERS = int(sys.argv[1]) if len(sys.argv) > 1 else 64
PORTS = 18480, 18481
KIND = {"content-type": "application/x-www-form-urlencoded", "accept-language": "en"}


def ask(connection, method, path, fields=None, cookie=None):
    headers = dict(KIND, **({"cookie": cookie} if cookie else {}))
    connection.request(method, path, urllib.parse.urlencode(fields) if fields else None, headers)
    answer = connection.getresponse()
    return answer, answer.read().decode()


def ticket(connection):
    return re.search(r'name="ticket" value="([^"]+)"', ask(connection, "GET", "/login")[1]).group(1)


def connect():
    return http.client.HTTPConnection("127.0.0.1", PORTS[1], timeout=120)


def percentile(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] * 1000


with running("target/release/kapea", *PORTS) as (_, table):
    known = {}
    for handle, secret, words in people(table):
        line = connect()
        fields = {"ticket": ticket(line), "handle": handle, "passphrase": words, "code": six_digits(secret)}
        answer, _ = ask(line, "POST", "/login", fields)
        assert answer.status == 303, (handle, answer.status)
        cookies = [c.split(";")[0] for c in answer.headers.get_all("set-cookie")]
        known[handle] = (words, "; ".join(c for c in cookies if "device" in c))
    stop, answered = threading.Event(), {}

    def stranger():
        line = connect()
        while not stop.is_set():
            fields = {"ticket": ticket(line), "handle": "sokha", "passphrase": "wrong words here", "code": "123456"}
            status = ask(line, "POST", "/login", fields)[0].status
            answered[status] = answered.get(status, 0) + 1

    def sign_in(handle, words, cookie):
        line = connect()
        fields = {"ticket": ticket(line), "handle": handle, "passphrase": words, "code": "000000"}
        begin = time.monotonic()
        status = ask(line, "POST", "/login", fields, cookie)[0].status
        assert status in (303, 422), status
        return time.monotonic() - begin

    handle, (words, cookie) = next(iter(known.items()))
    print(f"alone: {sign_in(handle, words, cookie) * 1000:.0f} ms")
    threads = [threading.Thread(target=stranger, daemon=True) for _ in range(STRANGERS)]
    for thread in threads:
        thread.start()
    time.sleep(3)
    begin = time.monotonic()
    times = [sign_in(handle, *one) for _ in range(8) for handle, one in known.items()]
    new = [sign_in(handle, words, None) for handle, (words, _) in list(known.items())[:2]]
    took = time.monotonic() - begin
    stop.set()
    print(f"{STRANGERS} strangers, answered {answered} in {took:.0f} s")
    print(f"known device: median {percentile(times, 0.5):.0f} ms, p95 {percentile(times, 0.95):.0f} ms of {len(times)}")
    print(f"new device: {', '.join(f'{t:.1f} s' for t in new)}")

#!/usr/bin/env python3
"""Opens one report without Kapea: a copy of the database, a person's recovery code, Python's standard library and the age program.

    python3 stock-age.py kapea.db HANDLE            lists the reports that the person can open
    python3 stock-age.py kapea.db HANDLE REPORT     prints one

The recovery code is read from standard input. See docs/stock-age.md. Run it on a machine without a network.
"""
import hashlib, hmac, json, os, sqlite3, subprocess, sys

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def hkdf(secret, salt, info):
    key = hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()


def identity(seed):
    """32 bytes as age writes an X25519 identity: Bech32 with the prefix AGE-SECRET-KEY-."""
    bits = int.from_bytes(seed, "big") << 4
    data = [bits >> (5 * (51 - i)) & 31 for i in range(52)]
    prefix = "age-secret-key-"
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + data + [0] * 6
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> i & 1 else 0
    check ^= 1
    data += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return (prefix + "1" + "".join(BECH32[v] for v in data)).upper()


def age(seed, ciphertext):
    """`age -d` with the key handed over through a pipe, so that it lies in no file."""
    reading, writing = os.pipe()
    os.write(writing, identity(seed).encode())
    os.close(writing)
    run = subprocess.run(["age", "-d", "-i", f"/dev/fd/{reading}"], input=ciphertext, capture_output=True, pass_fds=[reading])
    os.close(reading)
    return run.stdout if run.returncode == 0 else None


def recovery(text):
    """28 symbols of five bits: 128 bits of code, then 12 of check."""
    symbols = [s for s in text.upper().replace("O", "0").replace("I", "1").replace("L", "1") if s in CROCKFORD]
    number = 0
    for symbol in symbols:
        number = number << 5 | CROCKFORD.index(symbol)
    return (number >> 12).to_bytes(16, "big")


def body(frame):
    """64 bytes of header, the body, zeros, 8 bytes of true length, 32 bytes of MAC. What staff say (kinds 4 to 6) begins with who says it and their signature."""
    length = int.from_bytes(frame[-40:-32], "big")
    return frame[64 + (81 if frame[5] in (4, 5, 6) else 0) : 64 + length]


def main():
    database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    ask = lambda sql, *args: database.execute(sql, args).fetchall()
    code = recovery(sys.stdin.readline())

    # 1. The code opens the person's unlock row: "UNL1", suite, staff id, S, TOTP seed.
    staff, salt, sealed = ask("SELECT s.id, u.salt, u.sealed FROM staff s JOIN unlocks u ON u.staff = s.id WHERE s.handle = ? AND u.method = 'recovery'", sys.argv[2])[0]
    unlocked = age(hkdf(code, salt, b"kapea/unlock/v1" + staff + b"recovery"), sealed)
    if unlocked is None:
        sys.exit("the recovery code does not open this person's row")
    own = hkdf(unlocked[21:53], b"", b"kapea/staff/age/v1")

    # 2. S opens the wraps of the person's teams: "WRP1", suite, key id, generation, T, signing seed.
    holding = {}
    for mine, in ask("SELECT id FROM keys WHERE kind = 'staff' AND owner = ?", staff):
        holding[mine] = own
        for child, wrap in ask("SELECT child, sealed FROM wraps WHERE parent = ?", mine):
            opened = age(own, wrap)
            if opened:
                holding[child] = opened[25:57]

    # 3. T opens the grants: "GRT1", suite, report id, binding, R.
    for report, key, grant in ask("SELECT report, key, sealed FROM grants"):
        if key not in holding or (len(sys.argv) > 3 and report.hex() != sys.argv[3]):
            continue
        if len(sys.argv) <= 3:
            print(report.hex())
            continue
        secrets = [age(holding[key], grant)[53:85]]
        # The keys that the report had before lie each sealed to the one after it, the newest first.
        for before, in ask("SELECT sealed FROM epochs WHERE report = ? ORDER BY number DESC", report):
            secrets.append(age(secrets[-1], before)[53:85])
        # 4. R opens everything about the report. The card (kind 1), which the queue shows, is not JSON and adds nothing.
        for sealed, in ask("SELECT sealed FROM objects WHERE report = ? ORDER BY number", report):
            frame = next(opened for opened in (age(secret, sealed) for secret in secrets) if opened)
            if frame[5] != 1:
                print(json.dumps(json.loads(body(frame)), ensure_ascii=False, indent=1))


main()

#!/usr/bin/env python3
"""Checks ledgers without Kapea, with Python's standard library alone, and prints what they come to.

    python3 ledger.py FILE...

A file is what a ledger is read with, a blank line, and a line in hexadecimal for each statement, as docs/formats.md has them:

    of: team                              of: office
    ledger: ID                            ledger: ID
    recovery-key: KEY                     threshold: 2
    until: SECONDS                        custodian-1: KEY [KEY BEFORE, LAST DAY OF IT]
                                          custodian-2: ...
                                          channel: public
                                          until: SECONDS

Ids are hexadecimal, verify keys base64url. The last line says where the ledger ends; compare it with what the installation says.
"""
import base64, hashlib, math, re, sys
from datetime import date
from functools import lru_cache

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
LOW = {0, 1, P - 1, 325606250916557431795983626356110631294008115727848805560023387167927233504, 39382357235489614581723060781553021112529911719440698176882885853963445705823}


class Refused(Exception):
    pass


def must(condition, why):
    if not condition:
        raise Refused(why)


# Ed25519 (RFC 8032, 5.1), in extended coordinates. Keys and points of low order are refused, and S beyond the group's order.
def add(one, other):
    (a, b, c, d), (e, f, g, h) = one, other
    a, b, c, d = (b - a) * (f - e) % P, (b + a) * (f + e) % P, 2 * d * h * D % P, 2 * c * g % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    sum = (0, 1, 1, 0)
    while number:
        if number & 1:
            sum = add(sum, point)
        point, number = add(point, point), number >> 1
    return sum


def point(text):
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & 2**255 - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    found = x, y, 1, x * y % P
    return None if same(times(8, found), (0, 1, 1, 0)) else found


def same(one, other):
    return not ((one[0] * other[2] - other[0] * one[2]) % P or (one[1] * other[2] - other[1] * one[2]) % P)


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


@lru_cache(maxsize=None)
def verifies(key, message, signature):
    public, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if not public or not r or s >= ORDER:
        return False
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return same(times(s, BASE), add(r, times(hashed, public)))


@lru_cache(maxsize=None)
def is_recipient(text):
    """age1 and 32 bytes in Bech32 (BIP 173), in small letters; no point of low order."""
    if not re.fullmatch(f"age1[{BECH32}]{{58}}", text):
        return False
    data = [BECH32.index(letter) for letter in text[4:]]
    check = 1
    for value in [3, 3, 3, 0, 1, 7, 5] + data:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> i & 1 else 0
    number = 0
    for value in data[:52]:
        number = number << 5 | value
    u = int.from_bytes((number >> 4).to_bytes(32, "big"), "little")
    return check == 1 and number & 15 == 0 and u < P and u not in LOW


class Reader:
    """Borsh: little-endian numbers, lengths before texts and lists."""

    def __init__(self, bytes):
        self.rest = bytes

    def take(self, size):
        must(len(self.rest) >= size, "Malformed")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def number(self, size=4):
        return int.from_bytes(self.take(size), "little")

    def flag(self):
        flag = self.number(1)
        must(flag < 2, "Malformed")
        return flag == 1

    def text(self):
        try:
            return self.take(self.number()).decode()
        except UnicodeDecodeError:
            raise Refused("Malformed")

    def keys(self):
        recipient = self.text()
        must(is_recipient(recipient), "Malformed")
        return recipient, self.take(32)

    def generation(self):
        return self.number(), self.take(16), self.keys()

    def rules(self):
        return self.number(1), self.number(1)

    def end(self):
        must(not self.rest, "Malformed")


# What is read of each kind, in order.
TEAM = {
    1: ("flag", "keys", "flag", "generation"),
    2: ("id", "keys"),
    3: ("id",),
    4: ("id", "keys", "flag"),
    5: ("generation",),
    6: ("id", "option"),
    7: ("id", "flag"),
    8: ("rules",),
    9: ("rules",),
    10: (),
    11: ("flag",),
    12: ("keys",),
    13: ("keys", "key"),
}
OFFICE = {65: ("text", "id", "key", "key"), 66: ("id", "keys", "key")}


class Statement:
    def __init__(self, kept, kinds):
        must(len(kept) <= 8192, "Malformed")
        whole = Reader(kept)
        self.signed = whole.take(whole.number())
        count = whole.number()
        must(len(whole.rest) == 64 * count, "Malformed")
        self.signatures = [whole.take(64) for _ in range(count)]
        self.digest = hashlib.sha256(kept).digest()
        reader = Reader(self.signed)
        magic, suite = reader.take(4), reader.number(1)
        must(magic == b"STM1", "Malformed")
        must(suite == 1, f"UnknownSuite({suite})")
        must(len(self.signed) > 77, "Malformed")
        must(self.signed[77] in kinds, f"UnknownKind({self.signed[77]})")
        self.ledger, self.sequence, self.before = reader.take(16), reader.number(), reader.take(32)
        self.author, self.at, self.kind = reader.take(16), reader.number(), reader.number(1)
        part = {"id": lambda: reader.take(16), "key": lambda: reader.take(32), "option": lambda: reader.take(32) if reader.flag() else None}
        self.body = [part[name]() if name in part else getattr(reader, name)() for name in kinds[self.kind]]
        reader.end()

    def signed_by(self, keys):
        fits = len(keys) == len(self.signatures) and all(verifies(key, self.signed, one) for key, one in zip(keys, self.signatures))
        must(fits, "WrongSigner")


def at_least(rules, other):
    return rules[0] >= other[0] and rules[1] >= other[1]


def after(quarter, hours):
    return quarter + 1 + 4 * hours


class Team:
    kinds = TEAM

    def __init__(self, given):
        self.recovery_keys = [key(text) for text in given.get("recovery-key", "").split()]
        self.root = None

    def apply(self, it):
        if self.root is None:
            return self.found(it)
        it.signed_by(self.signers(it))
        self.rules, self.wish = self.in_force(it.at), self.waiting(it.at)
        self.at = it.at
        must(it.kind != 1, "OutOfOrder")
        names = "approve object admit rotate exit set_lead set_rules wish_rules stop set_recovery renew recover".split()
        getattr(self, names[it.kind - 2])(it, *it.body)

    def found(self, it):
        must(it.kind == 1, "OutOfOrder")
        self.is_audit, keys, lead, generation = it.body
        must(generation[0] == 1, "WrongGeneration")
        it.signed_by([keys[1], generation[2][1]])
        self.root, self.at = it.digest, it.at
        self.members, self.leads, self.led = {it.author: keys}, {it.author} if lead else set(), lead
        self.generations, self.must_rotate, self.recovery = [generation], False, True
        self.rules, self.wish, self.words = (1, 0), None, []

    def signers(self, it):
        newest = self.generations[-1][2][1]
        if it.kind == 13:
            must(it.body[1] in self.recovery_keys, "NoRecovery")
            return [it.body[1], newest]
        if it.kind == 6 and it.body[1] is not None:
            return [it.body[1]]
        own = self.member(it.author)[1]
        return {5: lambda: [own, newest, it.body[0][2][1]], 12: lambda: [own, it.body[0][1]]}.get(it.kind, lambda: [own])()

    def member(self, who):
        must(who in self.members, "NotAMember")
        return self.members[who]

    def may_lead(self, who):
        return who in self.members and (who in self.leads or not self.led)

    def must_lead(self, who):
        self.member(who)
        must(self.may_lead(who), "NotALead")

    def must_be_new(self, keys):
        must(all(keys[0] != other[0] and keys[1] != other[1] for other in self.members.values()), "KnownKeys")

    def in_force(self, now):
        """The rules that hold at a time: those set, or weaker ones that have waited for long enough where no other lead could agree."""
        if self.wish:
            rules, by, at = self.wish
            if not self.leads - {by} and self.may_lead(by) and after(at, max(self.rules[1], 24)) <= now:
                return rules
        return self.rules

    def waiting(self, now):
        return self.wish if self.wish and self.wish[0] != self.in_force(now) else None

    def approve(self, it, newcomer, keys):
        self.member(it.author)
        must(newcomer not in self.members, "WrongStanding")
        self.words = [word for word in self.words if word[:2] != (newcomer, it.author)]
        self.words.append((newcomer, it.author, keys, it.at))

    def forget(self, is_void):
        kept = [word for word in self.words if not is_void(word)]
        was, self.words = len(kept) < len(self.words), kept
        return was

    def object(self, it, newcomer):
        self.member(it.author)
        must(self.forget(lambda word: word[0] == newcomer), "WrongStanding")

    def admit(self, it, newcomer, keys, lead):
        self.member(it.author)
        must(newcomer not in self.members, "WrongStanding")
        if lead and self.leads:
            self.must_lead(it.author)
        approvals, hours = self.rules
        times = [word[3] for word in self.words if word[0] == newcomer and word[2] == keys]
        must(len(times) >= approvals, "TooFew")
        last = times[approvals - 1]
        must((after(last, hours) if hours else last) <= it.at, "TooEarly")
        self.let_in(newcomer, keys, lead)

    def let_in(self, who, keys, lead):
        self.must_be_new(keys)
        self.forget(lambda word: word[0] == who)
        self.members[who] = keys
        if lead:
            self.leads.add(who)
            self.led = True

    def rotate(self, it, generation):
        self.member(it.author)
        number, id, keys = generation
        must(number == self.generations[-1][0] + 1, "WrongGeneration")
        for _, old, known in self.generations:
            must(old != id and known[0] != keys[0] and known[1] != keys[1], "KnownKeys")
        self.generations.append(generation)
        self.must_rotate, self.words = False, []

    def exit(self, it, who, by):
        if by is None:
            self.member(it.author)
            must(it.author == who, "WrongSigner")
        is_in, is_lead = who in self.members, who in self.leads
        waited = self.forget(lambda word: word[0] == who)
        must(is_in or waited, "WrongStanding")
        self.forget(lambda word: word[1] == who)
        self.members.pop(who, None)
        self.leads.discard(who)
        if is_lead or (self.wish and self.wish[1] == who):
            self.wish = None
        self.must_rotate = self.must_rotate or is_in

    def set_lead(self, it, who, lead):
        self.must_lead(it.author)
        self.member(who)
        must((who in self.leads) != lead, "WrongStanding")
        must(lead or self.leads != {who}, "LastLead")
        (self.leads.add if lead else self.leads.discard)(who)
        self.led, self.wish = True, None

    def may_have(self, rules):
        must(rules[0] in (1, 2) and rules[1] <= 168 and rules[0] <= len(self.members), "InvalidRules")

    def set_rules(self, it, rules):
        self.may_have(rules)
        if at_least(rules, self.rules):
            self.must_lead(it.author)
        else:
            must(self.wish and self.wish[0] == rules, "WrongStanding")
            must(it.author in self.leads and it.author != self.wish[1], "NotALead")
        self.rules, self.wish = rules, None

    def wish_rules(self, it, rules):
        self.may_have(rules)
        self.must_lead(it.author)
        must(not at_least(rules, self.rules), "WrongStanding")
        self.wish = rules, it.author, it.at

    def stop(self, it):
        self.member(it.author)
        must(self.wish, "WrongStanding")
        self.wish = None

    def set_recovery(self, it, on):
        self.member(it.author)
        must(it.author in self.leads, "NotALead")
        must(self.recovery != on, "WrongStanding")
        self.recovery = on

    def renew(self, it, keys):
        self.member(it.author)
        self.must_be_new(keys)
        self.members[it.author] = keys

    def recover(self, it, keys, _):
        must(it.author not in self.members, "WrongStanding")
        must(self.recovery, "NoRecovery")
        self.let_in(it.author, keys, self.led and not self.leads)

    def lines(self):
        if self.root is None:
            return
        number, id, keys = self.generations[-1]
        yield f"root {self.root.hex()}"
        yield f"is_audit {say(self.is_audit)}"
        yield f"at {self.at * 900}"
        yield f"generation {number} {id.hex()} {say(keys)}"
        yield f"must_rotate {say(self.must_rotate)}"
        yield f"recovery {say(self.recovery)}"
        yield "rules %d after %d h" % self.in_force(self.at)
        if self.waiting(self.at):
            rules, by, at = self.wish
            yield "wish %d after %d h" % rules + f" by {by.hex()} at {at * 900}"
        for who, keys in sorted(self.members.items()):
            yield f"member {who.hex()} {say(keys)}" + " lead" * (who in self.leads)
        for newcomer, by, keys, at in sorted(self.words, key=lambda word: word[0]):
            yield f"word for {newcomer.hex()} {say(keys)} by {by.hex()} at {at * 900}"


class Office:
    kinds = OFFICE

    def __init__(self, given):
        self.threshold, self.channel = int(given["threshold"]), given["channel"]
        self.custodians, self.said = [], []
        for name in sorted(name for name in given if name.startswith("custodian-")):
            own, *before = given[name].split()
            # Each key with the day on which it no longer counts.
            days = [(date.fromisoformat(day) - date(1970, 1, 1)).days + 1 for day in before[1::2]]
            self.custodians.append([(key(own), math.inf), *zip(map(key, before[::2]), days)])

    def apply(self, it):
        it.signed_by([it.body[-1]])
        self.said.append((it.kind, tuple(it.body[:-1]), (it.body[-1], it.at // 96)))

    def decide(self, said):
        """The last thing that enough custodians said since the decision before it, as the last that they said."""
        before, current, last, newest = [], None, {}, None
        for choice, (by, day) in said:
            signs = lambda keys: any(by == own and day < end for own, end in keys)
            who = next((i for i, keys in enumerate(self.custodians) if signs(keys)), None)
            if who is None:
                continue
            last[who] = choice, by
            newest = choice, sorted(text(by) for other, by in last.values() if other == choice)
            if choice != current and 0 < self.threshold <= len(newest[1]):
                before, current = before + [current] * (current is not None), choice
                last = {who: word for who, word in last.items() if word[0] == choice}
        return before, current, newest

    def lines(self):
        charters = [(body[1:], by) for kind, body, by in self.said if kind == 65 and body[0] == self.channel]
        recovery = [(body, by) for kind, body, by in self.said if kind == 66]
        for name, said in ("charter", charters), ("recovery", recovery):
            show = lambda choice: f"{choice[0].hex()} {say(choice[1])}"
            before, current, newest = self.decide(said)
            yield from (f"{name} before {show(choice)}" for choice in before)
            if current:
                yield f"{name} current {show(current)}"
            if newest:
                yield f"{name} newest {show(newest[0])} by {' '.join(newest[1])}"


def key(text):
    return base64.urlsafe_b64decode(text + "=")


def text(key):
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def say(value):
    if isinstance(value, bool):
        return str(value).lower()
    return value.hex() if isinstance(value, bytes) else f"{value[0]} {text(value[1])}"


def check(file):
    """A line for each part of what the ledger comes to, then its end; or why it does not hold, with the number of the statement."""
    head, _, body = file.partition("\n\n")
    given = dict(line.split(": ", 1) for line in head.splitlines())
    ledger = (Office if given["of"] == "office" else Team)(given)
    number, digest, newest, until = 0, bytes(32), 0, int(given.get("until", 2**40)) // 900
    if not re.fullmatch("(([0-9a-f]{2})+\n)*", body):
        return ["refused Lines"]
    try:
        for line in body.splitlines():
            it = Statement(bytes.fromhex(line), ledger.kinds)
            must(it.ledger.hex() == given["ledger"], "OtherLedger")
            must(it.sequence == number + 1, "OutOfOrder")
            must(it.before == digest, "Forked")
            must(it.at >= newest, "BackDated")
            must(it.at <= max(until, newest), "FromTheFuture")
            ledger.apply(it)
            number, digest, newest = it.sequence, it.digest, it.at
    except Refused as refused:
        return [f"refused {number + 1} {refused}"]
    return [*ledger.lines(), f"head {number} {digest.hex()}"]


def main():
    held = True
    for name in sys.argv[1:]:
        with open(name) as file:
            lines = check(file.read())
        held = held and not lines[-1].startswith("refused ")
        print(f"{name}:", *lines, sep="\n")
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()

"""What the benchmarks in Python share: a `kapea demo` that runs, its people, and their codes."""
import base64, contextlib, hashlib, hmac, os, re, struct, subprocess, tempfile, time


def six_digits(secret):
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def people(table):
    """Handle, secret of the authenticator and passphrase of each account."""
    return re.findall(r"^  (\w+) +\w+ +([A-Z2-7]{32}) +([a-z]+(?: [a-z]+){5}) ", table, re.M)


def hidden(page):
    """The hidden fields of a page's forms."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def resident(process):
    """MiB in memory."""
    with open(f"/proc/{process.pid}/status") as status:
        kib = re.search(r"VmRSS:\s+(\d+)", status.read())[1]
    return int(kib) / 1024


# As fast as it can be, and all alike: what is measured is neither kept waiting nor set aside.
AT_ONCE = {"KAPEA_LIMITS__FORM_SECONDS": "0", "KAPEA_LIMITS__ALIKE_REPORTS": "0"}


@contextlib.contextmanager
def running(program, public, staff, environment=AT_ONCE):
    """The process, and what it printed of its accounts, once it serves."""
    ports = ["--public", f"127.0.0.1:{public}", "--staff", f"127.0.0.1:{staff}"]
    with tempfile.TemporaryFile("w+") as out:
        demo = subprocess.Popen([program, "demo", *ports], stdout=out, stderr=subprocess.DEVNULL, env=os.environ | environment)
        try:
            table = ""
            while "Ctrl-C" not in table:
                time.sleep(0.2)
                out.seek(0)
                table = out.read()
            yield demo, table
        finally:
            demo.terminate()
            demo.wait()

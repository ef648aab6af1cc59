"""One request as a browser without script makes it."""
import http.client, urllib.parse

KIND = {"content-type": "application/x-www-form-urlencoded", "accept-language": "en"}


def ask(port, path, fields=None, cookie=None):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = dict(KIND, **({"cookie": cookie} if cookie else {}))
    line.request("POST" if fields else "GET", path, urllib.parse.urlencode(fields) if fields else None, headers)
    answer = line.getresponse()
    page = answer.read().decode("utf-8", "replace")
    line.close()
    return answer, page

"""search.py - looks for pieces of values in what a program left behind, however they are spelled there.

A value is found when any so many bytes of one of its spellings in a row occur somewhere, so that a text that was cut,
wrapped or put together with others is found as well."""
import base64
import json
import urllib.parse
import xml.sax.saxutils

# Enough for what is made up at random: it does not occur by chance.
RANDOM = 8
# Of these a piece holds but a few bytes of the value, and what is written with sixteen digits does occur by chance.
SPARSE = {"hex", "HEX", "all escaped", "UTF-16"}
SPARSE_LEAST = 16


def _base64(value, shift):
    """What of base64 does not depend on what stands before (shift bytes) and behind."""
    text = base64.b64encode(b"\0" * shift + value)
    return text[(0, 2, 3)[shift]:(shift + len(value)) * 8 // 6]


def spellings(value):
    """(name, bytes) of each way to write the value."""
    text = value.decode("latin-1")
    unicode_text = value.decode("utf-8", "replace")
    upper = urllib.parse.quote(value, safe="").encode()
    seen = set()
    out = [("plain", value), ("lower case", value.lower()), ("upper case", value.upper()), ("backwards", value[::-1]),
           ("JSON", json.dumps(unicode_text)[1:-1].encode()),
           ("JSON in UTF-8", json.dumps(unicode_text, ensure_ascii=False)[1:-1].encode("utf-8", "replace")),
           ("XML", xml.sax.saxutils.escape(unicode_text, {'"': "&quot;"}).encode("utf-8", "replace")),
           ("URL", upper), ("URL in lower case", _lower_escapes(upper)),
           ("form", urllib.parse.quote_plus(value).encode()),
           ("URL twice", urllib.parse.quote(upper, safe="").encode()),
           ("all escaped", b"".join(b"%%%02X" % c for c in value)),
           ("hex", value.hex().encode()), ("HEX", value.hex().upper().encode()),
           ("UTF-16", text.encode("utf-16-le"))]
    for shift in range(3):
        plain = _base64(value, shift)
        out += [("base64", plain), ("base64 for URLs", plain.replace(b"+", b"-").replace(b"/", b"_")),
                ("base64 in a URL", urllib.parse.quote(plain, safe="").encode())]
    for name, spelled in out:
        if spelled not in seen and len(spelled) >= min(RANDOM, len(value)):
            seen.add(spelled)
            yield name, spelled


def _lower_escapes(text):
    parts = text.split(b"%")
    return parts[0] + b"".join(b"%" + p[:2].lower() + p[2:] for p in parts[1:])


class Left:
    """What was left behind: named texts."""

    def __init__(self):
        self.texts = []
        self._pieces = {}

    def add(self, name, data):
        self.texts.append((name, data))
        self._pieces = {}

    @property
    def size(self):
        return sum(len(data) for _, data in self.texts)

    def pieces(self, size):
        if size not in self._pieces:
            self._pieces[size] = {data[i:i + size] for _, data in self.texts for i in range(len(data) - size + 1)}
        return self._pieces[size]

    def where(self, piece):
        """(name, offset) of each text that has it."""
        return [(name, data.find(piece)) for name, data in self.texts if piece in data]


class Hit:
    """A piece of a value that was found."""

    def __init__(self, value, spelling, piece, places):
        self.value, self.spelling, self.piece, self.places = value, spelling, piece, places


def find(left, values, size=RANDOM, stride=1):
    """The hits of the values (bytes), one for each value, spelling and piece of so many bytes; what is shorter is
    looked for as a whole. A stride of N finds whatever has size + N - 1 bytes in a row."""
    for value in values:
        for name, spelled in spellings(value):
            own = max(size, SPARSE_LEAST) if name in SPARSE else size
            last = len(spelled) - own
            if last < 0 and name in SPARSE and len(spelled) < SPARSE_LEAST:
                continue
            if last < 0:
                places = left.where(spelled)
                if places:
                    yield Hit(value, name, spelled, places)
                continue
            found = {spelled[at:at + own] for at in list(range(0, last, stride)) + [last]
                     if b"%" not in spelled[max(0, at - 2):at]}  # not from the middle of an escape
            for piece in sorted(found & left.pieces(own)):
                yield Hit(value, name, piece, left.where(piece))

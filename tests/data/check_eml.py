"""Reads every .eml of a folder with Python's email package and complains."""

import email
import email.policy
import html.parser
import pathlib
import sys

BENEFITS = [
    "muscle tension and pain",
    "range of motion and flexibility",
    "stress and relaxation",
    "circulation and oxygen flow",
    "chronic pain conditions such as sciatica",
    "posture and athletic performance",
    "recovery from injuries or surgeries",
    "overall physical and mental well-being",
]


class Visible(html.parser.HTMLParser):
    """The text of a page that a reader sees, in order."""

    def __init__(self):
        super().__init__()
        self.words, self.hidden, self.items = [], 0, 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("style", "title", "head")
        self.items += tag == "li"

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "title", "head")

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(data)


def complaints(path):
    raw = path.read_bytes()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        for defect in part.defects:
            yield f"defect: {defect!r}"
        for name, value in part.items():
            for defect in getattr(value, "defects", []):
                yield f"defect in {name}: {defect!r}"
    parts = [part for part in message.walk() if not part.is_multipart()]
    types = [part.get_content_type() for part in parts]
    if types != ["text/plain", "text/html"]:
        yield f"parts are {types}"
        return
    text, page = (part.get_content() for part in parts)
    if len(page.encode()) >= 60_000:
        yield f"the HTML has {len(page.encode())} bytes"
    for what, body in [("text", text), ("html", page)]:
        if "{{" in body or "}}" in body:
            yield f"braces in the {what}"
        # A confirmation asks; there is nothing to leave yet.
        is_question = path.stem.endswith("-confirm")
        needed = ["/c/"] if is_question else ["/u/", "not medical advice"]
        for word in ["1 High Street", *needed]:
            if word not in body:
                yield f"no `{word}` in the {what}"
        if is_question and ("/u/" in body or message["List-Unsubscribe"]):
            yield "a confirmation that one can leave"
    visible = Visible()
    visible.feed(page)
    words = " ".join("".join(visible.words).split())
    if path.stem.endswith("-massage"):
        for what, body in [("text", " ".join(text.split())), ("html", words)]:
            for benefit in BENEFITS:
                if benefit not in body:
                    yield f"no `{benefit}` in the {what}"
        if visible.items < 8:
            yield f"{visible.items} list items"
    if any(len(line) > 998 for line in raw.split(b"\r\n")):
        yield "a line over 998 octets"
    if b"\n" in raw.replace(b"\r\n", b""):
        yield "a bare line feed"


def main():
    mails, found = 0, 0
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.eml")):
        mails += 1
        for complaint in complaints(path):
            found += 1
            print(f"{path.name}: {complaint}")
    print(f"{mails} mails, {found} complaints")
    sys.exit(found > 0)


main()

#!/usr/bin/env python3
"""Asks rust-analyzer about a sample crate, as an editor does: what a method of the client is, where it
is declared, what can be typed after `shop.`, and where the mistakes are.

Says "skipped" and succeeds where there is no rust-analyzer.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent / "sample"
METHODS = {"order", "all_orders", "session", "in_session"}


class Server:
    """rust-analyzer, spoken to in its protocol."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["rust-analyzer"], cwd=SAMPLE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.last = 0
        self.is_ready = False

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.process.stdout.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if length == 0:
            raise SystemExit("rust-analyzer went away")
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "experimental/serverStatus":
            self.is_ready = message["params"]["quiescent"]
        elif "id" in message and "method" in message:
            # The server asks for something that it can do without.
            self.send({"id": message["id"], "result": None})
        return message

    def ask(self, method, params):
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.last and "method" not in message:
                return message.get("result")

    def begin(self, target):
        self.ask("initialize", {
            "processId": None,
            "rootUri": SAMPLE.as_uri(),
            "capabilities": {"experimental": {"serverStatusNotification": True}, "textDocument": {
                "hover": {"contentFormat": ["markdown"]}, "diagnostic": {}, "completion": {},
            }},
            "initializationOptions": {"checkOnSave": False, "cargo": {"targetDir": target}},
        })
        self.send({"method": "initialized", "params": {}})
        while not self.is_ready:
            self.receive()


class Document:
    """A file of the sample, with questions about places in it."""

    def __init__(self, server, name):
        path = SAMPLE / "src" / name
        self.server, self.text, self.uri = server, path.read_text(), path.as_uri()
        self.lines = self.text.splitlines()
        server.send({"method": "textDocument/didOpen", "params": {"textDocument": {
            "uri": self.uri, "languageId": "rust", "version": 1, "text": self.text,
        }}})

    def at(self, text):
        """The place after a piece of text that stands in the file once."""
        line = next(at for at, line in enumerate(self.lines) if text in line)
        return {"line": line, "character": self.lines[line].index(text) + len(text)}

    def ask(self, question, place):
        return self.server.ask(f"textDocument/{question}", {"textDocument": {"uri": self.uri}, "position": place})

    def completions(self, after):
        found = self.ask("completion", self.at(after))
        items = found["items"] if isinstance(found, dict) else found or []
        return {re.split(r"[(…]", item["label"])[0] for item in items}

    def errors(self):
        params = {"textDocument": {"uri": self.uri}}
        found = self.server.ask("textDocument/diagnostic", params)["items"]
        return [(it["range"]["start"]["line"], it["message"]) for it in found if it.get("severity") == 1]


def check(name, is_good, shown):
    print(f"{'ok    ' if is_good else 'FAILED'} {name}" + ("" if is_good else f": {shown}"))
    return is_good


def whole(document):
    hover = (document.ask("hover", document.at("shop.or")) or {}).get("contents", {}).get("value", "")
    yield check("hovering shows what the method is for", "One order." in hover and "/orders/{id}" in hover, hover)
    found = document.ask("definition", document.at("shop.or")) or []
    lines = [place.get("range", place.get("targetSelectionRange"))["start"]["line"] for place in found]
    declared = document.at("async fn order")["line"]
    yield check("the definition is the method of the trait", declared in lines, found)
    names = document.completions("_orders = shop.")
    yield check("the methods are offered", METHODS <= names, names)
    yield check("nothing is wrong", document.errors() == [], document.errors())


def broken(document):
    names = document.completions("_orders = shop.")
    yield check("the methods are offered beside half a method", METHODS | {"user"} <= names, names)
    errors = document.errors()
    for at, line in enumerate(document.lines):
        if wanted := re.search(r"// error: (.*)", line):
            here = any(place == at and wanted[1] in message for place, message in errors)
            yield check(f"line {at + 1} says `{wanted[1]}`", here, errors)


def main():
    try:
        subprocess.run(["rust-analyzer", "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("skipped: there is no rust-analyzer here")
        return 0
    server = Server()
    try:
        with tempfile.TemporaryDirectory() as folder:
            server.begin(sys.argv[1] if len(sys.argv) > 1 else folder)
            results = [*whole(Document(server, "whole.rs")), *broken(Document(server, "broken.rs"))]
    finally:
        server.process.kill()
        server.process.wait()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

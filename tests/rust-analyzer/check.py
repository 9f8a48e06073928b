#!/usr/bin/env python3
"""Asks rust-analyzer about a sample crate, as an editor does: hover, definitions, rename, completion in code and in
attributes, diagnostics, and six half-typed states.

Prints "skipped" and succeeds if rust-analyzer is not installed.
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
    """A rust-analyzer process and its protocol."""

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
            raise SystemExit("rust-analyzer exited")
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "experimental/serverStatus":
            self.is_ready = message["params"]["quiescent"]
        elif "id" in message and "method" in message:
            # The server can work without what it asks for.
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
        self.server, self.uri, self.version = server, path.as_uri(), 1
        self.saved = path.read_text()
        self.show(self.saved)
        server.send({"method": "textDocument/didOpen", "params": {"textDocument": {
            "uri": self.uri, "languageId": "rust", "version": 1, "text": self.text,
        }}})

    def show(self, text):
        self.text, self.lines = text, text.splitlines()

    def edit(self, old, new):
        """Replaces a piece of the saved text, as typing does."""
        assert old in self.saved, old
        self.show(self.saved.replace(old, new, 1))
        self.version += 1
        self.server.send({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": self.uri, "version": self.version},
            "contentChanges": [{"text": self.text}],
        }})

    def at(self, text):
        """The place after a piece of text that is in the file once."""
        line = next(at for at, line in enumerate(self.lines) if text in line)
        return {"line": line, "character": self.lines[line].index(text) + len(text)}

    def ask(self, question, place, **more):
        params = {"textDocument": {"uri": self.uri}, "position": place, **more}
        return self.server.ask(f"textDocument/{question}", params)

    def hover(self, text):
        return (self.ask("hover", self.at(text)) or {}).get("contents", {}).get("value", "")

    def completions(self, after):
        found = self.ask("completion", self.at(after))
        items = found["items"] if isinstance(found, dict) else found or []
        return {re.split(r"[(… {]", item["label"])[0] for item in items}

    def errors(self):
        params = {"textDocument": {"uri": self.uri}}
        found = self.server.ask("textDocument/diagnostic", params)["items"]
        return [(it["range"]["start"]["line"], it["message"]) for it in found if it.get("severity") == 1]


def check(name, is_good, shown):
    print(f"{'ok    ' if is_good else 'FAILED'} {name}" + ("" if is_good else f": {shown}"))
    return is_good


def whole(document):
    hover = document.hover("shop.or")
    yield check("hovering a call shows its documentation", "One order." in hover and "/orders/{id}" in hover, hover)
    for word, text in [("(ba", "prefix of every path"), ("#[ge", "a `GET` request"), ("time", "limit of a whole call"),
                       ("#[que", "a query value"), ("bear", "Authorization"), ("(sta", "HTTP status")]:
        hover = document.hover(word)
        yield check(f"hovering `{word}..` in an attribute shows its page", text in hover, hover)
    hover = document.hover("let orde")
    yield check("the type of a call is shown as `Call`", "Call<String>" in hover, hover)
    found = document.ask("definition", document.at("shop.or")) or []
    lines = [place.get("range", place.get("targetSelectionRange"))["start"]["line"] for place in found]
    declared = document.at("async fn order")["line"]
    yield check("the definition is the method of the trait", declared in lines, found)
    renamed = document.ask("rename", document.at("async fn all_or"), newName="every_order") or {}
    changes = renamed.get("changes", {}).get(document.uri) or [
        edit for change in renamed.get("documentChanges", []) for edit in change["edits"]]
    lines = {edit["range"]["start"]["line"] for edit in changes}
    wanted = {document.at("async fn all_orders")["line"], document.at("shop.all_orders")["line"]}
    yield check("renaming a method renames its calls", wanted <= lines, renamed)
    names = document.completions("_orders = shop.")
    yield check("the methods are offered", METHODS <= names, names)
    hidden = {name for name in names if name.startswith("_") or name in ("call", "from_client", "as_client")}
    yield check("internal names are not offered", not hidden, hidden)
    yield check("there are no errors", document.errors() == [], document.errors())


HALF_TYPED = [
    # What is typed, the place, and what is offered there.
    ('timeout = "5s"', "tim", "tim", {"timeout"}),
    ("expired(status = 401)", "exp", ", exp", {"expired"}),
    ("status = 401", "sta", "expired(sta", {"status"}),
    ("#[query]", "#[que] ", "#[que", set()),
    ('#[get("/orders/{id}", timeout = "5s")]', '#[get("/orders/{id}", pub)]', ", pub", {"public"}),
    ("async fn order(&self, id: u64)", "async fn order(&self, id: )", None, set()),
]


def half_typed(document):
    for old, new, place, offered in HALF_TYPED:
        document.edit(old, new)
        if place and offered:
            names = document.completions(place)
            yield check(f"`{new}` is completed", offered <= names, sorted(names)[:40])
        names = document.completions("_orders = shop.")
        # A method with half a signature is not there.
        wanted = METHODS - {"order"} if "id: )" in new else METHODS
        yield check(f"beside `{new}` the methods are offered", wanted <= names, names)
    document.edit("", "")


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
            whole_file = Document(server, "whole.rs")
            results = [*whole(whole_file), *half_typed(whole_file), *broken(Document(server, "broken.rs"))]
    finally:
        server.process.kill()
        server.process.wait()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

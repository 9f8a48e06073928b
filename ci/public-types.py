#!/usr/bin/env python3
"""Says which crates of others the public API shows, and where. Fails on one that is not deliberate, and on a public item
that no example shows.

A new major version of a crate on this list is a new major version of perennial. The compiler's description
of the API (rustdoc's JSON) is not stable yet, so a new compiler may need a change here.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Each with the reason why users meet it.
DELIBERATE = {
    "bytes": "raw bodies",
    "futures_core": "streams: pages, events, lines, downloads",
    "http": "methods, statuses, headers, extensions",
    "http_body": "the body that a layer sees",
    "huskarl": "feature `oauth2`: the grants and the keys of a client",
    "huskarl_core": "feature `oauth2`: what a provider says of itself",
    "huskarl_crypto_native": "feature `oauth2`: the keys of clients and of assertions",
    "reqwest": "the HTTP client that a user may configure, and the body that a layer sees",
    "serde_core": "what is sent and received",
    "serde_json": "values and raw JSON",
    "tower": "the boxed service that layers are wrapped into",
    "tower_layer": "layers of a client",
    "tower_service": "the service that a layer wraps",
}
STANDARD = {"std", "core", "alloc"}
# What needs no example of its own, with the reason.
WITHOUT_EXAMPLE = {
    "bounds": "derives implement them, and the page of the module is a table of these",
    "declared": "plain data that the macro writes; the page of the module has an example",
    "serve": "named by generated code, except for `Serve`, `Service` and `service`",
}
SHOWN_OF_SERVE = {"Serve", "Service", "service"}
KINDS = {"struct", "enum", "trait", "function", "macro", "proc_macro", "type_alias"}


FEATURES = "cookies,gzip,tracing,xml,cbor,msgpack,serve,file,keyring,redis,encryption,oauth2,blocking"


def describe(package, *options):
    target = ROOT / "target" / "public-types"
    subprocess.run(
        ["cargo", "rustdoc", "--quiet", "--package", package, "--lib", *options,
         "--target-dir", target, "--", "-Z", "unstable-options", "--output-format", "json"],
        cwd=ROOT, check=True, env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
    return json.loads((target / "doc" / f"{package.replace('-', '_')}.json").read_text())


def referred(value):
    """The ids of all types and traits that a part of the description names."""
    if isinstance(value, dict):
        if "path" in value and isinstance(value.get("id"), int):
            yield value["id"]
        for part in value.values():
            yield from referred(part)
    elif isinstance(value, list):
        for part in value:
            yield from referred(part)


def kind(item):
    return next(iter(item["inner"]))


def items(api, module, path=()):
    """The public items, by the paths under which a program names them."""
    index = api["index"]
    for key in index[str(module)]["inner"]["module"]["items"]:
        item = index.get(str(key))
        if item is None:
            continue
        name, target = item["name"], item
        if kind(item) == "use":
            used = item["inner"]["use"]
            name, target = used["name"], index.get(str(used["id"]))
        if target is None or target["crate_id"] != 0:
            continue
        if kind(target) == "module":
            yield from items(api, target["id"], (*path, name))
        elif kind(target) in KINDS:
            yield (*path, name), target


def codes(item):
    """The code in the documentation of an item, without its hidden lines."""
    for block in (item.get("docs") or "").split("```")[1::2]:
        head, _, code = block.partition("\n")
        if head.strip() not in {"text", "toml", "json", "console", "http"}:
            yield "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("# "))


def has_example(api, item):
    """Whether an item or one of its own functions has an example."""
    inner, parts = item["inner"][kind(item)], []
    if kind(item) in {"struct", "enum"}:
        blocks = [api["index"].get(str(key)) for key in inner["impls"]]
        own = [block["inner"]["impl"] for block in blocks if block]
        parts = [key for block in own if block["trait"] is None for key in block["items"]]
    elif kind(item) == "trait":
        parts = inner["items"]
    parts = [api["index"].get(str(key)) for key in parts]
    return any(True for part in [item, *filter(None, parts)] for _ in codes(part))


def without_example(api):
    own = [item for item in api["index"].values() if item["crate_id"] == 0]
    shown = {word for item in own for code in codes(item) for word in re.findall(r"\w+", code)}
    for path, item in items(api, api["root"]):
        is_exempt = path[0] in WITHOUT_EXAMPLE and path[-1] not in SHOWN_OF_SERVE
        if not (is_exempt or path[-1] in shown or has_example(api, item)):
            yield "::".join(path)


def main():
    api = describe("perennial", "--features", FEATURES)
    kit = describe("perennial-test")
    missing = sorted({*without_example(api), *without_example(kit)})
    if missing:
        sys.exit("public-types: no example shows: " + ", ".join(missing))
    shown = {}
    for item in api["index"].values():
        implemented = item["inner"].get("impl")
        # What a foreign crate implements for all types is its own affair.
        if item["crate_id"] != 0 or implemented and (
                implemented["blanket_impl"] or implemented["is_synthetic"]):
            continue
        for key in referred(item["inner"]):
            path = api["paths"].get(str(key))
            if path and path["crate_id"] != 0:
                crate = api["external_crates"][str(path["crate_id"])]["name"]
                shown.setdefault(crate, set()).add("::".join(path["path"]))
    unexpected = sorted(shown.keys() - DELIBERATE.keys() - STANDARD)
    for crate in sorted(shown.keys() - STANDARD):
        print(f"{crate}: {DELIBERATE.get(crate, 'NOT DELIBERATE')}")
        for name in sorted(shown[crate]):
            print(f"    {name}")
    for crate in sorted(DELIBERATE.keys() - shown.keys()):
        print(f"public-types: {crate} is listed, and the public API does not show it", file=sys.stderr)
    if unexpected:
        sys.exit("public-types: not listed as deliberate: " + ", ".join(unexpected))


main()

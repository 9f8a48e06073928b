#!/usr/bin/env python3
"""Says which crates of others the public API shows, and where. Fails on one that is not deliberate.

A new major version of a crate on this list is a new major version of perennial. The compiler's description
of the API (rustdoc's JSON) is not stable yet, so a new compiler may need a change here.
"""

import json
import os
import pathlib
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


def describe():
    target = ROOT / "target" / "public-types"
    features = "cookies,gzip,tracing,xml,cbor,msgpack,serve,file,redis,encryption,oauth2"
    subprocess.run(
        ["cargo", "rustdoc", "--quiet", "--package", "perennial", "--lib", "--features", features,
         "--target-dir", target, "--", "-Z", "unstable-options", "--output-format", "json"],
        cwd=ROOT, check=True, env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
    return json.loads((target / "doc" / "perennial.json").read_text())


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


def main():
    api = describe()
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

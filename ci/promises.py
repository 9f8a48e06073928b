#!/usr/bin/env python3
"""Checks that each row of docs/promises.md names tests, and that each of them is a test."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/promises.md"


def source(binary, modules):
    """The file of a module of a test binary, or of the unit tests of the runtime."""
    if binary == "perennial":
        base = ROOT / "runtime/src"
        names = ["/".join(modules)]
    else:
        base = ROOT / "tests/tests"
        names = ["/".join([binary, *modules]), "/".join([binary, *modules, "main"])]
    files = [base / f"{name}{end}" for name in names for end in (".rs", "/mod.rs")]
    return next((file for file in files if file.is_file()), None)


def is_test(text, name):
    """Whether a function, or an item of a macro that makes tests, has this name."""
    functions = re.finditer(rf"((?:^ *(?:#\[.*\]|//.*)\n)*)^( *)(?:async )?fn {name}\(", text, re.M)
    for function in functions:
        if re.search(r"#\[(tokio::)?test\b", function[1]):
            return True
        # The macros take functions as they are: `cases! { async fn name() { .. } }`.
        opened = re.findall(r"^(cases|timed)! \{$|^(\})$", text[: function.start()], re.M)
        if function[2] == "    " and opened and opened[-1][0]:
            return True
    listed = re.search(rf"^    {name}:[^:]", text, re.M)
    return bool(listed) and "macro_rules!" in text and "#[test]" in text.replace("tokio::test", "test")


def errors():
    rows = [line for line in (ROOT / PAGE).read_text().splitlines() if line.startswith("| ")][1:]
    if not rows:
        yield f"{PAGE}: no rows"
    named = 0
    for row in rows:
        promise, tests = row.split(" | ")[0].lstrip("| "), row.rstrip(" |").split(" | ")[-1]
        paths = re.findall(r"`(\w+(?:::\w+)+)`", tests)
        if not paths:
            yield f"{PAGE}: no test is named for: {promise}"
        for path in paths:
            named += 1
            binary, *modules, name = path.split("::")
            file = source(binary, modules)
            if file is None:
                yield f"{PAGE}: no module of the test {path}"
            elif not is_test(file.read_text(), name):
                yield f"{PAGE}: no test {path} in {file.relative_to(ROOT)}"
    print(f"promises: {len(rows)} rows, {named} tests")


found = list(errors())
print("\n".join(found), file=sys.stderr)
sys.exit(bool(found))

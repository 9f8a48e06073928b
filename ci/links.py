#!/usr/bin/env python3
"""Checks the relative links of all Markdown files: the file exists, and so does the heading. The files of the runtime that
ARCHITECTURE.md names exist, too, and no page has the same chapter twice."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"(?<!`)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def prose(text):
    """The text without blocks and spans of code."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", lambda span: "x" * len(span[0]), text)


def anchors(path):
    """The anchors that a forge makes of the headings."""
    headings = re.findall(r"^#+ +(.*)$", re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M), re.M)
    seen = {}
    for heading in headings:
        anchor = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        yield f"{anchor}-{count}" if count else anchor


def broken(page):
    for target in LINK.findall(prose(page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists():
            yield f"{page.relative_to(ROOT)}: no file at {target}"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"{page.relative_to(ROOT)}: no heading at {target}"


def homeless():
    page = ROOT / "ARCHITECTURE.md"
    for name in re.findall(r"`([\w/-]+/[\w/-]+(?:\.rs)?)`", page.read_text()):
        places = [base / f"{name}{end}" for base in (ROOT, ROOT / "runtime/src", ROOT / "cli/src") for end in ("", ".rs")]
        if not any(place.exists() for place in places):
            yield f"{page.name}: nothing is at `{name}`"


def doubled(page):
    chapters = re.findall(r"^## +(.*)$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M), re.M)
    for chapter in sorted({chapter for chapter in chapters if chapters.count(chapter) > 1}):
        yield f"{page.relative_to(ROOT)}: the chapter \"{chapter}\" stands there twice"


tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, check=True, capture_output=True, text=True)
pages = [ROOT / name for name in tracked.stdout.split() if (ROOT / name).exists()]
errors = [error for page in pages for error in [*broken(page), *doubled(page)]] + list(homeless())
print("\n".join(errors), file=sys.stderr)
print(f"links: {len(pages)} pages, {len(errors)} errors")
sys.exit(bool(errors))

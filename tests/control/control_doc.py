#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The reference part of docs/control.md, made from src/control/variables.def.

control_doc.py ROOT          fails if the page and the table differ
control_doc.py ROOT --write  rewrites the reference part of the page
"""
import ast
import difflib
import pathlib
import re
import sys

BEGIN = "<!-- variables: begin (tests/control/control_doc.py --write) -->"
END = "<!-- variables: end -->"
ROW = re.compile(r'NTP_(SYSTEM|PEER|CLOCK)_VARIABLE\((\w+), (\d+), (\w+), (.*), ("(?:[^"\\]|\\.)*")\)')
TITLES = {"SYSTEM": "The system (association 0)", "PEER": "Associations", "CLOCK": "Reference clocks"}
FORMATS = {
    "number": "number",
    "hex": "hexadecimal",
    "general": "number",
    "milliseconds": "ms, 3 decimals",
    "fine_milliseconds": "ms, 6 decimals",
    "ppm": "ppm, 3 decimals",
    "seconds": "whole seconds",
    "stamp": "0xSECONDS.FRACTION since 1900",
    "date": "YYYYMMDDhhmm (UTC)",
    "word": "word",
    "quoted": '"text"',
    "text": '"text"',
    "stages": "8 numbers, ms",
    "names": '"names"',
    "absent": "never told",
}


def read_table(text):
    rows = {kind: [] for kind in TITLES}
    lines = [line for line in text.splitlines() if line.startswith("NTP_")]
    for line in lines:
        match = ROW.fullmatch(line)
        if match is None:
            sys.exit(f"control_doc.py: this row of the table can't be read:\n{line}")
        kind, name, place, shape, _, meaning = match.groups()
        rows[kind].append((name, int(place), shape, ast.literal_eval(meaning)))
    for kind, entries in rows.items():
        places = sorted(place for _, place, _, _ in entries if place)
        names = [name for name, *_ in entries]
        if places != list(range(1, len(places) + 1)) or len(set(names)) != len(names):
            sys.exit(f"control_doc.py: {kind}: places must be 1 to their number, names must differ")
    return rows


def reference(rows):
    out = []
    for kind, title in TITLES.items():
        out += ["", f"### {title}", "", "| name | told unasked, as number | format | meaning |", "|---|---|---|---|"]
        for name, place, shape, meaning in rows[kind]:
            out.append(f"| `{name}` | {place or '-'} | {FORMATS[shape]} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(out) + "\n\n"


def main():
    root = pathlib.Path(sys.argv[1])
    page = root / "docs/control.md"
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN + "\n")
    _, mark, tail = rest.partition(END)
    if not mark:
        sys.exit(f"{page}: the marks that say where the tables go are missing")
    table = (root / "src/control/variables.def").read_text(encoding="utf-8")
    wanted = head + BEGIN + "\n" + reference(read_table(table)) + END + tail
    if "--write" in sys.argv[2:]:
        page.write_text(wanted, encoding="utf-8")
    elif wanted != text:
        print("".join(difflib.unified_diff(text.splitlines(True), wanted.splitlines(True), "docs/control.md", "variables.def")))
        sys.exit("docs/control.md differs from the table: run tests/control/control_doc.py . --write")


if __name__ == "__main__":
    main()

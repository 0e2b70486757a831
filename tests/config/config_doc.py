#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The reference part of docs/config.md, made from src/config/commands.def.

config_doc.py ROOT          fails if the page and the table differ
config_doc.py ROOT --write  rewrites the reference part of the page
"""
import ast
import difflib
import pathlib
import re
import sys

BEGIN = "<!-- reference: begin (tests/config/config_doc.py --write) -->"
STARTS = {"refuses_start": "refused", "refuses_if_faulty": "goes on; a faulty line refuses it"}
END = "<!-- reference: end -->"


def fields(arguments):
    """The fields of a macro call: strings without quotes, all else as written."""
    parts = re.findall(r'"(?:[^"\\]|\\.)*"|[^,"]+', arguments)
    parts = [p.strip() for p in parts if p.strip()]
    return [ast.literal_eval(p) if p.startswith('"') else p for p in parts]


def read_table(text):
    commands, options = [], []
    for line in text.splitlines():
        if match := re.fullmatch(r"NTP_COMMAND\((.*)\)", line):
            commands.append(dict(zip(("name", "status", "safety", "options", "synopsis", "meaning", "note"), fields(match[1]))))
        elif match := re.fullmatch(r"NTP_OPTION\((.*)\)", line):
            names = ("options", "name", "status", "safety", "value", "low", "high", "unit", "default", "meaning", "note")
            options.append(dict(zip(names, fields(match[1]))))
    assert commands and options and all("note" in e for e in commands + options), "the table can't be read"
    return commands, options


def cell(text):
    return text.replace("|", "\\|")


def number(text):
    value = float(text)
    return str(int(value)) if value == int(value) else text


def value_text(option):
    if option["value"] == "none":
        return "-"
    if option["value"] == "text":
        return option["unit"] or "a word"
    if option["value"] == "boolean":
        return "0 or 1"
    unit = f", {option['unit']}" if option["unit"] else ""
    return f"{number(option['low'])} to {number(option['high'])}{unit}"


def reference(commands, options):
    out = ["## Commands that work", "", "| command | meaning | a faulty line costs |", "|---|---|---|"]
    for c in commands:
        if c["status"] == "works":
            cost = "the start" if c["safety"].startswith("refuses") else "the line"
            out.append(f"| `{cell(c['synopsis'])}` | {cell(c['meaning'])} | {cost} |")
    groups = {"association": "server and pool", "enable": "enable and disable", "restrict": "restrict and unrestrict"}
    for group in dict.fromkeys(o["options"] for o in options):
        working = [o for o in options if o["options"] == group and o["status"] == "works"]
        if not working:
            continue
        out += ["", f"### Options of {groups.get(group, group)}", "", "| option | value | default | meaning |", "|---|---|---|---|"]
        out += [f"| `{o['name']}` | {value_text(o)} | {o['default'] or '-'} | {cell(o['meaning'])} |" for o in working]
    out += ["", "## Named, but not part of this version", "",
            "`ntpd --check-config` exits 1 on these; the daemon starts without them, except where the last column says otherwise.", "",
            "| command | meaning | what it costs | start |", "|---|---|---|---|"]
    for c in commands:
        if c["status"] == "later":
            start = STARTS.get(c["safety"], "goes on")
            out.append(f"| `{c['name']}` | {cell(c['meaning'])} | {cell(c['note'])} | {start} |")
    out += ["", "### Options", "", "| of | option | meaning | what it costs |", "|---|---|---|---|"]
    for o in options:
        if o["status"] == "later":
            loss = "; the association is not started" if o["safety"] == "withholds_association" else ""
            out.append(f"| {groups.get(o['options'], o['options'])} | `{o['name']}` | {cell(o['meaning'])} | {cell(o['note'])}{loss} |")
    out += ["", "## Obsolete: accepted with a notice", "", "| word | meaning | notice |", "|---|---|---|"]
    out += [f"| `{e['name']}` | {cell(e['meaning'])} | {cell(e['note'])} |" for e in commands + options if e["status"] == "obsolete"]
    return "\n".join(out) + "\n"


def main():
    root = pathlib.Path(sys.argv[1])
    page = root / "docs/config.md"
    wanted = reference(*read_table((root / "src/config/commands.def").read_text()))
    text = page.read_text()
    head, begin, rest = text.partition(BEGIN + "\n")
    found, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page}: expected the lines {BEGIN} and {END}")
    if "--write" in sys.argv[2:]:
        page.write_text(head + begin + wanted + end + tail)
        return
    difference = list(difflib.unified_diff(found.splitlines(), wanted.splitlines(), "docs/config.md", "commands.def", lineterm=""))
    if difference:
        print("\n".join(difference))
        sys.exit("docs/config.md differs from the table: run tests/config/config_doc.py . --write")


if __name__ == "__main__":
    main()

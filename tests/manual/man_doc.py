#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares the manual pages with the programs and with the table of commands.

man_doc.py options PAGE PROGRAM   every option of PROGRAM --help is an item of PAGE, and the other way round
man_doc.py config ROOT            docs/man/ntp.conf.5 says what src/config/commands.def says
man_doc.py config ROOT --write    rewrites the reference part of that page
"""
import difflib
import importlib.util
import pathlib
import re
import sys

import help_options

BEGIN = '.\\" reference: begin (tests/manual/man_doc.py config . --write)\n'
END = '.\\" reference: end\n'


def options_of_page(text):
    """The flags of every .It line: `.It Fl c , Fl -configfile Ar FILE`."""
    found = set()
    for line in re.findall(r"^\.It (.*)$", text, re.M):
        found |= {f"-{word}" for word in re.findall(r"\bFl (\S+)", line)}
    return found


def compare_options(page, program):
    described = options_of_page(pathlib.Path(page).read_text("utf-8"))
    named = help_options.of_program(program)
    problems = [f"{option} is in --help, but not in {page}" for option in sorted(named - described)]
    problems += [f"{option} is in {page}, but not in --help" for option in sorted(described - named)]
    if len(named) < 5:
        problems.append(f"only {len(named)} options found in --help: {sorted(named)}")
    sys.exit("\n".join(problems) or 0)


def _table(root):
    spec = importlib.util.spec_from_file_location("config_doc", root / "tests/config/config_doc.py")
    config_doc = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(config_doc)
    return config_doc, *config_doc.read_table((root / "src/config/commands.def").read_text("utf-8"))


def _roff(text):
    return text.replace("\\", "\\e").replace("-", "\\-")


def _sentence(text):
    return _roff(text[0].upper() + text[1:]) + "."


def reference(root):
    """The commands that work and their options, as a list of mdoc."""
    config_doc, commands, options = _table(root)
    out = [".Bl -tag -width Ds"]
    first_of = {}
    for command in commands:
        if command["status"] != "works":
            continue
        name, *rest = command["synopsis"].split(" ", 1)
        out += [f".It Ic {name}" + (f" No {_roff(rest[0])}" if rest else ""), _sentence(command["meaning"])]
        if command["safety"].startswith("refuses"):
            out.append("A faulty line refuses the start.")
        working = [o for o in options if o["options"] == command["options"] and o["status"] == "works"]
        first = first_of.setdefault(command["options"], name)
        if working and first != name:
            out.append(f"The options are those of\n.Ic {first} .")
        elif working:
            out.append(".Bl -tag -width Ds")
            for option in working:
                value = config_doc.value_text(option)
                out.append(f".It Cm {option['name']}" + ("" if value == "-" else f" No {_roff(value)}"))
                standard = f" Default: {_roff(option['default'])}." if option["default"] else ""
                out.append(_sentence(option["meaning"]) + (f"\n{standard.strip()}" if standard else ""))
            out.append(".El")
    return "\n".join([*out, ".El"]) + "\n"


def compare_config(root, is_written):
    page = root / "docs/man/ntp.conf.5"
    head, begin, rest = page.read_text("utf-8").partition(BEGIN)
    found, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page}: expected the lines {BEGIN}{END}")
    wanted = reference(root)
    if is_written:
        page.write_text(head + begin + wanted + end + tail, "utf-8")
    elif found != wanted:
        print("\n".join(difflib.unified_diff(found.splitlines(), wanted.splitlines(), "ntp.conf.5", "commands.def", lineterm="")))
        sys.exit("docs/man/ntp.conf.5 differs from the table: run tests/manual/man_doc.py config . --write")


def main():
    if sys.argv[1] == "options":
        compare_options(sys.argv[2], sys.argv[3])
    else:
        compare_config(pathlib.Path(sys.argv[2]), "--write" in sys.argv[3:])


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# Checks the rules of docs/design/architecture.md and docs/design/style.md that can be read off the tree, and prints
# every breach as "file:line: what: why". Exit status 1 if there is one.
"""Include edges, OS headers, clock reads, sizes, licence lines and left-over words."""

import argparse
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import cpp_text

MOST_FILE_LINES = 600
MOST_FUNCTION_LINES = 100
LICENCE = "SPDX-License-Identifier: BSD-2-Clause"

LEFT_OUT_FOLDERS = {"build", ".git", ".cache", "__pycache__"}
LEFT_OUT_PATHS = ("tests/data/", "fuzz/corpus/")
CODE_SUFFIXES = {".cc", ".h", ".py", ".sh", ".cmake"}
LICENSED_SUFFIXES = CODE_SUFFIXES | {".def"}
CODE_NAMES = {"CMakeLists.txt", "dev", "run"}

FIRST_IMPURE_FLOOR = 5
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]')
OS_HEADER = re.compile(
    r"(?:(?:sys|net|netinet|netinet6|arpa|linux|asm|netpacket|scsi)/.*|[a-z0-9_]+\.h"
    r"|csignal|ctime|thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token"
    r"|fstream|iostream|filesystem|chrono|random)"
)
CLOCK_HEADER = re.compile(r"(?:sys/(?:time|timex|timerfd|times|random)\.h|time\.h|ctime|chrono|random|thread)")
FOLDERS_WITH_ATOMICS = {"policy", "state"}
CLOCK_READ = re.compile(
    r"\b(?:clock_gettime|clock_getres|clock_settime|clock_adjtime|gettimeofday|settimeofday|adjtimex?|ntp_adjtime"
    r"|ntp_gettime|timespec_get|nanosleep|usleep|s?rand|rand_r|[dlm]rand48|getrandom|arc4random(?:_\w+)?)\s*\("
    r"|\btime\s*\(\s*(?:NULL|nullptr|0|&\w+)\s*\)"
    r"|\brandom_device\b"
    r"|\b\w+_clock::now\b"
)
# In floors 0-4 nobody has a now() to call; the simulator's World has one, of its own time.
NOW_CALL = re.compile(r"\bnow\s*\(\s*\)")
# A comparison that stops at the first difference tells by its time how much of a forged digest is right.
HASTY_COMPARISON = re.compile(
    r"(?<![A-Za-z_])(?:std::)?(?:memcmp|bcmp)\s*\("
    r"|\b(?:\w*_)?digest_?(?:\(\))?\s*[!=]="
    r"|[!=]=\s*(?:[\w.]|->)*\bdigest_?\b(?!\w)"
    r"|\bequal\s*\([^;]*\bdigest_?\b"
)
# Written in halves, so that this file does not hold them.
LEFT_OVER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")


@dataclass(frozen=True, order=True)
class Breach:
    """One broken rule: where, what, and why the rule exists."""

    path: str
    line: int
    what: str
    why: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}: {self.why}"


class Floors:
    """tests/tidy/deps.txt: the folders of src/, their floors, and the edges allowed between them."""

    PATH = "tests/tidy/deps.txt"

    def __init__(self, root):
        self.floor_of = {}
        self.allowed = {}
        self.breaches = []
        lines_of = {}
        floor = None
        for number, line in enumerate((root / self.PATH).read_text(encoding="utf-8").splitlines(), 1):
            line = line.split("#")[0].strip()
            if match := re.fullmatch(r"\[floor (\d+)\]", line):
                floor = int(match.group(1))
            elif (match := re.fullmatch(r"([a-z0-9_/-]+):((?:\s+[a-z0-9_/]+)*)", line)) and floor is not None:
                self.floor_of[match.group(1)] = floor
                self.allowed[match.group(1)] = match.group(2).split()
                lines_of[match.group(1)] = number
            elif line:
                self._add(number, f"'{line}' is neither '[floor N]' nor 'folder: folders'", "the build reads this file too")
        for folder, targets in self.allowed.items():
            for target in targets:
                if target not in self.floor_of:
                    self._add(lines_of[folder], f"unknown folder '{target}'", "a folder is declared before it is used")
                elif self.floor_of[target] > self.floor_of[folder]:
                    self._add(lines_of[folder], f"{folder} may not include {target}", "includes point down")

    def _add(self, line, what, why):
        self.breaches.append(Breach(self.PATH, line, what, why))

    def folder_of(self, path):
        """The declared folder that holds `path` (relative to src/), or None."""
        parts = path.split("/")[:-1]
        while parts and "/".join(parts) not in self.floor_of:
            parts.pop()
        return "/".join(parts) or None

    def is_pure(self, folder):
        return self.floor_of[folder] < FIRST_IMPURE_FLOOR


def includes(text):
    """(line, bracket, target) of every #include."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match.group(1), match.group(2)


def check_include_edges(path, text, floors):
    relative = path.removeprefix("src/")
    folder = floors.folder_of(relative)
    if folder is None:
        yield Breach(path, 1, "folder is not in tests/tidy/deps.txt", "every folder of src/ has a floor and its edges")
        return
    for line, bracket, target in includes(text):
        if bracket == "<":
            continue
        other = floors.folder_of(target)
        if other is None:
            yield Breach(path, line, f'"{target}" names no folder of src/', 'own headers are included as "folder/x.h"')
        elif other != folder and other not in floors.allowed[folder]:
            yield Breach(path, line, f"{folder} includes {other}", "tests/tidy/deps.txt does not allow this edge")


def check_os_headers(path, text, floors):
    folder = floors.folder_of(path.removeprefix("src/"))
    if folder is None or path.endswith("_test.cc"):
        return
    for line, bracket, target in includes(text):
        if bracket != "<":
            continue
        if floors.is_pure(folder):
            if OS_HEADER.fullmatch(target):
                yield Breach(path, line, f"<{target}> in {folder}", "floors 0-4 touch no clock, thread, file or socket")
            elif target == "atomic" and folder not in FOLDERS_WITH_ATOMICS:
                yield Breach(path, line, f"<atomic> in {folder}", "of floors 0-4 only policy and state share memory")
        elif folder == "sim" and CLOCK_HEADER.fullmatch(target):
            yield Breach(path, line, f"<{target}> in sim", "a simulation depends on its seed alone")


def check_clock_reads(path, text, floors):
    folder = floors.folder_of(path.removeprefix("src/"))
    if folder is None or not (floors.is_pure(folder) or folder == "sim"):
        return
    for number, line in enumerate(cpp_text.code_only(text).splitlines(), 1):
        match = CLOCK_READ.search(line) or (floors.is_pure(folder) and NOW_CALL.search(line))
        if match:
            what = " ".join(match.group(0).split()).rstrip("(")
            yield Breach(path, number, f"{what} in {folder}", "time and randomness come in as arguments")


def check_comparisons(path, text):
    if path.endswith("_test.cc"):
        return
    for number, line in enumerate(cpp_text.code_only(text).splitlines(), 1):
        if match := HASTY_COMPARISON.search(line):
            what = f"'{' '.join(match.group(0).split())}'"
            yield Breach(path, number, what, "digests are compared in constant time (MacWorkspace::verify, CRYPTO_memcmp)")


def check_file_size(path, text):
    count = len(text.splitlines())
    if count > MOST_FILE_LINES:
        yield Breach(path, count, f"{count} lines", f"a file has one idea and at most {MOST_FILE_LINES} lines; split it")


def check_function_size(path, text):
    for function in cpp_text.functions(text):
        if function.lines > MOST_FUNCTION_LINES:
            what = f"{function.name} has {function.lines} lines"
            yield Breach(path, function.line, what, f"a function fits a screen, and has at most {MOST_FUNCTION_LINES}")


def check_licence(path, text):
    if LICENCE not in "\n".join(text.splitlines()[:2]):
        yield Breach(path, 1, f"no '{LICENCE}' in the first two lines", "every file says under which licence it stands")


def check_pragma_once(path, text):
    if not re.search(r"^#pragma once$", text, re.MULTILINE):
        yield Breach(path, 1, "no '#pragma once'", "a header can be included twice")


def check_left_overs(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if match := LEFT_OVER.search(line):
            yield Breach(path, number, f"'{match.group(0)}'", "unfinished work is an issue, not a comment")


def tree(root):
    """Every text file below root as (path relative to root, text), sorted."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT_FOLDERS)
        for name in sorted(names):
            path = Path(folder, name)
            relative = path.relative_to(root).as_posix()
            if relative.startswith(LEFT_OUT_PATHS) or not path.is_file():
                continue
            raw = path.read_bytes()
            if b"\0" not in raw:
                yield relative, raw.decode("utf-8", "replace")


def check_tree(root):
    """All breaches below root, sorted by place."""
    root = Path(root)
    floors = Floors(root)
    breaches = list(floors.breaches)
    for path, text in tree(root):
        name = path.rsplit("/", 1)[-1]
        suffix = Path(name).suffix
        if suffix in CODE_SUFFIXES or name in CODE_NAMES:
            breaches += check_file_size(path, text)
        if suffix in LICENSED_SUFFIXES or name in CODE_NAMES:
            breaches += check_licence(path, text)
        if suffix == ".h":
            breaches += check_pragma_once(path, text)
        if suffix in {".cc", ".h"}:
            breaches += check_function_size(path, text)
            if path.startswith("src/"):
                breaches += check_include_edges(path, text, floors)
                breaches += check_os_headers(path, text, floors)
                breaches += check_clock_reads(path, text, floors)
                breaches += check_comparisons(path, text)
        breaches += check_left_overs(path, text)
    return sorted(breaches)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2], help="the tree to check")
    breaches = check_tree(parser.parse_args().root)
    for breach in breaches:
        print(breach)
    print(f"{len(breaches)} breaches" if breaches else "the tree is tidy")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())

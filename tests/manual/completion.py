#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""completion.py FILE PROGRAM: sources a bash completion and compares what it completes with PROGRAM --help."""
import pathlib
import shutil
import subprocess
import sys

import help_options

SKIPPED = 77
SCRIPT = """source "$1"; name=$2; shift 2
COMP_WORDS=("$name" "$@"); COMP_CWORD=$#
"_$name"; printf '%s\\n' "${COMPREPLY[@]}" """
# (words after the program's name, what must be among the answers); the rest follows from --help
CASES = {"ntpd": ((["--wor"], ["--workers"]), (["--check-config", "--js"], ["--json"]), (["--workers", ""], []),
                  (["-u", "roo"], ["root"]), (["-i", "/et"], ["/etc"]), (["-c", "/etc/pass"], ["/etc/passwd"]),
                  (["--saveconfigquit", "/etc/pass"], ["/etc/passwd"]), (["--savec"], ["--saveconfigquit"])),
         "ntpsim": ((["--plot"], ["--plot-data"]), (["--seed", "-"], []), (["/etc/pass"], ["/etc/passwd"]))}


def completed(file, name, words):
    done = subprocess.run(["bash", "--norc", "-c", SCRIPT, "bash", file, name, *words], capture_output=True, text=True, timeout=20)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"{name} {words}: status {done.returncode}: {done.stderr}")
    return [line for line in done.stdout.splitlines() if line]


def main():
    file, program = sys.argv[1:]
    if not shutil.which("bash"):
        print("SKIPPED: there is no bash here")
        return SKIPPED
    name = pathlib.Path(file).name
    for words, wanted in CASES[name]:
        found = completed(file, name, words)
        if not set(wanted) <= set(found) or (not wanted and found):
            sys.exit(f"{name} {' '.join(words)}: expected {wanted}, got {found}")
    offered = set(completed(file, name, ["--"]))
    named = {option for option in help_options.of_program(program) if option.startswith("--")}
    if offered != named:
        sys.exit(f"{file} and --help differ in {sorted(offered ^ named)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

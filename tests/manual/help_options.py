# SPDX-License-Identifier: BSD-2-Clause
"""The options that a program's --help names."""

import re
import subprocess


def of_program(program):
    """{"-c", "--configfile", ...}: every option word of --help's option lines."""
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True, timeout=20).stdout
    found = set()
    for line in text.splitlines():
        # An option line begins with options; what follows two spaces is what they mean.
        if re.match(r"\s+-", line):
            words = re.split(r"\s{2,}", line.strip())[0]
            found |= set(re.findall(r"(?<![\w-])--?[A-Za-z0-9?][\w-]*", words))
    return found

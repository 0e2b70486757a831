# SPDX-License-Identifier: BSD-2-Clause
#
# Reads C++ as text: blanks out comments and literals, finds functions by counting braces. A heuristic for a tree that
# clang-format keeps in shape, not a parser.
"""C++ text without comments and literals, and the functions in it."""

import re
from dataclasses import dataclass

_BLANKED = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.MULTILINE)
_SCOPE = re.compile(r"(?:inline\s+)?(?:typedef\s+)?(?:namespace|class|struct|union|enum)\b")
_CALL = re.compile(r"(~?\w+)\s*\(")


@dataclass(frozen=True)
class Function:
    """A function's name, the line of its first word, and how many lines it has up to its closing brace."""

    name: str
    line: int
    lines: int


def _spaces(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def code_only(text):
    """The text with comments and literals as spaces; every line stays where it was."""
    return _BLANKED.sub(_spaces, text)


def _top_level(header):
    """The header without what stands in parentheses (which stay, empty) and without template arguments."""
    out = []
    depth = 0
    for char in header:
        if char == ")":
            depth -= 1
        if depth == 0:
            out.append(char)
        if char == "(":
            depth += 1
    return "".join(out)


def _function_name(header):
    """The name of the function that this header opens a body for, or None where it opens something else."""
    header = re.sub(r"\[\[.*?\]\]", " ", header, flags=re.DOTALL).strip()
    header = re.sub(r"^(?:template\s*<[^{}]*?>\s*(?:requires\b[^{}]*?\)\s*)?)+(?=\w)", "", header)
    header = re.sub(r"\boperator\s*(?:\(\s*\)|\[\s*\]|[^\s\w(]+)", "operator_", header)
    if "(" not in header or _SCOPE.match(header):
        return None
    flat = _top_level(header)
    is_lambda = re.search(r"=\s*\[", flat) is not None
    if "=" in flat and not is_lambda:
        return None
    if is_lambda:
        return re.search(r"(\w+)\s*=\s*\[", flat).group(1)
    match = _CALL.search(flat)
    if match is None:
        return None
    if match.group(1).startswith("TEST") or match.group(1).startswith("RC_GTEST"):
        return " ".join(header.split())
    return match.group(1)


def functions(text):
    """Every outermost function of a file; lambdas and local classes count as part of the function they stand in."""
    code = _DIRECTIVE.sub(_spaces, code_only(text))
    found = []
    closers = []  # for each open brace: None, or (name, first line) of the function that it closes
    inside = 0  # how many open braces belong to functions and what they hold
    header_start = 0
    parens = 0
    for index, char in enumerate(code):
        if char in "()":
            parens += 1 if char == "(" else -1
        elif char == "{":
            name = None
            # "member_{value}" in a constructor's list, or "Type{...}": no body, and the header goes on.
            is_initialiser = inside == 0 and (parens > 0 or re.match(r"[\w>\])]", code[index - 1 : index] or " "))
            if inside == 0 and not is_initialiser:
                name = _function_name(code[header_start:index])
            if name is not None:
                first = header_start + len(code[header_start:index]) - len(code[header_start:index].lstrip())
                closers.append((name, code.count("\n", 0, first) + 1))
            else:
                closers.append("initialiser" if is_initialiser else None)
            if name is not None or inside > 0 or is_initialiser:
                inside += 1
            else:
                header_start = index + 1
        elif char == "}" and closers:
            closer = closers.pop()
            if inside > 0:
                inside -= 1
            if isinstance(closer, tuple):
                last = code.count("\n", 0, index) + 1
                found.append(Function(closer[0], closer[1], last - closer[1] + 1))
            if inside == 0 and closer != "initialiser":
                header_start = index + 1
                parens = 0
        elif char == ";" and inside == 0 and parens == 0:
            header_start = index + 1
        elif char == ":" and inside == 0 and re.search(r"\b(?:public|private|protected)\s*$", code[header_start:index]):
            header_start = index + 1
    return found

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A tool's table of options (src/tools/NAME/options.def) makes its manual page's list of options and its completions.

tool_doc.py check ROOT NAME                      docs/man/NAME.* and completions/*/NAME say what the table says
tool_doc.py check ROOT NAME --write              rewrites them (the page between its two marks)
tool_doc.py help ROOT NAME PROGRAM               PROGRAM --help names the table's options, and --version works
tool_doc.py complete ROOT NAME bash|zsh          the shell offers exactly the table's options
tool_doc.py zsh ROOT NAME PROGRAM                of a program without a table: zsh offers exactly the long options of --help
"""
import difflib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import help_options

SKIPPED = 77
BEGIN = '.\\" options: begin (tests/manual/tool_doc.py check . {name} --write)\n'
END = '.\\" options: end\n'
OWN = (("?", "help", "", "print the options"), ("", "version", "", "print the version"))
LINE_WIDTH = 128

# What a value completes to, by its name in the table: (bash, zsh)
VALUES = {"FILE": ("compgen -f", "_files"), "FOLDER": ("compgen -d", "_files -/"), "HOST": ("compgen -A hostname", "_hosts"),
          "HOSTS": ("compgen -A hostname", "_hosts")}


def read_table(root, name):
    """(letter, long name, value, meaning) of every row, and those that all tools have."""
    text = (root / "src/tools" / name / "options.def").read_text("utf-8")
    literal = r'"((?:[^"\\]|\\.)*)"'
    rows = re.findall(rf"^NTP_TOOL_OPTION\((?:'(.)'|0),\s*{literal},\s*{literal},\s*((?:{literal}\s*)+)\)", text, re.M)
    if len(rows) != text.count("\nNTP_TOOL_OPTION("):
        sys.exit(f"src/tools/{name}/options.def: a row can't be read, or there is none")
    table = [(row[0], row[1], row[2], "".join(re.findall(literal, row[3])).replace('\\"', '"')) for row in rows]
    return [*table, *OWN]


def words_of(option):
    """["-c", "--command"]"""
    letter, name, *_ = option
    return [f"-{letter}"] * bool(letter) + [f"--{name}"] * bool(name)


def _roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def man_list(name, table):
    out = [".Bl -tag -width Ds"]
    for option in table:
        flags = " , ".join(f"Fl {'&' if word == '-?' else ''}{word[1:]}".replace("Fl &", "Fl \\&") for word in words_of(option))
        out.append(f".It {flags}" + (f" Ar {option[2]}" if option[2] else ""))
        out.append(_roff(option[3][0].upper() + option[3][1:]) + ".")
    return BEGIN.format(name=name) + "\n".join([*out, ".El"]) + "\n" + END


def _wrapped(words, indent):
    lines = [indent]
    for word in words:
        if len(lines[-1]) + len(word) > LINE_WIDTH:
            lines.append(indent)
        lines[-1] += word + " "
    return "\n".join(line.rstrip() for line in lines)


def bash_text(name, table):
    function = "_" + name.replace("-", "_")
    cases = []
    by_action = {}
    for option in table:
        if option[2]:
            by_action.setdefault(VALUES.get(option[2], (None,))[0], []).extend(words_of(option))
    for action, words in by_action.items():
        body = f'mapfile -t COMPREPLY < <({action} -- "$current")\n      ' if action else ""
        pattern = _wrapped([f"{word} |" for word in words], "    ").rstrip(" |").replace("|\n", "| \\\n")
        cases.append(f"{pattern})\n      {body}return\n      ;;\n")
    previous = f"  case $previous in\n{''.join(cases)}  esac\n" if cases else ""
    words = _wrapped([word for option in table for word in words_of(option)], "        ").strip()
    return f"""# SPDX-License-Identifier: BSD-2-Clause
#
# bash completion for Meridian's {name}. Written by tests/manual/tool_doc.py from src/tools/{name}/options.def.

{function}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
  COMPREPLY=()
{previous}  case $current in
    -*)
      mapfile -t COMPREPLY < <(compgen -W '
        {words}' -- "$current")
      ;;
    *)
      mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
      ;;
  esac
}}

complete -F {function} {name}
"""


def zsh_text(name, table):
    specs = []
    for option in table:
        meaning = re.sub(r"([\[\]\\:])", r"\\\1", option[3]).replace("'", "'\\''")
        value = f":{option[2]}:{VALUES.get(option[2], (None, ' '))[1]}" if option[2] else ""
        words = [word.replace("?", "\\?") for word in words_of(option)]
        if option[2]:
            words = [word + ("=" if word.startswith("--") else "+") for word in words]
        names = words[0] if len(words) == 1 else "{" + ",".join(words) + "}"
        head = f"'*'{names}'" if len(words) > 1 else f"'*{names}"
        specs.append(f"  {head}[{meaning}]{value}' \\\n")
    return f"""#compdef {name}
# SPDX-License-Identifier: BSD-2-Clause
#
# zsh completion for Meridian's {name}. Written by tests/manual/tool_doc.py from src/tools/{name}/options.def.

_arguments -s -S \\
{''.join(specs)}  '*:host:_hosts'
"""


def page_of(root, name):
    found = [path for path in (root / "docs/man").glob(f"{name}.[18]")]
    if len(found) != 1:
        sys.exit(f"docs/man/{name}.1 (or .8) is missing: write it, with these two lines in its section OPTIONS:\n"
                 f"{BEGIN.format(name=name)}{END}")
    return found[0]


def wanted_files(root, name):
    """{path: the text that it must have}"""
    table = read_table(root, name)
    page = page_of(root, name)
    head, begin, rest = page.read_text("utf-8").partition(BEGIN.format(name=name))
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page}: expected the lines {BEGIN.format(name=name)}{END}")
    return {page: head + man_list(name, table) + tail,
            root / "completions/bash" / name: bash_text(name, table),
            root / "completions/zsh" / f"_{name}": zsh_text(name, table)}


def check(root, name, is_written):
    problems = []
    for path, wanted in wanted_files(root, name).items():
        found = path.read_text("utf-8") if path.exists() else ""
        if is_written and found != wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted, "utf-8")
        elif found != wanted:
            problems += difflib.unified_diff(found.splitlines(), wanted.splitlines(), str(path), "options.def", lineterm="")
    if problems:
        sys.exit("\n".join(problems) + f"\n\nrun tests/manual/tool_doc.py check . {name} --write")
    _lint(page_of(root, name))


def _lint(page):
    if not shutil.which("mandoc"):
        return
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)


def compare_help(root, name, program):
    table = read_table(root, name)
    wanted = {word for option in table for word in words_of(option)}
    named = help_options.of_program(program)
    if wanted != named:
        sys.exit(f"--help and the table differ in {sorted(wanted ^ named)}")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20)
    if done.returncode != 0 or not re.fullmatch(rf"{name} meridian \d+\.\d+\.\d+\n", done.stdout):
        sys.exit(f"--version: status {done.returncode}: {done.stdout}{done.stderr}")


BASH_SCRIPT = """source "$1"; name=$2; shift 2
COMP_WORDS=("$name" "$@"); COMP_CWORD=$#
"_${name//-/_}"; printf '%s\\n' "${COMPREPLY[@]}" """


def completed_by_bash(root, name, words):
    file = root / "completions/bash" / name
    done = subprocess.run(["bash", "--norc", "-c", BASH_SCRIPT, "bash", file, name, *words], capture_output=True, text=True,
                          timeout=20)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"{name} {words}: status {done.returncode}: {done.stderr}")
    return {line for line in done.stdout.splitlines() if line}


# An interactive zsh in a pseudo terminal; compadd, to which all completions go, is replaced by one that prints them.
ZSH_SETUP = r"""
PROMPT=
fpath=($folder $fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
  local -a hits
  if (( ${@[(I)-[OAD]]} )); then builtin compadd "$@"; return; fi
  builtin compadd -A hits "$@"
  print -rl -- "hit "$^hits
}
told() { print -r -- end-of-it }
comppostfuncs=(told)
zstyle ':completion:*' insert-tab false
zstyle ':completion:*' verbose no
bindkey '^I' complete-word
print -r -- ready-for-it
"""
ZSH_SCRIPT = r"""
zmodload zsh/zpty || exit 3
zpty inner zsh -f -i
await() { local line; while zpty -r inner line; do print -rn -- $line; [[ $line == *"$1"* ]] && return; done; exit 4 }
zpty -w inner "folder=${(q)1}; source ${(q)2}"
await ready-for-it
zpty -w -n inner "$3"$'\t'
await end-of-it
zpty -d inner
"""


def completed_by_zsh(root, name, words):
    with tempfile.NamedTemporaryFile("w", suffix=".zsh") as setup:
        setup.write(ZSH_SETUP)
        setup.flush()
        done = subprocess.run(["zsh", "-f", "-c", ZSH_SCRIPT, "zsh", str(root.resolve() / "completions/zsh"), setup.name,
                               " ".join([name, *words])], capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        sys.exit(f"zsh: status {done.returncode}: {done.stdout}{done.stderr}")
    return set(re.findall(r"hit (\S+)", done.stdout))


def compare_completion(root, name, shell):
    if not shutil.which(shell):
        print(f"SKIPPED: there is no {shell} here")
        return SKIPPED
    complete = completed_by_bash if shell == "bash" else completed_by_zsh
    table = read_table(root, name)
    offered = complete(root, name, ["--"])
    wanted = {f"--{option[1]}" for option in table if option[1]}
    if {word.rstrip("=") for word in offered} != wanted:
        sys.exit(f"{shell} offers {sorted(offered)} instead of {sorted(wanted)}")
    for option in table:
        if shell == "bash" and option[2] == "FILE":
            for word in words_of(option):
                if "/etc/passwd" not in complete(root, name, [word, "/etc/pass"]):
                    sys.exit(f"{word} doesn't complete files")
        elif shell == "bash" and option[2] and option[2] not in VALUES and complete(root, name, [f"--{option[1]}", ""]):
            sys.exit(f"--{option[1]} completes something for a {option[2]}")
    return 0


def compare_zsh_with_help(root, name, program):
    if not shutil.which("zsh"):
        print("SKIPPED: there is no zsh here")
        return SKIPPED
    offered = {word.rstrip("=") for word in completed_by_zsh(root, name, ["--"])}
    named = {word for word in help_options.of_program(program) if word.startswith("--")}
    if offered != named:
        sys.exit(f"completions/zsh/_{name} and --help differ in {sorted(offered ^ named)}")
    return 0


def main():
    what, root, name, *rest = sys.argv[1:]
    root = pathlib.Path(root)
    if what == "check":
        return check(root, name, "--write" in rest)
    if what == "help":
        return compare_help(root, name, *rest)
    if what == "zsh":
        return compare_zsh_with_help(root, name, *rest)
    return compare_completion(root, name, *rest)


if __name__ == "__main__":
    sys.exit(main())

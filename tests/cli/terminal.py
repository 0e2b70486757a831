# SPDX-License-Identifier: BSD-2-Clause
"""A terminal that a person would sit at: tmux with a shell in it, whose screen can be read and whose keys can be pressed."""

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile

from cli_bench import Unavailable, eventually, expect

SHELL_LIMIT_S = 5.0
PROMPT = "ready> "


class Terminal(contextlib.AbstractContextManager):
    """A shell on one host. Leaving it ends tmux and all that runs in it."""

    def __init__(self, host, columns=80, rows=24, locale="C.UTF-8"):
        if shutil.which("tmux") is None:
            raise Unavailable("no tmux here (packages.txt, [test])")
        # The path of a socket has to be short.
        self._folder = tempfile.mkdtemp(prefix="watch-")
        self._tmux = ["tmux", "-u", "-f", "/dev/null", "-S", os.path.join(self._folder, "s")]
        shell = shlex.join(host.command(["env", f"LC_ALL={locale}", f"PS1={PROMPT}", "bash", "--norc", "--noprofile"]))
        self._run("new-session", "-d", "-x", str(columns), "-y", str(rows), shell)
        self.shows(PROMPT.strip(), SHELL_LIMIT_S)

    def __exit__(self, *_):
        self._run("kill-server", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, *arguments, check=True):
        done = subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, timeout=10)
        expect(done.returncode == 0 or not check, done.stderr)
        return done.stdout

    def screen(self):
        """The lines that are seen now."""
        return self._run("capture-pane", "-p").split("\n")

    def styles(self):
        """The same with escape sequences for colours and the like."""
        return self._run("capture-pane", "-p", "-e")

    def text(self):
        """The screen as one text."""
        return "\n".join(self.screen())

    def shows(self, wanted, limit_s=3.0):
        """Waits until this text is seen; gives the screen."""
        def check():
            text = self.text()
            expect(wanted in text, f"'{wanted}' isn't on the screen:\n{text}")
            return text
        return eventually(f"'{wanted}' is seen", limit_s, check)

    def shows_no(self, unwanted, limit_s=3.0):
        """Waits until this text is gone."""
        return eventually(f"'{unwanted}' is gone", limit_s, lambda: expect(unwanted not in self.text(), self.text()))

    def press(self, *keys):
        """Keys by tmux's names: "q", "C-c", "Down"."""
        self._run("send-keys", *keys)

    def type(self, line):
        """A line for the shell."""
        self._run("send-keys", "-l", line)
        self.press("Enter")

    def resize(self, columns, rows):
        """The window gets another size."""
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

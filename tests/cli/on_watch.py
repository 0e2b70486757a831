# SPDX-License-Identifier: BSD-2-Clause
"""ntpq --watch at a real terminal: what is seen, what keys do, and that the terminal is left as it was."""

import json
import os
import pty
import shlex
import signal
import subprocess

from cli_bench import LOCAL_CLOCK, eventually, expect
from control_server import ControlServer
from terminal import Terminal

SOURCES = [*LOCAL_CLOCK, "server 192.0.2.1", "server 192.0.2.2 iburst", "tos orphanwait 1"]
FOLLOW_LIMIT_S = 20.0
ANSWER_LIMIT_S = 6.0


def _watch(bench, *arguments):
    return shlex.join([str(bench.ntpd.with_name("ntpq")), "--watch", *arguments]) + "; echo STATUS $?"


def _begin(bench, terminal, *arguments):
    terminal.type("stty -g > before; " + _watch(bench, *arguments))


def _expect_restored(terminal, status):
    """The shell's own screen is back, keys are echoed, and stty says what it said before."""
    terminal.shows(f"STATUS {status}")
    terminal.type("stty -g | diff - before && echo AS''-BEFORE")
    terminal.shows("AS-BEFORE")
    expect("Clock:" not in terminal.text(), "the picture is still there:\n" + terminal.text())


def _expect_fits(terminal, columns, rows):
    lines = terminal.screen()
    expect(len(lines) <= rows + 1 and all(len(line) <= columns for line in lines), lines)


def watch_keys(bench):
    """80x24: the clock, the sources and the clients are there; each key does what help says; q gives the terminal back."""
    bench.ours(lines=SOURCES)
    with Terminal(bench.host) as terminal:
        terminal.type(f"cd {shlex.quote(str(bench.work))}")
        _begin(bench, terminal, "-n", "127.0.0.1")
        text = terminal.shows("*LOCAL(0)", FOLLOW_LIMIT_S)
        for wanted in ("ntpq  127.0.0.1", "every 2 s", "Clock: synchronised", "bound", "frequency", "refid", "offsets",
                       "192.0.2.1", "192.0.2.2", ".INIT.", "1 of 3", "q quit"):
            expect(wanted in text, f"'{wanted}' is missing:\n{text}")
        terminal.shows("lstint avgint rstr r m v  count rport remote address")
        _expect_fits(terminal, 80, 24)

        terminal.press("j", "Down")
        terminal.shows("3 of 3  192.0.2.")
        terminal.shows("silent: no answer yet")
        terminal.press("k", "k")
        terminal.shows("1 of 3  LOCAL(0)")
        terminal.press("d")
        text = terminal.shows("association ")
        expect("srcadr" in text and "hmode" in text, text)
        terminal.press("c")
        terminal.shows("lstint")
        terminal.shows_no("srcadr")
        terminal.press("?")
        terminal.shows("in larger steps")
        terminal.press("Escape", "s")
        terminal.shows("1 of 3")
        terminal.press("p")
        terminal.shows("paused")
        terminal.press("p", "+")
        terminal.shows("every 5 s")
        terminal.press("-", "-")
        terminal.shows("every 1 s")
        terminal.press("q")
        _expect_restored(terminal, 0)


def watch_small(bench):
    """40x10 and every other size: what is shown fits, and says so where nothing would. ASCII where the locale is no UTF-8."""
    bench.ours(lines=SOURCES)
    with Terminal(bench.host, 40, 10, locale="C") as terminal:
        terminal.type(f"cd {shlex.quote(str(bench.work))}")
        _begin(bench, terminal, "-n", "127.0.0.1")
        text = terminal.shows("*LOCAL(0)", FOLLOW_LIMIT_S)
        expect("Clock: synchronised" in text and "trend" in text and "+0.000" in text, text)
        _expect_fits(terminal, 40, 10)
        terminal.resize(200, 50)
        text = terminal.shows("jitter offsets")
        expect("- faster" in text and text.isascii(), text)
        _expect_fits(terminal, 200, 50)
        terminal.resize(15, 3)
        terminal.shows("ntpq: 15 x 3")
        terminal.resize(80, 24)
        terminal.shows("1 of 3")
        terminal.press("q")
        _expect_restored(terminal, 0)


def watch_gone(bench):
    """The daemon is killed: the last picture stays, and since when; another one is watched on. Ctrl-C gives the terminal back."""
    daemon = bench.ours(lines=SOURCES)
    with Terminal(bench.host) as terminal:
        terminal.type(f"cd {shlex.quote(str(bench.work))}")
        _begin(bench, terminal, "-n", "127.0.0.1")
        terminal.shows("*LOCAL(0)", FOLLOW_LIMIT_S)
        daemon.kill()
        text = terminal.shows("No answer since", ANSWER_LIMIT_S)
        expect("LOCAL(0)" in text and "Clock: synchronised" in text, text)
        terminal.press("?")
        terminal.shows("in larger steps", 1.0)
        terminal.press("s")
        bench.ours(lines=SOURCES, name="again")
        terminal.shows_no("No answer", ANSWER_LIMIT_S)
        terminal.press("C-c")
        _expect_restored(terminal, 0)


def watch_slow(bench):
    """Two hundred sources of a server that takes its time: keys are answered at once, and quitting waits for nothing."""
    with ControlServer(bench.host, sources=200, delay_s=0.25) as server, Terminal(bench.host) as terminal:
        terminal.type(f"cd {shlex.quote(str(bench.work))}")
        _begin(bench, terminal, "-n", server.place)
        terminal.shows("*10.9.0.2", ANSWER_LIMIT_S)
        terminal.press("?")
        terminal.shows("in larger steps", 1.0)
        terminal.press("s", "G")
        terminal.shows("200 of 200", 1.0)
        terminal.press("q")
        terminal.shows("STATUS 0", 1.5)
        _expect_restored(terminal, 0)


def watch_many(bench):
    """Two hundred sources: the list scrolls with the selection, from end to end."""
    with ControlServer(bench.host, sources=200) as server, Terminal(bench.host) as terminal:
        terminal.type(f"cd {shlex.quote(str(bench.work))}")
        _begin(bench, terminal, "-n", server.place)
        terminal.shows("1 of 200  10.9.0.2: system peer", ANSWER_LIMIT_S)
        terminal.press("End")
        text = terminal.shows("200 of 200  10.9.0.201: candidate")
        expect("+10.9.0.201" in text and "+200.500" in text, text)
        terminal.press("PPage", "PPage")
        terminal.shows("176 of 200")
        terminal.press("Home")
        terminal.shows("*10.9.0.2 ")
        terminal.press("q")
        _expect_restored(terminal, 0)


def watch_signal(bench):
    """Stopped and continued, and ended by SIGTERM: the terminal is the shell's each time."""
    with ControlServer(bench.host, sources=3) as server, Terminal(bench.host) as terminal:
        terminal.type(f"cd {shlex.quote(str(bench.work))}")
        _begin(bench, terminal, "-n", server.place)
        terminal.shows("1 of 3", ANSWER_LIMIT_S)
        terminal.press("C-z")
        terminal.shows("Stopped")
        terminal.type("stty -g | diff - before && echo AS''-BEFORE")
        terminal.shows("AS-BEFORE")
        terminal.type("fg")
        terminal.shows("1 of 3")
        terminal.press("q")
        terminal.shows_no("1 of 3")
        terminal.type("sh -c 'echo $$ > pid; exec \"$@\"' -- " + _watch(bench, "-n", server.place))
        terminal.shows("1 of 3", ANSWER_LIMIT_S)
        os.kill(int(bench.path("pid").read_text()), signal.SIGTERM)
        _expect_restored(terminal, 1)


def watch_colours(bench):
    """Colours where the terminal has them, and none with NO_COLOR."""
    with ControlServer(bench.host, sources=3) as server:
        for prefix, has_colours in (("", True), ("NO_COLOR=1 ", False), ("TERM=vt100 ", False)):
            with Terminal(bench.host) as terminal:
                terminal.type(prefix + _watch(bench, "-n", server.place))
                terminal.shows("1 of 3", ANSWER_LIMIT_S)
                expect(("\x1b[32m" in terminal.styles()) == has_colours, f"{prefix}: {terminal.styles()!r}")
                terminal.press("q")
                terminal.shows("STATUS 0")


def why_words(bench):
    """ntpq -c why: the clock, each source and what changed, in words; the same as JSON; one source alone."""
    bench.ours(lines=SOURCES)
    program = bench.ntpd.with_name("ntpq")

    def ask(*words):
        status, out, err = bench.host.run([program, "-n", *words, "127.0.0.1"])
        expect((status, err) == (0, ""), (status, out, err))
        return out

    def is_told():
        out = ask("-c", "why")
        expect("clock: following its own clock, 127.127.1.0" in out, out)
        expect("*LOCAL(0)   " in out and " 192.0.2.1  silent" in out, out)
        expect("Last changes (UTC), oldest first:\n20" in out and "  clock: " in out, out)
    eventually("the clock follows itself, and ntpq says so", FOLLOW_LIMIT_S, is_told)

    rows = json.loads(ask("--json", "-c", "why"))["result"]["rows"]
    expect([row["subject"] for row in rows[:4]] == ["clock", "LOCAL(0)", "192.0.2.1", "192.0.2.2"], rows)
    expect(all(row["is_told"] for row in rows[:4]), rows)
    expect(rows[4:] and all({"time", "associd", "subject", "change"} <= row.keys() for row in rows[4:]), rows)
    out = ask("-c", "why &2")
    expect("192.0.2.1" in out and "192.0.2.2" not in out and "clock" not in out, out)
    out = ask("-c", "why 0")
    expect(out.startswith("clock: ") and "192.0.2." not in out, out)


def watch_refused(bench):
    """No terminal, one that can't be drawn on, a host too many or none of that name: a message that helps, and status 1."""
    program = bench.ntpd.with_name("ntpq")
    status, out, err = bench.run("--watch", "127.0.0.1", program=program)
    expect((status, out) == (1, ""), (status, out))
    expect("needs a terminal" in err and "ntpq -p" in err, err)
    for kind in ("dumb", "", "no-such-terminal"):
        master, slave = pty.openpty()
        done = subprocess.run([program, "--watch", "127.0.0.1"], stdin=slave, stdout=slave, stderr=subprocess.PIPE,
                              env={**os.environ, "TERM": kind}, timeout=10, check=False)
        os.close(slave)
        os.close(master)
        err = done.stderr.decode()
        expect(done.returncode == 1 and "TERM" in err and "ntpq -p" in err, (kind, done.returncode, err))
    status, _, err = bench.run("--watch", "127.0.0.1", "127.0.0.2", program=program)
    expect(status == 1 and "one host" in err, (status, err))
    status, _, err = bench.run("--watch", "-p", program=program)
    expect(status == 1 and "--watch" in err, (status, err))


CASES = (watch_keys, watch_small, watch_gone, watch_slow, watch_many, watch_signal, watch_colours, watch_refused,
         why_words)

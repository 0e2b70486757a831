# SPDX-License-Identifier: BSD-2-Clause
"""The live table, on a terminal and in a pipe."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect, in_private_mounts

REPORT_S = 10
FOLLOW_LIMIT_S = 20.0
COLUMNS, ROWS = 80, 12


def _screen(octets):
    """The last picture, without its escape sequences, as lines."""
    picture = octets.decode("utf-8", "replace").split("\x1b[H")[-1]
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", picture).replace("\r", "").split("\n")


def live_terminal(bench):
    """On a terminal: a picture a second, from its top left corner, that fits, and no log line through it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    lines = ["server 127.127.1.0 minpoll 3 maxpoll 3", "fudge 127.127.1.0 stratum 10", "tos orphanwait 1",
             *(f"server 192.0.2.{i}" for i in range(1, 12))]
    argv = [bench.ntpd, "--live", "-u", "root", "-c", bench.write("a.conf", lines)]
    process = subprocess.Popen(bench.host.command(argv), stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    os.set_blocking(master, False)
    seen = bytearray()

    def has(text):
        def check():
            try:
                seen.extend(os.read(master, 65536))
            except BlockingIOError:
                pass
            expect(text in "\n".join(_screen(bytes(seen))), bytes(seen)[-2000:])
        return check
    try:
        eventually("the table's head", START_LIMIT_S, has("remote"))
        eventually("the local clock is followed", FOLLOW_LIMIT_S, has("*127.127.1.0"))
        eventually("a refid that can be read", START_LIMIT_S, has(".LOCL."))
        count = seen.count(b"\x1b[H")
        time.sleep(3.2)
        has("remote")()
        drawn = seen.count(b"\x1b[H") - count
        expect(3 <= drawn <= 4, f"{drawn} pictures in 3.2 s")
        for picture in bytes(seen).split(b"\x1b[H")[1:-1]:
            shown = _screen(picture)
            expect(len(shown) <= ROWS and all(len(line) <= COLUMNS for line in shown), shown)
        expect(b" ntpd: notice" not in seen, bytes(seen))
    finally:
        process.terminate()
        process.wait(5)
        os.close(master)


def live_pipe(bench):
    """To a pipe: a report at once and every 10 s, without escape sequences; the log goes to standard error."""
    out = bench.path("reports")
    argv = bench.command(["--live"])
    with open(out, "wb") as file, open(bench.path("log"), "wb") as log:
        process = subprocess.Popen(bench.host.command(argv), stdin=subprocess.DEVNULL, stdout=file, stderr=log)
    try:
        def count(number):
            return lambda: expect(out.read_text().count("Meridian ntpd ") == number, out.read_text())
        eventually("the first report", START_LIMIT_S, count(1))
        begin_s = time.monotonic()
        eventually("the second report", REPORT_S + 2, count(2))
        expect(REPORT_S - 2 < time.monotonic() - begin_s, "too early")
    finally:
        process.terminate()
        process.wait(5)
    text = out.read_text()
    expect("\x1b" not in text and "Clock: synchronised, stratum 11" in text, text)
    expect("following 127.127.1.0" in bench.path("log").read_text(), bench.path("log").read_text())


def live_waiting(bench):
    """Before there is any address it says what it waits for."""
    conf = bench.write("resolv.conf", ["nameserver 192.0.2.53"])
    argv = in_private_mounts('mount --bind "$1" /etc/resolv.conf',
                             bench.command(["--live"], ["pool pool.example", "restrict 127.0.0.1"]), conf)
    daemon = bench.start(argv)
    bench.await_log(daemon, "(no source has an address yet)")
    bench.await_log(daemon, "Clock: unsynchronised, waiting for an address for pool.example", 15)


CASES = (live_terminal, live_pipe, live_waiting)

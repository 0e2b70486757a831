# SPDX-License-Identifier: BSD-2-Clause
"""Statistics files: what is written where, and what a place costs that can't be written."""

import os
import re
import signal
import time

from cli_bench import START_LIMIT_S, eventually, expect, in_private_mounts, serve_local_clock

SERVER = "10.99.1.2"
CLIENT = (f"server {SERVER} iburst minpoll 3 maxpoll 3", "restrict default nomodify noquery")
LINE_LIMIT_S = 20.0
MJD_OF_UNIX_EPOCH = 40587
NUMBER = r"-?\d+\.\d+"
RAW = re.compile(rf"(\d+) (\d+\.\d{{3}}) {re.escape(SERVER)} 10\.99\.1\.1 (\d+\.\d{{9}}) (\d+\.\d{{9}}) (\d+\.\d{{9}}) "
                 rf"(\d+\.\d{{9}}) 0 4 4 \d+ -?\d+ -\d+ {NUMBER} {NUMBER} \S+")
ERROR = re.compile(rf"(\d+) (\d+\.\d{{9}}) ({NUMBER}) ({NUMBER}) ({NUMBER}) ([0-3])")


def _upstream(bench):
    serve_local_clock(bench, bench.lab("peer")["peer"])


def _lines(path, count, pattern):
    """At least so many whole lines, each of them good."""
    found = path.read_text("ascii") if path.exists() else ""
    expect(found.count("\n") >= count and found.endswith("\n"), f"{path}: {found!r}")
    matches = [pattern.fullmatch(line) for line in found.splitlines()]
    expect(all(matches), f"{path}: {found}")
    return matches


def statistics_files(bench):
    """rawstats: a line an exchange, by day, with a hard link; errorstats: a line a second; a hangup opens them anew."""
    _upstream(bench)
    folder = bench.path("stats")
    folder.mkdir()
    daemon = bench.ours(lines=[*CLIENT, f"statsdir {folder}", "statistics rawstats",
                               "filegen errorstats file error type none"])
    raw = eventually("exchanges", LINE_LIMIT_S, lambda: _lines(folder / "rawstats", 1, RAW))
    expect(abs(int(raw[0][1]) - MJD_OF_UNIX_EPOCH - time.time() / 86400) <= 1, raw[0][0])
    t1, t2, t3, t4 = (float(raw[0][i]) for i in range(3, 7))
    expect(t1 < t2 + 0.1 and t2 <= t3 and abs(t4 - t1) < 1, raw[0][0])
    today = [path for path in folder.glob("rawstats.*") if re.fullmatch(r"rawstats\.\d{8}", path.name)]
    expect(len(today) == 1 and today[0].samefile(folder / "rawstats"), list(folder.iterdir()))
    time.sleep(3)
    # Renamed as by logrotate: what is kept goes to the old file, what comes to a new one.
    expect((folder / "error").exists() and not list(folder.glob("error.*")), list(folder.iterdir()))
    (folder / "error").rename(folder / "error.old")
    os.kill(daemon.pid, signal.SIGHUP)
    eventually("what was kept is written", START_LIMIT_S, lambda: _lines(folder / "error.old", 3, ERROR))
    time.sleep(2)
    bench.end(daemon)
    errors = [*_lines(folder / "error.old", 3, ERROR), *_lines(folder / "error", 1, ERROR)]
    expect(all(float(e[5]) >= 0 for e in errors), errors)
    seconds = [float(e[2]) for e in errors]
    steps = [b - a for a, b in zip(seconds, seconds[1:])]
    expect(all(step < 0 or 0.5 < step < 2.5 for step in steps), f"seconds are missing: {seconds}")


def statistics_switched_off(bench):
    """disable stats, and a type that filegen disables, write nothing; -s wins over statsdir."""
    _upstream(bench)
    for name in ("a", "b", "c"):
        bench.path(name).mkdir()
    types = ("statistics rawstats errorstats", f"statsdir {bench.path('b')}")
    daemon = bench.ours(["-s", bench.path("a")], [*CLIENT, *types, "filegen rawstats disable"])
    eventually("the other type", LINE_LIMIT_S, lambda: _lines(bench.path("a") / "errorstats", 1, ERROR))
    bench.end(daemon)
    expect(not list(bench.path("a").glob("rawstats*")) and not list(bench.path("b").iterdir()), "too much is written")
    daemon = bench.ours(lines=[*CLIENT, *types, f"statsdir {bench.path('c')}", "disable stats"], name="off")
    time.sleep(2)
    bench.end(daemon)
    expect(not list(bench.path("c").iterdir()), "something is written")


def _unwritable(bench, mount, reason):
    """Time-keeping goes on; one warning that says why."""
    _upstream(bench)
    place = bench.path("place")
    place.mkdir()
    argv = bench.command([], [*CLIENT, f"statsdir {place}", "statistics errorstats rawstats"])
    daemon = bench.start(in_private_mounts(mount, argv, place))
    bench.await_answer(daemon)
    bench.await_log(daemon, reason, LINE_LIMIT_S)
    eventually("it measures", LINE_LIMIT_S, lambda: expect(
        any(s["reach"] for s in bench.state()["sources"]), bench.state()))
    time.sleep(3)
    bench.end(daemon)
    said = daemon.log_text()
    expect(1 <= said.count("statistics are lost") <= 2, said)


def statistics_disk_full(bench):
    """A full disk costs the lines."""
    _unwritable(bench, 'mount -t tmpfs -o size=4k tmpfs "$1"; head -c 4096 /dev/zero >"$1/full"',
                "No space left on device")


def statistics_read_only(bench):
    """So does a file system that can't be written."""
    _unwritable(bench, 'mount -t tmpfs -o ro tmpfs "$1"', "Read-only file system")


def statistics_without_folder(bench):
    """Types without statsdir, and a sensor that isn't there: one warning each, and the daemon serves."""
    daemon = bench.ours(lines=["server 127.127.1.0", "statistics rawstats", "tempcomp /nonexistent/sensor 1"])
    bench.await_log(daemon, "there is no statsdir line", START_LIMIT_S)
    bench.await_log(daemon, "temperature sensor /nonexistent/sensor: open /nonexistent/sensor: No such file", START_LIMIT_S)
    time.sleep(2.2)
    bench.end(daemon)
    expect(daemon.log_text().count("temperature sensor") == 1, daemon.log_text())


CASES = (statistics_files, statistics_switched_off, statistics_disk_full, statistics_read_only, statistics_without_folder)

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
PLACE = rf"({re.escape(SERVER)}|0\.0\.0\.0|LOCAL\(0\))"
FINE = r"-?\d+\.\d{9}"
LOOP = re.compile(rf"(\d+) (\d+\.\d{{3}}) {FINE} -?\d+\.\d{{3}} {FINE} \d+\.\d{{6}} (-?\d+)")
PEER = re.compile(rf"(\d+) (\d+\.\d{{3}}) ({re.escape(SERVER)}|127\.127\.1\.0) ([0-9a-f]{{4}}) {FINE} {FINE} {FINE} {FINE}")
CLOCK = re.compile(r"(\d+) (\d+\.\d{3}) 127\.127\.1\.0 stratum 10 refid LOCL offset 0\.000000000")
PROTO = re.compile(rf"(\d+) (\d+\.\d{{3}}) {PLACE} ([0-9a-f]{{4}}) ([0-9a-f]{{2}}) (\w+)( .+)?")
SYSTEM = re.compile(r"(\d+) (\d+\.\d{3})" + r" (\d+)" * 11)
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


def statistics_of_the_engine(bench):
    """loopstats, peerstats, clockstats and protostats while it runs; sysstats at the end for what is left of an hour."""
    _upstream(bench)
    folder = bench.path("stats")
    folder.mkdir()
    daemon = bench.ours(lines=[*CLIENT, "server 127.127.1.0", "fudge 127.127.1.0 stratum 10", f"statsdir {folder}",
                               "statistics loopstats peerstats clockstats protostats sysstats cryptostats",
                               "filegen peerstats type week", "filegen loopstats type pid"])
    peers = eventually("samples", LINE_LIMIT_S, lambda: _of(SERVER, _lines(folder / "peerstats", 3, PEER)))
    expect(int(peers[-1][4], 16) & 0x9000 == 0x9000, f"configured and reachable: {peers[-1][0]}")
    loops = eventually("updates of the clock", LINE_LIMIT_S, lambda: _lines(folder / "loopstats", 2, LOOP))
    expect(-4 <= int(loops[-1][3]) <= 17, loops[-1][0])
    _lines(folder / "clockstats", 1, CLOCK)
    events = eventually("events", LINE_LIMIT_S, lambda: _events(folder, "sys_peer"))
    expect([e[6] for e in events[:2]] == ["freq_not_set", "restart"] and events[1][4] == "c016", events)
    expect({"mobilize", "reachable"} <= {e[6] for e in events}, events)
    expect((folder / "loopstats").samefile(folder / f"loopstats.#{daemon.pid}"), list(folder.iterdir()))
    weeks = list(folder.glob("peerstats.*"))
    expect(len(weeks) == 1 and re.fullmatch(r"peerstats\.\d{4}w\d\d", weeks[0].name), weeks)
    expect(not (folder / "sysstats").exists(), "an hour has not passed")
    bench.ask()
    bench.end(daemon)
    since_reset, received, processed, current, older = (int(_lines(folder / "sysstats", 1, SYSTEM)[0][i]) for i in range(3, 8))
    expect(1 <= since_reset <= 60 and received >= processed >= 4 and current >= 4 and older == 0, folder)
    expect(not (folder / "cryptostats").exists(), "nobody's authentication failed")


def _of(address, matches):
    mine = [match for match in matches if match[3] == address]
    expect(len(mine) >= 3, matches)
    return mine


def _events(folder, name):
    events = _lines(folder / "protostats", 1, PROTO)
    expect(any(e[6] == name for e in events), events)
    return events


def _follows(bench, name):
    state = bench.state(name)
    expect(state["peer"] == SERVER, state)


def log_classes(bench):
    """logconfig chooses: by default what is about synchronisation, events where they are asked for; no warning is lost."""
    _upstream(bench)
    said = {}
    for name, lines in (("default", []), ("events", ["logconfig =sysevents +peerevents"]), ("quiet", ["logconfig -syncall"])):
        daemon = bench.ours(lines=[*CLIENT, *lines, "statistics rawstats"], name=name)
        bench.await_log(daemon, "there is no statsdir line", START_LIMIT_S)
        eventually("it follows", LINE_LIMIT_S, lambda: _follows(bench, name))
        bench.end(daemon)
        said[name] = daemon.log_text()
    restart, following = "info: 0.0.0.0 c016 06 restart", f"following {SERVER}"
    mobilize = f"info: {SERVER} 8011 81 mobilize assoc 1"
    expect(following in said["default"] and restart not in said["default"], said["default"])
    expect(restart in said["events"] and mobilize in said["events"] and following not in said["events"], said["events"])
    expect(restart not in said["quiet"] and following not in said["quiet"], said["quiet"])


def own_variables(bench):
    """setvar, -v and -V: kept, and shown in the status file."""
    lines = ["server 127.127.1.0", 'setvar site="the roof" default', "setvar owner=ops"]
    daemon = bench.ours(["-v", "owner=a person", "-V", "rack=7"], lines)
    eventually("the status file", START_LIMIT_S, lambda: expect(
        bench.state()["variables"] == {"site": "the roof", "owner": "a person", "rack": "7"}, bench.state()))
    bench.end(daemon)


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


CASES = (statistics_files, statistics_of_the_engine, log_classes, own_variables,
         statistics_switched_off, statistics_disk_full, statistics_read_only, statistics_without_folder)

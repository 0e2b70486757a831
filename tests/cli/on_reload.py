# SPDX-License-Identifier: BSD-2-Clause
"""SIGHUP: another configuration while the daemon runs, whole or not at all."""

import contextlib
import os
import re
import signal
import socket
import threading

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect, serve_local_clock

NOBODY = 65534
OPEN_TO_ALL = "restrict default nomodify noquery"
PEER = "10.99.1.2"
LOADS = 1000
WARM_UP = 100
MOST_GROWTH_KB = 1024


def _reload(bench, daemon, lines, said, name="ours"):
    """The daemon takes these lines, and says this; gives all that it said."""
    if lines is not None:
        bench.write(f"{name}.conf", lines)
    before = len(daemon.log_text())
    os.kill(daemon.pid, signal.SIGHUP)
    eventually(f"it says '{said}'", START_LIMIT_S,
               lambda: expect(said in daemon.log_text()[before:], f"it said: {daemon.log_text()}"))
    return daemon.log_text()[before:]


def _names(bench, name="ours"):
    return sorted(source["name"] for source in bench.state(name)["sources"])


def reload_sources(bench):
    """Sources come and go; one that stays keeps its reach and its samples, and nobody notices a reload without changes."""
    serve_local_clock(bench, bench.lab("peer")["peer"])
    kept = f"server {PEER} iburst minpoll 4"
    daemon = bench.ours(lines=[kept, "server 192.0.2.1", OPEN_TO_ALL])

    def source():
        return next(s for s in bench.state()["sources"] if s["name"] == PEER)
    eventually("three answers", 30.0, lambda: expect(source()["received"] >= 3, bench.state()))
    before = source()

    _reload(bench, daemon, [OPEN_TO_ALL, "server 192.0.2.2", "pool nowhere.example", kept],
            "read again: 2 sources added, 1 removed, 1 unchanged")
    eventually("the new ones are there", START_LIMIT_S, lambda: expect(
        _names(bench) == sorted([PEER, "192.0.2.2"]), _names(bench)))
    after = source()
    expect(after["reach"] >= before["reach"] > 0, f"reach {before['reach']} became {after['reach']}")
    expect(after["received"] >= before["received"] and after["selection"] == before["selection"], f"{before} {after}")
    expect(after["root_distance_s"] < 2 * before["root_distance_s"], f"{before} {after}: the samples are lost")

    _reload(bench, daemon, None, "read again: nothing has changed")
    _reload(bench, daemon, [OPEN_TO_ALL, kept + " prefer"],
            "read again: 2 sources removed, 1 with other options")
    eventually("they are gone", START_LIMIT_S, lambda: expect(_names(bench) == [PEER], _names(bench)))
    expect(source()["reach"] >= before["reach"], source())
    bench.end(daemon)


def reload_access(bench):
    """What restrict lines say holds from the reload on, with and without workers."""
    for name, options in (("alone", []), ("workers", ["--workers", "2"])):
        daemon = bench.ours(options, lines=[*LOCAL_CLOCK, OPEN_TO_ALL], name=name)
        _reload(bench, daemon, ["server 127.127.1.0", "fudge 127.127.1.0 stratum 10", "restrict default ignore"],
                "changed: access rules", name)
        eventually("it is silent", START_LIMIT_S, lambda: expect(bench.ask(timeout_s=0.2) is None, "an answer"))
        expect(all(bench.ask(timeout_s=0.05) is None for _ in range(8)), f"{name}: an answer from a forbidden address")
        _reload(bench, daemon, [*LOCAL_CLOCK, OPEN_TO_ALL], "changed: access rules", name)
        expect(bench.ask() is not None, f"{name}: no answer")
        bench.end(daemon)


def reload_fault(bench):
    """With any fault the old configuration stays whole, and the log says which, where, and that it stays."""
    good = [*LOCAL_CLOCK, OPEN_TO_ALL]
    daemon = bench.ours(lines=good)
    faults = (("restrict 1.2.3.4.5 mask", ":1:10: error: "), ("server 192.0.2.1 minpol 4", ":1:18: error: "),
              ("keys", ":1:"), ("includefile nowhere.conf", "nowhere.conf"))
    for line, said in faults:
        log = _reload(bench, daemon, [line, "restrict default ignore", "server 192.0.2.7"], "the old configuration stays")
        expect(said in log, f"{line}: {log}")
        expect(bench.ask() is not None and _names(bench) == ["127.127.1.0"], f"{line}: {bench.state()}")
    os.unlink(bench.path("ours.conf"))
    log = _reload(bench, daemon, None, "the old configuration stays")
    expect(f"{bench.path('ours.conf')}: No such file or directory" in log, log)
    os.mkfifo(bench.path("ours.conf"))
    log = _reload(bench, daemon, None, "the old configuration stays")
    expect(f"read {bench.path('ours.conf')}: neither a file nor a device" in log, log)
    os.unlink(bench.path("ours.conf"))
    expect(bench.ask() is not None, "no answer")
    _reload(bench, daemon, [*good, "server 192.0.2.7"], "1 source added, 1 unchanged")
    bench.end(daemon)


def reload_unreadable(bench):
    """A file that the unprivileged daemon may not read: the old configuration stays, and the log says how to let it."""
    os.chown(bench.work, NOBODY, NOBODY)
    daemon = bench.ours(lines=[*LOCAL_CLOCK, OPEN_TO_ALL], user="nobody:nogroup")
    config = bench.write("ours.conf", [*LOCAL_CLOCK, "restrict default ignore"])
    os.chmod(config, 0o600)
    os.chown(config, 0, 0)
    _reload(bench, daemon, None, "the old configuration stays")
    expect(f"ntpd runs as group nogroup now and must be allowed to read it: chgrp nogroup {config} && chmod g+r {config}"
           in daemon.log_text(), daemon.log_text())
    expect(bench.ask() is not None, "no answer")
    os.chown(config, 0, NOBODY)
    os.chmod(config, 0o640)
    _reload(bench, daemon, None, "changed: access rules")
    bench.end(daemon)


def reload_files(bench):
    """Log, statistics and drift file change; what needs a restart is named."""
    first, second = bench.path("first.log"), bench.path("second.log")
    stats = bench.path("stats")
    stats.mkdir()
    daemon = bench.ours(lines=[*LOCAL_CLOCK, f"logfile {first}"])
    bench.write("ours.conf", [*LOCAL_CLOCK, f"logfile {second}", f"statsdir {stats}/", "statistics loopstats protostats",
                              "tinker discipline classic", f"pidfile {bench.path('late.pid')}"])
    os.kill(daemon.pid, signal.SIGHUP)
    eventually("the new log is written", START_LIMIT_S, lambda: expect(
        second.exists() and "changed: statistics, log file; waits for a restart: pidfile, tinker discipline"
        in second.read_text(), "not said"))
    expect(f"the log goes on in {second}" in first.read_text(), first.read_text())
    expect(not bench.path("late.pid").exists(), "a pid file after the start")
    bench.write("ours.conf", [*LOCAL_CLOCK, f"logfile {bench.path('nowhere')}/x.log"])
    os.kill(daemon.pid, signal.SIGHUP)
    eventually("the log stays where it can be written", START_LIMIT_S, lambda: expect(
        "warning: log file " in second.read_text() and "goes on" not in second.read_text() and second.read_text().count("read again") == 2, second.read_text()))
    bench.end(daemon)


def reload_interfaces(bench):
    """interface lines: sockets are closed and opened, with and without workers."""
    for name, options in (("alone", []), ("workers", ["--workers", "2"])):
        daemon = bench.ours(options, lines=[*LOCAL_CLOCK], name=name)
        expect(bench.ask("::1") is not None, f"{name}: no answer on ::1")
        _reload(bench, daemon, [*LOCAL_CLOCK, "interface ignore all", "interface listen 127.0.0.1"],
                "changed: interfaces", name)
        eventually("::1 is closed", START_LIMIT_S, lambda: expect(bench.ask("::1", timeout_s=0.1) is None, "an answer"))
        expect(bench.ask() is not None, f"{name}: no answer on 127.0.0.1")
        _reload(bench, daemon, LOCAL_CLOCK, "changed: interfaces", name)
        eventually("::1 is open", START_LIMIT_S, lambda: expect(bench.ask("::1", timeout_s=0.1) is not None, "no answer"))
        bench.end(daemon)


def reload_background(bench):
    """In the background names still begin where the daemon was started, also those that only the new file has."""
    bench.write("a.conf", LOCAL_CLOCK)
    parent = bench.start([bench.ntpd, "-u", "root", "-c", "a.conf", "-p", "ntpd.pid", "-l", "ntp.log"])
    expect(bench.await_end(parent, START_LIMIT_S) == 0, parent.log_text())
    pid = int(bench.path("ntpd.pid").read_text("ascii"))
    bench.path("stats").mkdir()
    bench.write("more.conf", ["server 192.0.2.1"])
    bench.write("a.conf", [*LOCAL_CLOCK, "includefile more.conf", "statsdir stats", "statistics protostats", "driftfile d"])
    os.kill(pid, signal.SIGHUP)
    eventually("it is read again", START_LIMIT_S, lambda: expect(
        "a.conf read again: 1 source added, 1 unchanged; changed: statistics, drift file"
        in bench.path("ntp.log").read_text(), bench.path("ntp.log").read_text()))
    os.kill(pid, signal.SIGTERM)
    eventually("it is gone", START_LIMIT_S, lambda: expect(not bench.path("ntpd.pid").exists(), "still there"))
    expect(any(p.name.startswith("protostats") for p in bench.path("stats").iterdir()), "no statistics")


class _Manager(contextlib.ExitStack):
    """Stands in for the service manager: says when a reload is done."""

    def __init__(self, bench):
        super().__init__()
        self.address = f"@meridian-reload-{os.getpid()}"
        self.box = self.enter_context(bench.host.socket(socket.AF_UNIX))
        self.box.bind("\0" + self.address[1:])
        self.box.settimeout(START_LIMIT_S)

    def hears(self):
        return self.box.recv(200).decode("ascii")


class _Load(threading.Thread):
    """Asks without a pause until it is told to end."""

    def __init__(self, bench, address):
        super().__init__()
        self.ended = threading.Event()
        self.bench = bench
        self.address = address
        self.answered = self.unanswered = 0

    def run(self):
        while not self.ended.is_set():
            if self.bench.ask(self.address, timeout_s=1.0) is None:
                self.unanswered += 1
            else:
                self.answered += 1


def reload_under_load(bench):
    """A thousand reloads under load, with two workers: every request is answered, and neither files nor memory grow. The
    service manager is told of each.
    """
    host_lines = [f"restrict 10.{i}.0.0 mask 255.255.0.0 nomodify" for i in range(200)]
    configurations = ([*LOCAL_CLOCK, OPEN_TO_ALL],
                      [*LOCAL_CLOCK, OPEN_TO_ALL, *host_lines, "server 192.0.2.1 iburst", "tos minclock 2"])
    with _Manager(bench) as manager:
        argv = bench.command(["--workers", "2"], configurations[0])
        daemon = bench.start(argv, env={"NOTIFY_SOCKET": manager.address})
        expect(manager.hears() == "READY=1", "not READY=1")
        bench.await_answer(daemon)
        loads = [_Load(bench, address) for address in ("127.0.0.1", "127.0.0.1", "::1")]
        for load in loads:
            load.start()
        try:
            for count in range(1, LOADS + 1):
                bench.write("ours.conf", configurations[count % 2])
                os.kill(daemon.pid, signal.SIGHUP)
                told = manager.hears()
                expect(re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", told), told)
                expect(manager.hears() == "READY=1", "not READY=1")
                if count == WARM_UP:
                    files, memory_kB = _files(daemon), _memory_kB(daemon)
        finally:
            for load in loads:
                load.ended.set()
            for load in loads:
                load.join()
        answered = sum(load.answered for load in loads)
        unanswered = sum(load.unanswered for load in loads)
        growth_kB = _memory_kB(daemon) - memory_kB
        print(f"          {LOADS} reloads, {answered} answers, {growth_kB} kB more after the first {WARM_UP}")
        expect(unanswered == 0 and answered > LOADS / 10, f"{unanswered} of {answered + unanswered} not answered")
        expect(_files(daemon) == files, f"{files} open files became {_files(daemon)}")
        expect(growth_kB < MOST_GROWTH_KB, f"{growth_kB} kB more")
        bench.end(daemon)


def _files(daemon):
    return len(os.listdir(f"/proc/{daemon.pid}/fd"))


def _memory_kB(daemon):
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as file:
        return int(re.search(r"^VmRSS:\s*(\d+)", file.read(), re.M)[1])


CASES = (reload_sources, reload_access, reload_fault, reload_unreadable, reload_files, reload_interfaces, reload_background,
         reload_under_load)

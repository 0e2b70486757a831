# SPDX-License-Identifier: BSD-2-Clause
"""What the daemon serves, and on which port."""

import os
import socket
import time

from cli_bench import (LOCAL_CLOCK, START_LIMIT_S, UNSYNCHRONISED, eventually, expect, in_private_mounts,
                       is_unsynchronised)

NOBODY = 65534
LOCAL_LIMIT_S = 3.0
POOL = ("pool 0.pool.example iburst", "server one.example", "restrict default nomodify noquery")


def local_clock(bench):
    """--local serves this machine's own clock, stratum 11, within 3 s."""
    begin_s = time.monotonic()
    bench.start(bench.command(["--local"], lines=None))

    def serves():
        header = bench.ask()
        expect(header is not None and header.leap == 0 and header.stratum == 11, header)
    eventually("stratum 11", LOCAL_LIMIT_S, serves)
    expect(time.monotonic() - begin_s < LOCAL_LIMIT_S, "too late")
    source, = eventually("its source is told", START_LIMIT_S, lambda: bench.state()["sources"])
    expect(source["refid"] == "LOCL" and source["stratum"] == 10, source)


def without_names(bench):
    """No network, and a name server that is silent: it runs on, answers `unsynchronised`, says what it waits for, and ends."""
    for name, server in (("unreachable", "192.0.2.53"), ("silent", "127.0.0.1")):
        conf = bench.write("resolv.conf", [f"nameserver {server}"])
        argv = in_private_mounts('mount --bind "$1" /etc/resolv.conf', bench.command([], POOL, name), conf)
        with _silent_name_server(bench):
            daemon = bench.start(argv, name=name)
            header = bench.await_answer(daemon)
            expect(is_unsynchronised(header), f"{header} instead of {UNSYNCHRONISED}")
            eventually("it says what it waits for", START_LIMIT_S, lambda: expect(
                "an address for 0.pool.example" in bench.state(daemon.name)["waiting_for"], bench.state(daemon.name)))
            time.sleep(2)
            expect(daemon.is_running() and is_unsynchronised(bench.ask()), daemon.log_text())
            bench.end(daemon)


def _silent_name_server(bench):
    sock = bench.host.socket(socket.AF_INET)
    sock.bind(("127.0.0.1", 53))
    return sock


def second_daemon(bench):
    """Port 123 taken: a clear refusal and status 1, with and without workers; --any-port takes a free one and says which."""
    first = bench.ours()
    for options in ([], ["--workers", "2"]):
        status, said = bench.refused(options)
        expect(status == 1 and "port 123 is already in use: another time service runs here" in said, f"{status}: {said}")
    other = bench.start(bench.command(["--any-port"], name="other"), name="other")
    bench.await_log(other, "port 123 is taken or not permitted: serving on port ")
    expect(first.is_running() and other.is_running() and bench.ask(), "one of them has ended")


def not_root(bench):
    """An ordinary user can't have port 123: it says so; --any-port serves on another one, with no user to change to."""
    os.chown(bench.work, NOBODY, NOBODY)
    as_nobody = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    daemon = bench.start([*as_nobody, *bench.command([], user=None)])
    status = bench.await_end(daemon, START_LIMIT_S)
    expect(status == 1 and "port 123 may be bound by root alone" in daemon.log_text(), f"{status}: {daemon.log_text()}")
    daemon = bench.start([*as_nobody, *bench.command(["--any-port"], user=None, name="free")], name="free")
    bench.await_log(daemon, "serving on port ")
    eventually("it serves its clock", START_LIMIT_S, lambda: expect(bench.state("free")["stratum"] == 11, bench.state("free")))


def workers(bench):
    """--workers 2: two threads more, and every client is answered, IPv4 and IPv6, whatever its port."""
    daemon = bench.ours(["--workers", "2"], lines=[*LOCAL_CLOCK, "restrict default nomodify noquery"])
    threads = os.listdir(f"/proc/{daemon.pid}/task")
    expect(len(threads) == 3, f"{len(threads)} threads")
    eventually("it is in sync", START_LIMIT_S, lambda: expect(bench.ask().stratum == 11, "not yet"))
    for address in ("127.0.0.1", "::1"):
        answers = [bench.ask(address) for _ in range(40)]
        expect(all(a is not None and a.stratum == 11 for a in answers), f"{address}: {answers.count(None)} of 40 unanswered")
    bench.end(daemon)


CASES = (local_clock, without_names, second_daemon, not_root, workers)

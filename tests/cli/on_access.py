# SPDX-License-Identifier: BSD-2-Clause
"""Restrict lines whose rules come and go: the built-in default, names, sources."""

import os
import signal

from cli_bench import START_LIMIT_S, eventually, expect, in_private_mounts, serve_local_clock

US_FROM_FIRST = "10.99.1.1"
US_FROM_SECOND = "10.99.2.1"
FIRST = "10.99.1.2"
CLOCK = ("server 127.127.1.0", "fudge 127.127.1.0 stratum 10")
SHUT = ("restrict default ignore", "restrict 127.0.0.1")


def _expect_answers(bench, address, peer, wanted):
    """Whether requests from that peer are answered, within the time that a rule needs to come into force."""
    host = bench.lab()[peer]
    eventually(f"{peer} is {'answered' if wanted else 'not answered'}", START_LIMIT_S, lambda: expect(
        (bench.ask(address, host, timeout_s=0.2) is not None) == wanted, "not so"))


def _hang_up(bench, daemon, lines=None):
    if lines is not None:
        bench.write(f"{daemon.name}.conf", lines)
    os.kill(daemon.pid, signal.SIGHUP)


def access_built_in(bench):
    """Without a restrict default line everybody gets the time, and the log says once which line opens the rest."""
    bench.lab("first")
    daemon = bench.ours(lines=CLOCK)
    _expect_answers(bench, US_FROM_FIRST, "first", True)
    said = daemon.log_text()
    expect(said.count("no restrict default line: the built-in one holds") == 1, said)
    expect('the line "restrict default" opens everything' in said, said)
    bench.end(daemon)

    daemon = bench.ours(lines=(*CLOCK, "restrict default noquery"), name="written")
    expect("no restrict" not in daemon.log_text(), daemon.log_text())


def access_names(bench):
    """A name's rule is missing until the name has an address, which is said; a hangup looks it up again."""
    bench.lab("first", "second")
    hosts = bench.write("hosts", ["127.0.0.1 localhost"])
    lines = (*CLOCK, "restrict default noquery", "restrict banned.example ignore", "restrict -6 banned.example ignore")
    # No name server: what the file doesn't say has no address, at once.
    resolv = bench.write("resolv.conf", ["nameserver 127.0.0.1"])
    argv = in_private_mounts('mount --bind "$1" /etc/hosts; mount --bind "$2" /etc/resolv.conf',
                             bench.command([], lines), hosts, resolv)
    daemon = bench.start(argv)
    bench.await_answer(daemon)
    bench.await_log(daemon, "restrict banned.example: the name has no address")
    bench.await_log(daemon, "Until it has one the line is not in force, and this host may do ALL that other hosts may")
    _expect_answers(bench, US_FROM_FIRST, "first", True)

    hosts.write_text(f"127.0.0.1 localhost\n{FIRST} banned.example\n", "utf-8")
    _hang_up(bench, daemon)
    _expect_answers(bench, US_FROM_FIRST, "first", False)
    _expect_answers(bench, US_FROM_SECOND, "second", True)

    hosts.write_text("127.0.0.1 localhost\n10.99.2.2 banned.example\n", "utf-8")
    _hang_up(bench, daemon)
    bench.await_log(daemon, "restrict banned.example: in force for 10.99.2.2")
    _expect_answers(bench, US_FROM_FIRST, "first", True)
    _expect_answers(bench, US_FROM_SECOND, "second", False)


def access_sources(bench):
    """restrict source holds for every source while it is one, and for nobody else."""
    lab = bench.lab("first", "second")
    serve_local_clock(bench, lab["first"])
    source = f"server {FIRST} iburst"
    daemon = bench.ours(lines=(*CLOCK, *SHUT, "restrict source noquery nomodify", source))
    _expect_answers(bench, US_FROM_FIRST, "first", True)
    _expect_answers(bench, US_FROM_SECOND, "second", False)

    _hang_up(bench, daemon, (*CLOCK, *SHUT, "restrict source noquery nomodify"))
    _expect_answers(bench, US_FROM_FIRST, "first", False)
    _hang_up(bench, daemon, (*CLOCK, *SHUT, source))
    bench.await_log(daemon, "1 source added")
    _expect_answers(bench, US_FROM_FIRST, "first", False)
    _hang_up(bench, daemon, (*CLOCK, *SHUT, source, "restrict source noquery nomodify"))
    _expect_answers(bench, US_FROM_FIRST, "first", True)


CASES = (access_built_in, access_names, access_sources)

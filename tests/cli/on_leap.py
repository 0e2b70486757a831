# SPDX-License-Identifier: BSD-2-Clause
"""Leap seconds: the file, and a daemon that lives through the end of June 2027 on a clock that only it sees."""

import os
import signal
import time

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect

UNIX_TO_NTP_S = 2208988800
MIDNIGHT_S = 1814400000  # 1 July 2027
LEAP_LIST = ("#$ 4010000000", "#@ 4060000000", "2272060800 36", "3692217600 37",
             f"{MIDNIGHT_S + UNIX_TO_NTP_S} 38  # made up")
INSERT = 1
BEFORE_S = 9
STATUS_INSERT = 0x10


def _before_midnight(bench, lines=()):
    """A daemon for which it is some seconds before the leap second, and how far ahead it lives."""
    path = bench.write("leap-seconds.list", LEAP_LIST)
    ahead_s = MIDNIGHT_S - BEFORE_S - int(time.time())
    daemon = bench.ours(lines=[*LOCAL_CLOCK, f"leapfile {path}", *lines], fakes_clock=True,
                        env={"FAKE_CLOCK_AHEAD_S": str(ahead_s)})
    return daemon, ahead_s


def _unix(stamp):
    return stamp / 2**32 - UNIX_TO_NTP_S


def leap_second_inserted(bench):
    """Clients and the kernel are told on the last day, TAI - UTC with it; a second later all is over."""
    daemon, ahead_s = _before_midnight(bench)
    eventually("it announces the leap second", START_LIMIT_S,
               lambda: expect(bench.ask().leap == INSERT, f"leap {bench.ask().leap}: {daemon.log_text()}"))
    expect(f"fake clock: status {STATUS_INSERT} tai 37" in daemon.log_text(), daemon.log_text())
    expect("a second is inserted at the end of 2027-06-30 (UTC), by the leap file" in daemon.log_text(), daemon.log_text())
    bench.await_log(daemon, "leap second: the clock moved by -1 s", BEFORE_S + START_LIMIT_S)
    header = bench.ask()
    expect(header.leap == 0 and header.stratum == 11, header)
    expect(abs(_unix(header.transmit) - (time.time() + ahead_s - 1)) < 0.5, header)
    expect("fake clock: status 0 tai 38" in daemon.log_text(), daemon.log_text())
    bench.end(daemon)
    expect("by another program" not in daemon.log_text(), daemon.log_text())


def leap_second_spread(bench):
    """leapsmearinterval: time as clients get it runs on across the leap, and its refid says what was added."""
    daemon, _ = _before_midnight(bench, ["leapsmearinterval 600"])
    expect("must not mix this server with servers that don't do the same" in daemon.log_text(), daemon.log_text())
    eventually("it is in sync", START_LIMIT_S, lambda: expect(bench.ask().stratum == 11, daemon.log_text()))
    told, refids = [], set()
    end_s = time.monotonic() + BEFORE_S + 2
    while time.monotonic() < end_s:
        header = bench.ask()
        expect(header.leap == 0 and header.stratum == 11, f"{header}: {daemon.log_text()}")
        told.append(_unix(header.transmit) - time.monotonic())
        refids.add(header.refid[0])
        time.sleep(0.05)
    expect("leap second: the clock moved by -1 s" in daemon.log_text(), daemon.log_text())
    expect(max(told) - min(told) < 0.2, f"served time jumps: {min(told)} to {max(told)}")
    expect(254 in refids and len(refids) == 2, f"first octets of the refids: {refids}")
    expect(f"fake clock: status {STATUS_INSERT} tai 37" in daemon.log_text(), "its own clock leaps")
    bench.end(daemon)


def leap_file_faulty(bench):
    """A bad list costs a warning with its line; a hangup takes a good one, and keeps it when it goes bad."""
    path = bench.write("leap-seconds.list", ["#@ 4060000000", "2272060800 ten"])
    daemon = bench.ours(lines=[*LOCAL_CLOCK, f"leapfile {path}"])
    bench.await_log(daemon, f"leap file {path}: line 2: expected TAI - UTC in seconds")
    bench.write("leap-seconds.list", LEAP_LIST)
    os.kill(daemon.pid, signal.SIGHUP)
    bench.await_log(daemon, f"leap file {path}: 3 entries, good until 2028-08-27")
    bench.write("leap-seconds.list", [*LEAP_LIST, "#h 1 2 3 4 5"])
    os.kill(daemon.pid, signal.SIGHUP)
    bench.await_log(daemon, "what was read before stays in force")
    bench.end(daemon)


CASES = (leap_second_inserted, leap_second_spread, leap_file_faulty)

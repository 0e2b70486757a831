#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""How noisy one exchange is: ntpd and chronyd as clients of the same server over veth, at the same time, with kernel stamps.

Neither may set the clock, and server and clients share one clock, so the true offset is 0 and what is measured is the noise of
stamps and paths alone. Raw offsets: ours from rawstats, chronyd's from its log of raw measurements. A running median is taken
off both (a path's own asymmetry, and anything slow). Prints the RMS of each and their ratio; exit status 1 above --limit.

offsets.py [--ntpd PATH] [--poll LOG2S] [--exchanges N] [--server ours|chronyd]
"""

import argparse
import math
import os
import pathlib
import shutil
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(1, str(ROOT / "tests/interop"))
sys.dont_write_bytecode = True

from daemons import Daemon, DaemonFactory  # noqa: E402: after the path is set
from namespaces import CENTRE, Lab, Unavailable  # noqa: E402
from peers import Peers  # noqa: E402

SERVER = "peer"
MEDIAN_SAMPLES = 101
SPARE_EXCHANGES = 60  # the burst at the start, and what one of the two is ahead
MEASUREMENTS = "measurements.log"
OFFSET_COLUMN = 11  # of measurements.log: "Offset"
PLAUSIBLE_S = 0.1


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ntpd", type=pathlib.Path, default=ROOT / "build/release/bin/ntpd")
    parser.add_argument("--peers", type=pathlib.Path, default=ROOT / "build/release/interop/peers",
                        help="Debian's packages, unpacked; fetched when missing")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/offsets")
    parser.add_argument("--poll", type=int, default=-2, help="log2 of the interval of both, in seconds (-2)")
    parser.add_argument("--exchanges", type=int, default=1000)
    parser.add_argument("--server", choices=("ours", "chronyd"), default="chronyd")
    parser.add_argument("--limit", type=float, default=1.05, help="greatest ratio that passes (1.05)")
    return parser.parse_args()


def our_offsets(path):
    """((T2 - T1) + (T3 - T4)) / 2 of each line, in seconds. Parts of a second and whole ones are taken apart: a double has no
    nanoseconds left on top of NTP's four thousand million seconds.
    """
    found = []
    for line in path.read_text("ascii").splitlines() if path.exists() else ():
        stamps = [text.split(".") for text in line.split()[4:8]]
        base = int(stamps[0][0])
        t1, t2, t3, t4 = ((int(whole) - base) + int(part) * 1e-9 for whole, part in stamps)
        found.append(((t2 - t1) + (t3 - t4)) / 2)
    return found


def chronyd_offsets(path):
    """The column of offsets, in seconds; lines of another kind are headings."""
    found = []
    for line in path.read_text("ascii").splitlines() if path.exists() else ():
        fields = line.split()
        if len(fields) > OFFSET_COLUMN and fields[0][:1].isdigit():
            found.append(float(fields[OFFSET_COLUMN]))
    return found


def stamps_of(path):
    """Kinds of chronyd's stamps (D: daemon, K: kernel, H: hardware), sent and received, with their number."""
    kinds = {}
    for line in path.read_text("ascii").splitlines():
        fields = line.split()
        if len(fields) > OFFSET_COLUMN and fields[0][:1].isdigit():
            kinds[fields[-2] + fields[-1]] = kinds.get(fields[-2] + fields[-1], 0) + 1
    return ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))


def detrended(offsets):
    """Each offset without the median of those around it."""
    half = MEDIAN_SAMPLES // 2
    return [x - statistics.median(offsets[max(0, i - half):i + half + 1]) for i, x in enumerate(offsets)]


def rms(values):
    return math.sqrt(math.fsum(x * x for x in values) / len(values))


def row(name, offsets):
    """What is told of one client; gives its RMS."""
    noise = detrended(offsets)
    sizes = sorted(abs(x) for x in noise)
    print(f"{name:8} {len(noise):5} exchanges  RMS {rms(noise) * 1e9:9.0f} ns  median {sizes[len(sizes) // 2] * 1e9:7.0f} ns  "
          f"95% {sizes[int(0.95 * len(sizes))] * 1e9:8.0f} ns  greatest {sizes[-1] * 1e9:9.0f} ns  "
          f"mean offset {statistics.fmean(offsets) * 1e9:7.0f} ns")
    return rms(noise)


def start_server(options, lab, factory):
    host = lab[SERVER]
    if options.server == "chronyd":
        return factory.chronyd("server", host, ["local stratum 5", "allow", "cmdport 0"]).start()
    argv = [options.ntpd, "-n", "-u", "root", "--local"]
    return Daemon("server", host, argv, options.work / "server.log", dict(os.environ)).start()


def measure(options, lab, factory):
    """Runs server and clients until both have enough; gives the offsets of ours and of chronyd."""
    address = lab[SERVER].addresses[CENTRE]["ipv4"]
    poll = f"minpoll {options.poll} maxpoll {options.poll}"
    raw, measurements = options.work / "rawstats", options.work / MEASUREMENTS
    conf = factory.write("ours.conf", [f"server {address} iburst {poll}", f"statsdir {options.work}",
                                       "filegen rawstats type none", "restrict default nomodify noquery"])
    daemons = []
    try:
        daemons.append(start_server(options, lab, factory))
        time.sleep(2)
        daemons.append(Daemon("ours", lab[CENTRE], [options.ntpd, "-n", "-u", "root", "-c", conf, "-f",
                                                    options.work / "ours.drift"],
                              options.work / "ours.log", dict(os.environ)).start())
        # noselect: chronyd's offsets stay those of the bare clock, without corrections that it only imagines.
        daemons.append(factory.chronyd("chronyd", lab[CENTRE], [
            f"server {address} iburst noselect {poll}", "port 0", "cmdport 0", f"logdir {options.work}",
            "log rawmeasurements"]).start())
        wanted = options.exchanges + SPARE_EXCHANGES
        end_s = time.monotonic() + 60 + 2.0 * wanted * 2.0 ** options.poll
        while min(len(our_offsets(raw)), len(chronyd_offsets(measurements))) < wanted:
            if time.monotonic() > end_s or not all(daemon.is_running() for daemon in daemons):
                raise RuntimeError(f"only {len(our_offsets(raw))} and {len(chronyd_offsets(measurements))} exchanges\n" +
                                   "".join(daemon.log_tail() for daemon in daemons))
            time.sleep(2)
    finally:
        for daemon in reversed(daemons):
            daemon.stop()
    return our_offsets(raw)[-options.exchanges:], chronyd_offsets(measurements)[-options.exchanges:]


def main():
    """The exit status for the shell."""
    options = arguments()
    options.ntpd = options.ntpd.resolve()
    options.work = options.work.resolve()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    peers = Peers(options.peers)
    try:
        peers.fetch()
        with Lab(SERVER) as lab:
            ours, theirs = measure(options, lab, DaemonFactory(peers, options.work))
    except Unavailable as reason:
        sys.exit(f"offsets.py: can't run here: {reason}")
    except RuntimeError as failure:
        sys.exit(f"offsets.py: {failure}")
    worst = max(abs(x) for x in ours + theirs)
    if worst > PLAUSIBLE_S:
        sys.exit(f"offsets.py: an offset of {worst:g} s between hosts that share one clock: the logs were misread")
    print(f"chronyd's stamps (sent, received): {stamps_of(options.work / MEASUREMENTS)}")
    ratio = row("ours", ours) / row("chronyd", theirs)
    print(f"ratio of RMS, ours to chronyd: {ratio:.3f} ({'met' if ratio <= options.limit else 'MISSED'}, limit {options.limit:g})")
    return 0 if ratio <= options.limit else 1


if __name__ == "__main__":
    sys.exit(main())

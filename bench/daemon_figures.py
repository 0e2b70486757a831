# SPDX-License-Identifier: BSD-2-Clause
"""Figures of running daemons: ours and, in the same run, Debian's chronyd and NTPsec's ntpd.

Each runs in a network namespace of its own without a way out, with the configuration it would have out of the box (pool
servers, whose names can't be looked up there), and without the right to set the clock.
"""

import os
import pathlib
import select
import socket
import subprocess
import time

import packets
from daemons import DaemonFactory
from figure import OURS, Figure
from namespaces import CENTRE, FAMILIES, Lab

CHRONYD = "chronyd"
NTPSEC = "NTPsec"
PEERS = (CHRONYD, NTPSEC)
HOSTS = {OURS: CENTRE, CHRONYD: "peer", NTPSEC: "client"}
POOL_LINE = "pool 2.debian.pool.ntp.org iburst"
START_LIMIT_S = 20.0
PROBE_S = 0.0005
SETTLE_S = 2.0
IDLE_SETTLE_S = 10.0
LOOPBACK = "127.0.0.1"


class ReadySocket:
    """Where a daemon tells its service manager that it is ready (sd_notify)."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.setblocking(False)

    def is_ready(self):
        """Whether READY=1 has come."""
        try:
            return b"READY=1" in self.socket.recv(4096)
        except BlockingIOError:
            return False

    def close(self):
        """Removes it."""
        self.socket.close()
        self.path.unlink(missing_ok=True)


def make(kind, factory, host, program):
    """The daemon of that kind on that host, not yet started."""
    if kind == CHRONYD:
        return factory.chronyd(kind, host, [POOL_LINE, "allow"])
    if kind == NTPSEC:
        return factory.ntpsec(kind, host, [POOL_LINE, "tos orphanwait 1"])
    drift = factory.work / f"{kind}.drift"
    return factory._make(kind, host, [program, "-n", "-g", "-u", "root", "--default-config", "-f", drift, "-l", "stderr"])


def _wait_for_exec(daemon, name):
    """The child begins as ip(8), becomes setpriv(1) and at last the daemon: returns the time when it did."""
    link = f"/proc/{daemon.pid}/exe"
    end_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end_s:
        try:
            if os.readlink(link) == name:
                return time.monotonic()
        except OSError:
            pass
    raise RuntimeError(f"{daemon.name} was not started:\n{daemon.log_tail()}")


def _is_answered(probe):
    """Sends one request over loopback and waits a moment for the answer to this or an earlier one."""
    try:
        probe.sendto(packets.client_request().encode(), (LOOPBACK, packets.NTP_PORT))
        if not select.select([probe], [], [], PROBE_S)[0]:
            return False
        return packets.Header.decode(probe.recv(2048)).mode == 4
    except (ConnectionRefusedError, BlockingIOError):
        # Nobody listens yet: the kernel says so at once.
        time.sleep(PROBE_S)
        return False


def time_start(daemon, ready):
    """Starts it; seconds from exec to the first answer, and to READY=1 (None where it doesn't tell)."""
    with daemon.host.socket(FAMILIES["ipv4"]) as probe:
        probe.setblocking(False)
        daemon.start()
        begin_s = _wait_for_exec(daemon, os.path.realpath(daemon.argv[0]))
        answered_s = ready_s = None
        while answered_s is None:
            if time.monotonic() - begin_s > START_LIMIT_S or not daemon.is_running():
                raise RuntimeError(f"{daemon.name} does not answer:\n{daemon.log_tail()}")
            if _is_answered(probe):
                answered_s = time.monotonic() - begin_s
            if ready_s is None and ready.is_ready():
                ready_s = time.monotonic() - begin_s
    if ready_s is None:
        time.sleep(0.2)
        ready_s = answered_s if ready.is_ready() else None
    return answered_s, ready_s


def memory_kib(pid):
    """Resident and proportional set size."""
    values = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]:
        name, value = line.split(":")
        values[name] = int(value.split()[0])
    return values["Rss"], values["Pss"]


def switches(pid):
    """How often its threads went to sleep, so far."""
    total = 0
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text("ascii").splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def _start_figures(lab, peers, work, program, runs):
    answered, ready, rss, pss = ({name: [] for name in HOSTS} for _ in range(4))
    for run in range(1, runs + 1):
        print(f"start, run {run} of {runs}", flush=True)
        for kind, host in HOSTS.items():
            factory = DaemonFactory(peers, work)
            notify = ReadySocket(work / "notify")
            daemon = make(kind, factory, lab[host], program)
            daemon._env = {**daemon._env, "NOTIFY_SOCKET": str(notify.path)}
            try:
                answered_s, ready_s = time_start(daemon, notify)
                time.sleep(SETTLE_S)
                resident, proportional = memory_kib(daemon.pid)
            finally:
                daemon.stop()
                notify.close()
            answered[kind].append(answered_s * 1e3)
            if ready_s is not None:
                ready[kind].append(ready_s * 1e3)
            rss[kind].append(resident / 1024)
            pss[kind].append(proportional / 1024)
    return [Figure("exec to first answer", "ms", answered, 200), Figure("exec to READY=1", "ms", ready, 200),
            Figure("resident memory (RSS)", "MiB", rss, 8), Figure("of it, its share (PSS)", "MiB", pss)]


def _idle_figure(lab, peers, work, program, minutes):
    """All at once: they sleep, so they don't disturb one another."""
    factory = DaemonFactory(peers, work)
    daemons = {kind: make(kind, factory, lab[host], program) for kind, host in HOSTS.items()}
    counts = {kind: [] for kind in HOSTS}
    try:
        for daemon in daemons.values():
            daemon.start()
        time.sleep(IDLE_SETTLE_S)
        for minute in range(1, minutes + 1):
            print(f"idle, minute {minute} of {minutes}", flush=True)
            before = {kind: switches(daemon.pid) for kind, daemon in daemons.items()}
            time.sleep(60)
            for kind, daemon in daemons.items():
                counts[kind].append(switches(daemon.pid) - before[kind])
    finally:
        factory.stop_all()
    return Figure("wake-ups when idle", "a minute", counts, 60)


def versions(peers):
    """The peers' own words about their version."""
    lines = []
    for name, option in (("chronyd", "--version"), ("ntpsec", "--version")):
        done = subprocess.run([peers.program(name), option], capture_output=True, text=True, env=peers.environment())
        lines.append(" ".join((done.stdout + done.stderr).split()[:5]))
    return lines


def measure(peers, work, program, runs, minutes):
    """All figures of the daemons."""
    work.mkdir(parents=True, exist_ok=True)
    with Lab("peer", "client") as lab:
        return [*_start_figures(lab, peers, work, program, runs), _idle_figure(lab, peers, work, program, minutes)]

# SPDX-License-Identifier: BSD-2-Clause
"""What a flood of queries costs the clients of the same daemon: strangers from many networks ask mode 6 as fast as they are told
to, and beside them clients ask for the time at a steady pace. Measured beside a quiet run, without and with workers."""

import os
import pathlib
import select
import statistics
import threading
import time

import control
import packets
from daemons import Daemon
from figure import OURS, Figure
from namespaces import CENTRE, FAMILIES, Lab, ip

FLOOD_PER_S = 50_000
CLIENTS_PER_S = 200
SECONDS = 10.0
SETTLE_S = 1.0
REPLY_LIMIT_S = 0.2
NETWORKS = 64
BURST = 50
OPERATOR_QUERIES = 4000
LOOPBACK = "127.0.0.1"
CONFIG = ("server 127.127.1.0", "fudge 127.127.1.0 stratum 10", "restrict default")


def _cpu_s(pid):
    """Processor time of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _strangers(host, server):
    """A socket for each of many networks of that host."""
    sockets = []
    for i in range(NETWORKS):
        address = f"10.200.{i}.7"
        ip("-n", host.netns, "address", "add", f"{address}/32", "dev", host.interfaces[CENTRE])
        sock = host.socket(FAMILIES["ipv4"])
        sock.bind((address, 0))
        sock.connect((server, packets.NTP_PORT))
        sock.setblocking(False)
        sockets.append(sock)
    return sockets


class _Flood(threading.Thread):
    """A process of its own would be fairer; the sender only has to keep its pace, and says whether it did."""

    def __init__(self, sockets, per_s):
        super().__init__(daemon=True)
        self.sockets = sockets
        self.per_s = per_s
        self.sent = 0
        self.is_over = False

    def run(self):
        request = control.request(control.READ_VARIABLES, b" " * 464)
        begin = time.monotonic()
        while not self.is_over:
            due = (time.monotonic() - begin) * self.per_s
            if self.sent >= due:
                time.sleep(0.0005)
                continue
            sock = self.sockets[self.sent // BURST % len(self.sockets)]
            for _ in range(BURST):
                try:
                    sock.send(request)
                except OSError:
                    pass
            self.sent += BURST


def _flood_process(host, server, seconds):
    """The flood in a child process, so that the clients' own process isn't slowed by it; gives its pid and a pipe."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    os.close(reader)
    flood = _Flood(_strangers(host, server), FLOOD_PER_S)
    os.write(writer, b"ready")
    flood.start()
    time.sleep(seconds)
    flood.is_over = True
    flood.join()
    received = 0
    for sock in flood.sockets:
        while True:
            try:
                sock.recv(2048)
                received += 1
            except OSError:
                break
    os.write(writer, f"{flood.sent} {received}".encode())
    os._exit(0)


def _ask_steadily(host, server, seconds):
    """Round trips in seconds, and how many requests got no answer."""
    trips, lost = [], 0
    with host.socket(FAMILIES["ipv4"]) as sock:
        sock.setblocking(False)
        end = time.monotonic() + seconds
        due = time.monotonic()
        while (now := time.monotonic()) < end:
            if now < due:
                time.sleep(due - now)
            due += 1 / CLIENTS_PER_S
            request = packets.client_request()
            begin = time.perf_counter()
            sock.sendto(request.encode(), (server, packets.NTP_PORT))
            while True:
                left = begin + REPLY_LIMIT_S - time.perf_counter()
                if left <= 0 or not select.select([sock], [], [], left)[0]:
                    lost += 1
                    break
                header = packets.Header.decode(sock.recv(2048))
                if header.origin == request.transmit:
                    trips.append(time.perf_counter() - begin)
                    break
    return trips, lost


def _operator_us(daemon):
    """Processor time of a full answer to this host, in microseconds."""
    with daemon.host.socket(FAMILIES["ipv4"]) as sock:
        sock.connect((LOOPBACK, packets.NTP_PORT))
        request = control.request(control.READ_VARIABLES)
        before = _cpu_s(daemon.pid)
        for _ in range(OPERATOR_QUERIES):
            sock.send(request)
            sock.settimeout(1.0)
            while control.HEADER.unpack_from(sock.recv(2048))[1] & control.MORE:
                pass
        return (_cpu_s(daemon.pid) - before) / OPERATOR_QUERIES * 1e6


def _lost_to_operator(daemon, seconds):
    """Of this host's own queries, asked one after another for so long: how many got no answer in time, of how many."""
    lost = asked = 0
    end = time.monotonic() + seconds
    with daemon.host.socket(FAMILIES["ipv4"]) as sock:
        while time.monotonic() < end:
            asked += 1
            answer = control.ask(sock, LOOPBACK, control.READ_VARIABLES, timeout_s=REPLY_LIMIT_S, sequence=asked % 60000 + 1)
            lost += answer is None
    return lost, asked


def _run(lab, work, program, workers):
    """A quiet stretch and a flooded one: {name: value}."""
    config = work / "flood.conf"
    config.write_text("".join(f"{line}\n" for line in CONFIG), "utf-8")
    name = f"flood-{workers}"
    argv = [program, "-n", "-N", "-u", "root", "-c", config, "--workers", str(workers), "-l", "stderr"]
    daemon = Daemon(name, lab[CENTRE], argv, work / f"{name}.log", dict(os.environ)).start()
    clients, strangers = lab["peer"], lab["client"]
    try:
        time.sleep(SETTLE_S)
        quiet, quiet_lost = _ask_steadily(clients, lab[CENTRE].addresses["peer"]["ipv4"], SECONDS / 2)
        operator_us = _operator_us(daemon)
        pid, pipe = _flood_process(strangers, lab[CENTRE].addresses["client"]["ipv4"], SECONDS + 4 * SETTLE_S)
        os.read(pipe, 5)
        time.sleep(SETTLE_S)
        before, begin = _cpu_s(daemon.pid), time.monotonic()
        trips, lost = _ask_steadily(clients, lab[CENTRE].addresses["peer"]["ipv4"], SECONDS)
        used = (_cpu_s(daemon.pid) - before) / (time.monotonic() - begin)
        lost_to_operator, asked = _lost_to_operator(daemon, SETTLE_S)
        sent, received = map(int, os.read(pipe, 64).split())
        os.close(pipe)
        os.waitpid(pid, 0)
    finally:
        daemon.stop()
    rate = sent / (SECONDS + 4 * SETTLE_S)
    return {"quiet p50": _quantile_us(quiet, 50), "quiet p99": _quantile_us(quiet, 99), "quiet lost": quiet_lost,
            "p50": _quantile_us(trips, 50), "p99": _quantile_us(trips, 99), "lost": lost, "rate": rate,
            "us a query": used / rate * 1e6, "operator": operator_us, "answers": received,
            "lost to operator": lost_to_operator, "asked": asked}


def _quantile_us(trips, percent):
    return statistics.quantiles(trips, n=100)[percent - 1] * 1e6 if len(trips) > 1 else float("nan")


def measure(work, program, runs):
    """The figures."""
    work.mkdir(parents=True, exist_ok=True)
    figures = []
    with Lab("peer", "client") as lab:
        # What is sent to the strangers' many networks goes back the way it came.
        ip("-n", lab[CENTRE].netns, "route", "add", "10.200.0.0/16", "dev", lab[CENTRE].interfaces["client"])
        for workers in (0, 2):
            results = []
            for run in range(1, runs + 1):
                print(f"flood of queries, {workers} workers, run {run} of {runs}", flush=True)
                results.append(_run(lab, work, program, workers))
                for i in range(NETWORKS):
                    ip("-n", lab["client"].netns, "address", "del", f"10.200.{i}.7/32", "dev",
                       lab["client"].interfaces[CENTRE])

            def figure(name, unit, key, target=None):
                figures.append(Figure(f"{name}, {workers} workers", unit, {OURS: [r[key] for r in results]}, target))
            figure("flood of queries", "a second", "rate")
            figure("processor for a stranger's query", "us", "us a query")
            figure("processor for a full answer to this host", "us", "operator")
            figure("client's round trip, quiet, median", "us", "quiet p50")
            figure("client's round trip, flooded, median", "us", "p50")
            figure("client's round trip, quiet, 99 %", "us", "quiet p99")
            figure("client's round trip, flooded, 99 %", "us", "p99")
            figure("lost replies, quiet", "", "quiet lost", 0)
            figure("lost replies, flooded", f"of {round(CLIENTS_PER_S * SECONDS)}", "lost", 0)
            figure("lost answers to this host, flooded", "", "lost to operator", 0)
    return figures

# SPDX-License-Identifier: BSD-2-Clause
"""What ntpq costs beside a daemon on the same host: a billboard of ten associations, and a list of a hundred thousand clients."""

import json
import os
import pathlib
import re
import time

from daemons import Daemon
from figure import OURS, Figure
from namespaces import CENTRE, Lab

ASSOCIATIONS = 10
CLIENTS = 100_000
SETTLE_S = 2.0
CONFIG = ("server 127.127.1.0", *(f"server 127.0.0.{host}" for host in range(2, ASSOCIATIONS + 1)), "restrict default limited",
          "mru maxdepth 200000 initalloc 200000")

# Times whole processes where they run: entering a namespace would be measured with them.
TIMED = """
import json, subprocess, sys, time
runs, command = int(sys.argv[1]), sys.argv[2:]
taken = []
for _ in range(runs):
    begin = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    taken.append(time.perf_counter() - begin)
print(json.dumps([taken, done.stdout.decode().count("\\n")]))
"""

# A request from each of many addresses of the loopback network.
CLIENTS_THAT_ASK = f"""
import socket, time
request = bytes([0x23]) + bytes(39) + bytes(range(1, 9))
for i in range({CLIENTS}):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((f"127.{{1 + (i >> 16)}}.{{i >> 8 & 255}}.{{i & 255}}", 0))
        sock.sendto(request, ("127.0.0.1", 123))
    if i % 200 == 0:
        time.sleep(0.002)
"""


def _timed(host, runs, *command):
    """Seconds of each run, and the lines that the last one printed."""
    status, out, error = host.run(["python3", "-c", TIMED, runs, *command], timeout_s=120)
    if status != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {error.strip()}")
    return json.loads(out)


def _resident_mb(pid):
    return int(re.search(r"^VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text("ascii"), re.M)[1]) / 1024


def measure(work, programs, runs):
    """The figures of ntpq of the folder `programs`."""
    work.mkdir(parents=True, exist_ok=True)
    config = work / "tools.conf"
    config.write_text("\n".join(CONFIG) + "\n", "utf-8")
    with Lab("peer") as lab:
        host = lab[CENTRE]
        daemon = Daemon("ntpd", host, [programs / "ntpd", "-n", "-u", "root", "--no-set-clock", "-c", config], work / "tools.log",
                        dict(os.environ)).start()
        try:
            time.sleep(SETTLE_S)
            print(f"ntpq, {ASSOCIATIONS} associations", flush=True)
            taken, lines = _timed(host, 4 * runs, programs / "ntpq", "-np", "127.0.0.1")
            if lines != ASSOCIATIONS + 2:
                raise RuntimeError(f"ntpq -np printed {lines} lines, expected {ASSOCIATIONS + 2}: {daemon.log_tail()}")
            figures = [Figure(f"`ntpq -np`, {ASSOCIATIONS} associations, whole process", "ms", {OURS: [1000 * s for s in taken]}, 15)]
            print(f"ntpq, {CLIENTS} clients", flush=True)
            host.run(["python3", "-c", CLIENTS_THAT_ASK], timeout_s=120)
            before = _resident_mb(daemon.pid)
            taken, lines = _timed(host, runs, programs / "ntpq", "-n", "-c", "mrulist", "127.0.0.1")
            figures.append(Figure(f"`ntpq -c mrulist` of {lines - 2:,} clients", "s", {OURS: taken}, 3))
            figures.append(Figure("the same, what it adds to the daemon's memory", "MB", {OURS: [_resident_mb(daemon.pid) - before]}, 2))
            return figures
        finally:
            daemon.stop()

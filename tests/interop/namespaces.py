# SPDX-License-Identifier: BSD-2-Clause
"""Hosts of a test network: network namespaces joined by veth, a star with the daemon under test in its centre.

No port, address or route of this machine is touched. Every program runs without the right to set the clock.
"""

import ctypes
import os
import re
import socket
import subprocess
import threading
import time

PREFIX = "meridian"
CLONE_NEWNET = 0x40000000
CAP_SYS_TIME = 25
CLOCK_LOCK = ["setpriv", "--bounding-set", "-sys_time", "--inh-caps", "-sys_time", "--pdeathsig", "KILL", "--"]
FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
CENTRE = "ours"


class Unavailable(Exception):
    """This machine lacks something the tests need: the case is skipped, by name and with this reason."""


def ip(*arguments):
    """Runs ip(8); what it printed is in the exception when it fails."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def _add_namespace(name):
    """`ip netns add`, retried: the first call on a machine mounts /run/netns, and two at once may collide."""
    for attempt in range(5):
        try:
            return ip("netns", "add", name)
        except (RuntimeError, OSError) as error:
            reason = error
            time.sleep(0.1 * (attempt + 1))
    raise Unavailable(f"network namespaces can't be made: {reason}")


def _remove_stale_namespaces():
    """Removes what a killed run has left behind; a name carries the pid of its run."""
    try:
        names = os.listdir("/run/netns")
    except FileNotFoundError:
        return
    for name in names:
        match = re.fullmatch(rf"{PREFIX}-(\d+)-\w+", name)
        if match and not os.path.exists(f"/proc/{match[1]}"):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


class Host:
    """One namespace. `addresses[peer][family]` is its own address on the link to that peer."""

    def __init__(self, name):
        self.name = name
        self.netns = f"{PREFIX}-{os.getpid()}-{name}"
        self.interfaces = {}
        self.addresses = {}

    def command(self, argv):
        """The command line that runs argv on this host, without the right to set the clock."""
        return ["ip", "netns", "exec", self.netns, *CLOCK_LOCK, *map(str, argv)]

    def run(self, argv, env=None, timeout_s=20):
        """Runs a tool on this host to its end; gives (exit status, stdout, stderr)."""
        done = subprocess.run(self.command(argv), capture_output=True, text=True, env=env, timeout=timeout_s)
        return done.returncode, done.stdout, done.stderr

    def socket(self, family, kind=socket.SOCK_DGRAM, protocol=0):
        """A socket that lives on this host. A namespace belongs to a thread, so a short-lived one enters and opens it."""
        box = []

        def enter_and_open():
            libc = ctypes.CDLL(None, use_errno=True)
            handle = os.open(f"/run/netns/{self.netns}", os.O_RDONLY | os.O_CLOEXEC)
            try:
                if libc.setns(handle, CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
                box.append(socket.socket(family, kind, protocol))
            except OSError as error:
                box.append(error)
            finally:
                os.close(handle)

        thread = threading.Thread(target=enter_and_open)
        thread.start()
        thread.join()
        if isinstance(box[0], OSError):
            raise box[0]
        return box[0]

    def add_address(self, peer, address):
        """Gives the interface towards that peer one more address, usable at once."""
        bits, flags = ("64", ["nodad"]) if ":" in address else ("24", [])
        ip("-n", self.netns, "address", "add", f"{address}/{bits}", "dev", self.interfaces[peer], *flags)


class Lab:
    """The star: host `ours` linked to each peer. A context manager; leaving it removes every namespace."""

    def __init__(self, *peers):
        self.hosts = {name: Host(name) for name in (CENTRE, *peers)}
        self._made = []

    def __getitem__(self, name):
        return self.hosts[name]

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for netns in self._made:
            subprocess.run(["ip", "netns", "del", netns], capture_output=True)
        self._made.clear()

    def _build(self):
        if os.geteuid() != 0:
            raise Unavailable("network namespaces need root")
        _remove_stale_namespaces()
        for host in self.hosts.values():
            _add_namespace(host.netns)
            self._made.append(host.netns)
            ip("-n", host.netns, "link", "set", "lo", "up")
        centre = self.hosts[CENTRE]
        for number, peer in enumerate((h for h in self.hosts.values() if h is not centre), start=1):
            self._join(centre, peer, number)
        self._check_clock_lock(centre)

    def _join(self, centre, peer, number):
        ends = ((centre, peer, f"to{number}", 1), (peer, centre, "to0", 2))
        try:
            ip("link", "add", ends[0][2], "netns", centre.netns, "type", "veth",
               "peer", "name", ends[1][2], "netns", peer.netns)
        except RuntimeError as error:
            raise Unavailable(f"veth pairs can't be made: {error}") from error
        for host, other, interface, octet in ends:
            host.interfaces[other.name] = interface
            host.addresses[other.name] = {"ipv4": f"10.99.{number}.{octet}", "ipv6": f"fd99:{number}::{octet}"}
            for address in host.addresses[other.name].values():
                host.add_address(other.name, address)
            ip("-n", host.netns, "link", "set", interface, "up")

    def _check_clock_lock(self, host):
        """No test may move this machine's clock: refuses to go on if programs would keep CAP_SYS_TIME."""
        status, text, errors = host.run(["cat", "/proc/self/status"])
        if status != 0:
            raise Unavailable(f"programs can't be started without CAP_SYS_TIME: {errors.strip()}")
        for field in ("CapPrm", "CapEff", "CapBnd"):
            mask = int(re.search(rf"^{field}:\s*(\w+)", text, re.M)[1], 16)
            if mask >> CAP_SYS_TIME & 1:
                raise RuntimeError(f"CAP_SYS_TIME is still in {field}: refusing to start daemons")

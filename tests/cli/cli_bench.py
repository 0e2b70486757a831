# SPDX-License-Identifier: BSD-2-Clause
"""What a case works with: the programs, a work folder, daemons on hosts of a lab of their own."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

import packets  # noqa: E402
from bench import DaemonEnded, eventually, expect  # noqa: E402, F401
from daemons import Daemon  # noqa: E402
from namespaces import CENTRE, CLOCK_LOCK, FAMILIES, Lab, Unavailable  # noqa: E402, F401

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
LOCAL_CLOCK = ("server 127.127.1.0", "fudge 127.127.1.0 stratum 10", "restrict 127.0.0.1", "restrict ::1")
START_LIMIT_S = 5.0
UNSYNCHRONISED = (packets.UNSYNCHRONISED, 0, b"INIT")


class Bench(contextlib.ExitStack):
    """One case's surroundings; leaving it ends every daemon and removes every namespace."""

    def __init__(self, arguments, work):
        super().__init__()
        self.ntpd = arguments.ntpd.resolve()
        self.ntpsim = arguments.ntpsim.resolve()
        self.fake_clock = arguments.fake_clock.resolve()
        self.work = work
        self.daemons = []
        self._lab = None

    def lab(self, *peers):
        """The lab, made at the first call; its centre is where daemons run."""
        if self._lab is None:
            self._lab = self.enter_context(Lab(*peers))
            self.callback(self._end_all)
        return self._lab

    @property
    def host(self):
        """The host of the daemons under test."""
        return self.lab()[CENTRE]

    def _end_all(self):
        for daemon in reversed(self.daemons):
            daemon.stop()
        # A daemon in the background is nobody's child any more: whatever still lives in our own namespaces ends.
        for host in self._lab.hosts.values():
            pids = subprocess.run(["ip", "netns", "pids", host.netns], capture_output=True, text=True).stdout.split()
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)

    def path(self, name):
        """A name in the work folder."""
        return self.work / name

    def write(self, name, content):
        """A file of these lines, this text or these octets; gives its path."""
        path = self.path(name)
        if isinstance(content, (list, tuple)):
            content = "".join(f"{line}\n" for line in content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *argv, timeout_s=20, program=None):
        """A program that ends by itself, outside of any lab: (status, stdout, stderr)."""
        lock = CLOCK_LOCK if os.geteuid() == 0 else []
        done = subprocess.run([*lock, str(program or self.ntpd), *map(str, argv)], capture_output=True, timeout=timeout_s,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def command(self, options, lines=LOCAL_CLOCK, name="ours", user="root"):
        """The command line of a daemon in the foreground with this configuration (None: no -c)."""
        argv = [self.ntpd, "-n", *(["-u", user] if user else [])]
        if lines is not None:
            argv += ["-c", self.write(f"{name}.conf", lines)]
        return [*argv, "--status-file", self.path(f"{name}.status.json"), *options]

    def start(self, argv, name="ours", host=None, fakes_clock=False, env=None):
        """A daemon, started; what it prints goes to NAME.log."""
        environment = dict(os.environ, **(env or {}))
        if fakes_clock:
            # The sanitizers' own library has to be first, or must not mind.
            environment |= {"LD_PRELOAD": str(self.fake_clock), "ASAN_OPTIONS": "verify_asan_link_order=0"}
        daemon = Daemon(name, host or self.host, argv, self.path(f"{name}.log"), environment)
        self.daemons.append(daemon)
        return daemon.start()

    def ours(self, options=(), lines=LOCAL_CLOCK, **more):
        """A daemon in the foreground, started and answering."""
        user = more.pop("user", "root")
        daemon = self.start(self.command(options, lines, more.get("name", "ours"), user), **more)
        self.await_answer(daemon)
        return daemon

    def ask(self, address="127.0.0.1", host=None, timeout_s=0.5):
        """The header of the answer to one client request; None without one."""
        with (host or self.host).socket(FAMILIES["ipv6" if ":" in address else "ipv4"]) as sock:
            answer = packets.exchange(sock, address, timeout_s)
        return answer.header if answer else None

    def await_answer(self, daemon, address="127.0.0.1", host=None):
        """Waits until the daemon answers, whatever it says."""
        def check():
            if not daemon.is_running():
                raise DaemonEnded(f"the daemon has ended: {daemon.log_text()}")
            header = self.ask(address, host or daemon.host)
            expect(header is not None, f"no answer from {address}")
            return header
        return eventually(f"{address} answers", START_LIMIT_S, check)

    def refused(self, options=(), lines=LOCAL_CLOCK, name="refused", **more):
        """A daemon that must not start: (status, what it said)."""
        daemon = self.start(self.command(options, lines, name, more.pop("user", "root")), name=name, **more)
        return self.await_end(daemon, START_LIMIT_S), daemon.log_text()

    @staticmethod
    def await_end(daemon, limit_s):
        """The exit status; fails when the daemon runs on."""
        try:
            return daemon.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {limit_s:g} s: {daemon.log_text()}") from None

    def end(self, daemon, limit_s=1.0):
        """SIGTERM; fails unless it ends with status 0 in time."""
        daemon.terminate()
        status = self.await_end(daemon, limit_s)
        expect(status == 0, f"status {status} on SIGTERM: {daemon.log_text()}")

    def state(self, name="ours"):
        """What the status file says."""
        path = self.path(f"{name}.status.json")
        expect(path.exists(), "no status file yet")
        return json.loads(path.read_text("utf-8"))

    def await_log(self, daemon, text, limit_s=START_LIMIT_S):
        """Waits until the daemon has said this."""
        return eventually(f"it says '{text}'", limit_s,
                          lambda: expect(text in daemon.log_text(), f"it said: {daemon.log_text()}"))


def in_private_mounts(script, argv, *values):
    """A command line that runs argv after a shell script with mounts of its own; values are $1, $2, ... of the script."""
    whole = f'{script}\nshift {len(values)}\nexec "$@"'
    return ["unshare", "--mount", "sh", "-ec", whole, "sh", *values, *argv]


def is_unsynchronised(header):
    """Leap 3, stratum 0, refid INIT."""
    return (header.leap, header.stratum, header.refid) == UNSYNCHRONISED


def serve_local_clock(bench, host):
    """A second daemon of ours that serves this machine's clock on another host, when it answers in sync."""
    argv = [bench.ntpd, "-n", "-u", "root", "--local"]
    daemon = bench.start(argv, name="upstream", host=host)

    def in_sync():
        header = bench.ask("127.0.0.1", host)
        expect(header is not None and 0 < header.stratum < 16, header)
    eventually("the upstream server is in sync", START_LIMIT_S, in_sync)
    return daemon

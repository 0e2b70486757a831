# SPDX-License-Identifier: BSD-2-Clause
"""What a case works with: the lab, the daemons, and waiting for a condition with a limit."""

import time

import packets
import views
from daemons import DaemonFactory
from namespaces import CENTRE, FAMILIES

OURS = "ours"
SYNC_LIMIT_S = 60.0
START_LIMIT_S = 10.0
LOCAL_CLOCK_STRATUM = 5
CHRONYD_STRATUM = 5
# Half of the distance up to which clients take a server (MAXDIST, RFC 5905 section 7.2).
MAX_DISPERSION_S = 0.5


class DaemonEnded(Exception):
    """The daemon under test is gone: no use in waiting on."""


def expect(condition, message):
    """Fails the case with this message unless the condition holds."""
    if not condition:
        raise AssertionError(message)


def eventually(what, limit_s, check):
    """Repeats check until it stops raising AssertionError; gives its value. The last failure is the message in the end."""
    begin_s = time.monotonic()
    while True:
        try:
            value = check()
        except AssertionError as error:
            if time.monotonic() - begin_s > limit_s:
                raise AssertionError(f"not within {limit_s:g} s: {what}: {error}") from error
            time.sleep(0.2)
        else:
            print(f"{time.monotonic() - begin_s:6.1f} s  {what}", flush=True)
            return value


class Bench:
    """One case's surroundings. `subject` is the daemon under test: {program, stand_in}."""

    def __init__(self, lab, peers, work, subject):
        self.lab = lab
        self.peers = peers
        self.work = work
        self.subject = subject
        self.factory = DaemonFactory(peers, work)

    @property
    def host(self):
        """The host of the daemon under test."""
        return self.lab[CENTRE]

    def ours(self, lines, name=OURS):
        """The daemon under test, on its own host, started."""
        # Only root may make namespaces, and the machine need not have a user ntp.
        options = [] if self.subject.stand_in else ["--status-file", self.status_path(name), "-u", "root"]
        return self.factory.ntpd(name, self.host, self.subject.program, lines, options).start()

    def our_server(self):
        """The daemon under test as a server of this machine's own clock; returns when it serves, with its stratum."""
        daemon = self.ours(local_clock_lines(self.subject.stand_in))
        header = self.await_followable(self.lab["peer"], self.our_address("ipv4"), "our daemon serves its local clock")
        # The LOCAL clock is a source of the stratum that fudge gives; the daemon is one below, as with any reference clock.
        expect(header.stratum == LOCAL_CLOCK_STRATUM + 1,
               f"stratum {header.stratum} with a local clock of stratum {LOCAL_CLOCK_STRATUM}")
        return daemon, header.stratum

    def status_path(self, name=OURS):
        """Where the daemon under test publishes its state."""
        return self.work / f"{name}.status.json"

    def our_state(self, daemon):
        """The state of the daemon under test: {leap, stratum, refid, sources}. The stand-in tells it by mode 6."""
        if self.subject.stand_in:
            return views.ntpq_state(self.peers, daemon)
        return views.status_file_state(self.status_path(daemon.name))

    def our_address(self, family, peer="peer"):
        """The address of the daemon under test as that peer reaches it."""
        return self.host.addresses[peer][family]

    def peer_address(self, family, peer="peer"):
        """The address of that peer as the daemon under test reaches it."""
        return self.lab[peer].addresses["ours"][family]

    def ask(self, host, address, timeout_s=1.0):
        """One client request from that host; the Answer or None."""
        family = FAMILIES["ipv6" if ":" in address else "ipv4"]
        with host.socket(family) as sock:
            return packets.exchange(sock, address, timeout_s)

    def await_sync(self, host, address, what, limit_s=SYNC_LIMIT_S):
        """Waits until the server at address, asked from host, claims to be in sync; gives its header."""
        return eventually(what, limit_s, lambda: self._header_in_sync(host, address))

    def await_followable(self, host, address, what):
        """Waits until that server is in sync and its root dispersion so small that clients take it; gives its header."""
        def check():
            header = self._header_in_sync(host, address)
            expect(header.root_dispersion < MAX_DISPERSION_S * 65536,
                   f"root dispersion {header.root_dispersion / 65536:.3f} s")
            return header
        return eventually(what, SYNC_LIMIT_S, check)

    def _header_in_sync(self, host, address):
        if any(daemon.name == OURS and not daemon.is_running() for daemon in self.factory.made):
            raise DaemonEnded("the daemon under test has ended")
        answer = self.ask(host, address)
        expect(answer is not None, f"no answer from {address}")
        header = answer.header
        expect(0 < header.stratum < 16 and header.leap != packets.UNSYNCHRONISED,
               f"leap {header.leap}, stratum {header.stratum}")
        return header


def local_clock_lines(is_ntpsec):
    """ntp.conf lines of a server of the machine's own clock. The default orphanwait would hold it back for 300 s.

    NTPsec begins with a root dispersion of 8 s, which each poll of its local clock halves, and its clients refuse more than
    1 s: at the default poll that takes minutes, at its shortest (1 s) some seconds.
    """
    poll = " minpoll 0 maxpoll 0 prefer" if is_ntpsec else ""
    return [f"server 127.127.1.0{poll}", f"fudge 127.127.1.0 stratum {LOCAL_CLOCK_STRATUM}", "tos orphanwait 1"]

# SPDX-License-Identifier: BSD-2-Clause
"""100,000 random and mutated datagrams: no crash, no reply longer than its request, the legitimate client still served."""

import collections
import random
import resource
import time

import mutation
import packets
import views
from bench import SYNC_LIMIT_S, eventually, expect
from namespaces import FAMILIES

DATAGRAMS = 100_000
# Fewer octets than a socket buffer of the default size (212,992) holds, each datagram charged with about 1.3 kB.
BATCH = 64
SEED = 20361


class Flood:
    """Sends from one socket for each request length, so that every reply can be held against the length it answers."""

    def __init__(self, host, family, address):
        self._host = host
        self._family = family
        self._target = (address, packets.NTP_PORT)
        self._sockets = {}
        self.sent = collections.Counter()
        self.replies = collections.Counter()

    def send(self, datagram):
        """Sends one datagram from the socket of its length."""
        length = len(datagram)
        if length not in self._sockets:
            self._sockets[length] = self._host.socket(self._family)
            self._sockets[length].setblocking(False)
        self._sockets[length].sendto(datagram, self._target)
        self.sent[length] += 1

    def collect(self):
        """Reads all replies that have come, and checks each."""
        for length, sock in self._sockets.items():
            while True:
                try:
                    reply, _ = sock.recvfrom(65536)
                except BlockingIOError:
                    break
                self.replies[length] += 1
                expect(len(reply) <= length, f"a request of {length} octets got a reply of {len(reply)}: {reply.hex()}")
            expect(self.replies[length] <= self.sent[length],
                   f"{self.sent[length]} requests of {length} octets got {self.replies[length]} replies")

    def close(self):
        """Closes all its sockets."""
        for sock in self._sockets.values():
            sock.close()


def flood(bench, family):
    """The flood comes from one peer, while chronyd on another follows us with a request a second."""
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard_limit), hard_limit))
    ours, _ = bench.our_server()
    server = bench.our_address(family, "client")
    client = bench.factory.chronyd("chronyd", bench.lab["client"], [f"server {server} iburst minpoll 0 maxpoll 0"]).start()

    def is_served():
        source, = views.chrony_sources(bench.peers, client)
        expect(source["state"] == "*" and source["reach"] == 0o377, f"source {source}")
    eventually("the legitimate client is served", SYNC_LIMIT_S, is_served)

    begin_s = time.monotonic()
    attack = Flood(bench.lab["peer"], FAMILIES[family], bench.our_address(family))
    try:
        _run_flood(bench, attack, ours, bench.our_address(family))
    finally:
        attack.close()
    print(f"{time.monotonic() - begin_s:6.1f} s  {attack.sent.total()} datagrams of {len(attack.sent)} lengths sent, "
          f"{attack.replies.total()} answered, none at greater length")

    eventually("the legitimate client has missed no reply of its last eight", 1.0, is_served)
    bench.await_sync(bench.lab["peer"], bench.our_address(family), "still serving")
    expect(ours.is_running(), "the daemon under test has ended")


def _run_flood(bench, attack, ours, address):
    """Sends in batches, each followed by a plain request: its answer shows that the batch has been dealt with."""
    rng = random.Random(SEED)
    lost = 0
    with bench.lab["peer"].socket(FAMILIES["ipv6" if ":" in address else "ipv4"]) as fence:
        for number in range(-(-DATAGRAMS // BATCH)):
            for _ in range(min(BATCH, DATAGRAMS - number * BATCH)):
                attack.send(mutation.datagram(rng))
            if packets.exchange(fence, address) is None:
                lost += 1
                expect(ours.is_running(), f"the daemon under test has ended in batch {number} of seed {SEED}")
                expect(lost < 10, f"plain requests go unanswered, the tenth in batch {number} of seed {SEED}")
            if number % 8 == 0:
                attack.collect()
    time.sleep(0.2)
    attack.collect()
    expect(attack.sent.total() == DATAGRAMS, f"{attack.sent.total()} datagrams sent")

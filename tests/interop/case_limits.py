# SPDX-License-Identifier: BSD-2-Clause
"""Rate limits: who asks as clients do is always answered, who floods is told so once and then not at all."""

import select
import time

import packets
import views
from bench import SYNC_LIMIT_S, eventually, expect, local_clock_lines
from namespaces import FAMILIES

FLOOD = 40
USUAL_BURST = 20
KISS_POLL = 3


def _serve(bench, lines):
    """Our server, limited for IPv4 alone, so that looking at it by IPv6 costs nobody anything."""
    # More specific than the lines that the factory adds, or those would decide.
    restrict = "restrict 10.99.1.0 mask 255.255.255.0 limited kod"
    ours = bench.ours([*local_clock_lines(is_ntpsec=False), restrict, *lines])
    bench.await_followable(bench.lab["peer"], bench.our_address("ipv6"), "our daemon serves its local clock")
    return ours


def _flood(bench, spacing_s=0.0):
    """Sends requests over IPv4; gives what came back, as pairs of request and reply."""
    sent = {}
    got = []
    with bench.lab["peer"].socket(FAMILIES["ipv4"]) as sock:
        sock.setblocking(False)
        for _ in range(FLOOD):
            request = packets.client_request()
            sent[request.transmit] = request
            sock.sendto(request.encode(), (bench.our_address("ipv4"), packets.NTP_PORT))
            time.sleep(spacing_s)
        while select.select([sock], [], [], 0.5)[0]:
            reply = packets.Header.decode(sock.recvfrom(2048)[0])
            expect(reply.origin in sent, f"a reply to no request: {reply}")
            got.append((sent[reply.origin], reply))
    return got


def _check(got, served, what):
    kisses = [(request, reply) for request, reply in got if reply.stratum == 0]
    expect(len(got) - len(kisses) == served, f"{what}: {len(got) - len(kisses)} of {FLOOD} answered, expected {served}")
    expect(len(kisses) == 1, f"{what}: {len(kisses)} kisses, expected one")
    (request, kiss), = kisses
    expect(kiss.refid == b"RATE" and kiss.leap == packets.UNSYNCHRONISED and kiss.mode == 4, f"the kiss: {kiss}")
    expect(kiss.receive == kiss.transmit == request.transmit, f"stamps of the kiss: {kiss}")
    expect(kiss.poll >= KISS_POLL, f"poll of the kiss: {kiss.poll}")
    print(f"          {what}: {served} of {FLOOD} answered, one kiss, then silence")


def usual(bench):
    """Without a discard line: a chronyd that bursts and polls every 2 s misses nothing, a flood gets its burst and a kiss."""
    _serve(bench, [])
    server = bench.our_address("ipv4")
    client = bench.factory.chronyd("chronyd", bench.lab["peer"], [f"server {server} iburst minpoll 1 maxpoll 1"]).start()

    def follows_us():
        source, = views.chrony_sources(bench.peers, client)
        expect(source["state"] == "*" and source["reach"] == 0o377, f"source {source}")
    eventually("chronyd is in sync and has missed no reply", SYNC_LIMIT_S, follows_us)
    client.stop()
    time.sleep(3)  # until its bucket is full again

    _check(_flood(bench), USUAL_BURST, "a flood")


def discard(bench):
    """With the reference implementation's counter: a flood gets one answer and a kiss, and chronyd's iburst is answered."""
    ours = _serve(bench, ["discard average 3 minimum 2"])
    server = bench.our_address("ipv4")

    _check(_flood(bench, spacing_s=0.01), 1, "a flood")

    # The flood has filled the counter of this address; 72 s later it would be answered again. Another one has its own.
    second = "10.99.1.211"
    bench.lab["peer"].add_address("ours", second)
    client = bench.factory.chronyd("chronyd", bench.lab["peer"],
                                   [f"bindacqaddress {second}", f"server {server} iburst minpoll 4 maxpoll 4"]).start()

    def selected():
        source, = views.chrony_sources(bench.peers, client)
        expect(source["state"] == "*", f"source {source}")
    eventually("chronyd at another address is in sync", SYNC_LIMIT_S, selected)
    expect(ours.is_running(), "the daemon under test has ended")

# SPDX-License-Identifier: BSD-2-Clause
"""A server that dies without a word and comes back: reach decays, recovers, and nobody crashes."""

import views
from bench import START_LIMIT_S, SYNC_LIMIT_S, eventually, expect
from case_client import chronyd_server_lines

POLL_S = 8
LOST_POLLS = 2


def of_the_peer(bench):
    """chronyd is killed while our daemon is its client, and started again two lost polls later."""
    server = bench.peer_address("ipv4")
    upstream = bench.factory.chronyd("chronyd", bench.lab["peer"], chronyd_server_lines()).start()
    bench.await_sync(bench.host, server, "chronyd serves", START_LIMIT_S)
    ours = bench.ours([f"server {server} iburst minpoll 3 maxpoll 3"])
    bench.await_sync(bench.lab["peer"], bench.our_address("ipv4"), "in sync")

    def reach():
        return bench.our_state(ours)["sources"][0]["reach"]

    def lost():
        expect(reach() & ((1 << LOST_POLLS) - 1) == 0, f"reach {reach():o}")

    def recovered():
        expect(reach() & 1, f"reach {reach():o}")

    upstream.kill()
    eventually(f"{LOST_POLLS} polls are lost: reach decays", POLL_S * (LOST_POLLS + 2), lost)
    expect(ours.is_running(), "the daemon under test has ended with its server")
    expect(bench.ask(bench.lab["peer"], bench.our_address("ipv4")), "it answers no more because its server is gone")

    upstream.start()
    eventually("the server is back: reach recovers", POLL_S * 3, recovered)
    bench.await_sync(bench.lab["peer"], bench.our_address("ipv4"), "in sync again")
    expect(ours.is_running(), "the daemon under test has ended")


def of_ours(bench):
    """Our daemon is killed while chronyd is its client, and started again when chronyd has lost it altogether."""
    ours, _ = bench.our_server()
    server = bench.our_address("ipv4")
    client = bench.factory.chronyd("chronyd", bench.lab["peer"], [f"server {server} iburst minpoll 0 maxpoll 0"]).start()

    def reach_is(wanted):
        def check():
            source, = views.chrony_sources(bench.peers, client)
            expect(source["reach"] == wanted, f"reach {source['reach']:o}")
        return check

    eventually("chronyd reaches us at every poll", SYNC_LIMIT_S, reach_is(0o377))
    ours.kill()
    eventually("we are gone: chronyd's reach decays to nothing", 20, reach_is(0))
    expect(client.is_running(), "chronyd has ended")

    ours.start()
    eventually("we are back: chronyd's reach is full again", SYNC_LIMIT_S, reach_is(0o377))

    def selected():
        source, = views.chrony_sources(bench.peers, client)
        expect(source["state"] == "*", f"source {source}")
    eventually("chronyd has selected us again", SYNC_LIMIT_S, selected)
    expect(ours.is_running() and client.is_running(), "a daemon has ended")

# SPDX-License-Identifier: BSD-2-Clause
"""Our daemon as a client of another implementation's server: in sync, one stratum below, naming its source."""

from bench import CHRONYD_STRATUM, START_LIMIT_S, SYNC_LIMIT_S, eventually, expect, local_clock_lines
from packets import refid_of


def chronyd_server_lines():
    """chrony.conf of a server of the machine's own clock."""
    return [f"local stratum {CHRONYD_STRATUM}", "allow all"]


def _follow(bench, family):
    """Starts our client of the peer, which is in sync already, and checks what it serves."""
    peer, server = bench.lab["peer"], bench.peer_address(family)
    upstream = bench.await_sync(bench.host, server, "the peer serves", START_LIMIT_S)
    ours = bench.ours([f"server {server} iburst"])

    header = bench.await_sync(peer, bench.our_address(family), f"in sync with {server}", SYNC_LIMIT_S)

    expect(header.stratum == upstream.stratum + 1, f"stratum {header.stratum}, the server's is {upstream.stratum}")
    expect(header.refid == refid_of(server), f"refid {header.refid.hex()}, expected {refid_of(server).hex()}")
    expect(header.root_dispersion > 0, "root dispersion 0: nothing is that certain")
    expect(header.reference != 0, "reference time 0 although in sync")

    def names_its_source():
        state = bench.our_state(ours)
        selected = [s["remote"] for s in state["sources"] if s["selection"] == "sys_peer"]
        expect(selected == [server], f"selected sources {selected}")
        expect(state["stratum"] == header.stratum and state["leap"] != 3, f"state {state}")
    eventually("it names the server as its source", START_LIMIT_S, names_its_source)
    expect(ours.is_running(), "the daemon under test has ended")


def of_chronyd(bench, family):
    """Our client of chronyd."""
    bench.factory.chronyd("chronyd", bench.lab["peer"], chronyd_server_lines()).start()
    _follow(bench, family)


def of_ntpsec(bench, family):
    """Our client of NTPsec's ntpd, which serves its local clock."""
    bench.factory.ntpsec("ntpsec", bench.lab["peer"], local_clock_lines(is_ntpsec=True)).start()
    bench.await_followable(bench.host, bench.peer_address(family), "NTPsec has selected its local clock")
    _follow(bench, family)

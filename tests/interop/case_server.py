# SPDX-License-Identifier: BSD-2-Clause
"""Other implementations as clients of our daemon: each reports us as its source, and itself in sync."""

import json

import views
from bench import SYNC_LIMIT_S, eventually, expect
from packets import refid_of


def chronyd_client(bench, family):
    """chronyd selects us, at our stratum + 1, every poll answered."""
    _, stratum = bench.our_server()
    server = bench.our_address(family)
    client = bench.factory.chronyd("chronyd", bench.lab["peer"], [f"server {server} iburst minpoll 0 maxpoll 0"]).start()

    def follows_us():
        tracking = views.chrony_tracking(bench.peers, client)
        expect(tracking["leap"] == "Normal", f"leap {tracking['leap']}")
        expect(tracking["refid"] == refid_of(server).hex().upper(), f"refid {tracking['refid']}")
        expect(tracking["address"] == server, f"source {tracking['address']}")
        expect(tracking["stratum"] == stratum + 1, f"stratum {tracking['stratum']}, ours is {stratum}")
        source, = views.chrony_sources(bench.peers, client)
        expect(source["state"] == "*" and source["stratum"] == stratum, f"source {source}")
        expect(source["reach"] == 0o377, f"reach {source['reach']:o}")
    eventually("chronyd is in sync with us and has missed no reply", SYNC_LIMIT_S, follows_us)


def ntpsec_client(bench, family):
    """NTPsec's ntpd selects us and serves at our stratum + 1."""
    _, stratum = bench.our_server()
    server = bench.our_address(family)
    client = bench.factory.ntpsec("ntpsec", bench.lab["peer"], [f"server {server} iburst"]).start()

    def follows_us():
        state = views.ntpq_state(bench.peers, client)
        source, = state["sources"]
        expect(state["leap"] == 0 and state["stratum"] == stratum + 1, f"state {state}, our stratum is {stratum}")
        expect(source["selection"] == "sys_peer" and source["remote"] == server, f"source {source}")
        expect(source["stratum"] == stratum, f"source {source}")
    eventually("NTPsec is in sync with us", SYNC_LIMIT_S, follows_us)

    header = bench.await_sync(bench.host, bench.peer_address(family), "NTPsec serves")
    expect(header.stratum == stratum + 1 and header.refid == refid_of(server), f"it serves {header}")


def ntpdig_client(bench, family):
    """ntpdig takes our reply: our stratum, no leap second announced, an offset of next to nothing."""
    _, stratum = bench.our_server()
    server = bench.our_address(family)
    argv = [*bench.peers.python("ntpdig"), "--json", server]

    status, output, errors = bench.lab["peer"].run(argv, env=bench.peers.environment())

    expect(status == 0, f"ntpdig ended with {status}: {errors or output}")
    print(f"          ntpdig: {output.strip()}")
    sample = json.loads(output)
    expect(sample["ip"] == server and sample["stratum"] == stratum, f"sample {sample}")
    expect(sample["leap"] == "no-leap" and abs(sample["offset"]) < 0.1, f"sample {sample}")


def openntpd_client(bench, family):
    """OpenNTPD trusts us after some replies (level 6 or more) and calls us a valid peer.

    It says `clock unsynced` all the same: that needs an adjtime that succeeds, and no test may move the clock.
    """
    _, stratum = bench.our_server()
    server = bench.our_address(family)
    client = bench.factory.openntpd("openntpd", bench.lab["peer"], [f"server {server}"]).start()

    def trusts_us():
        text, rows = views.openntpd_peers(bench.peers, client)
        expect("1/1 peers valid" in text, f"it says: {text.splitlines()[0]}")
        expect(len(rows) == 1 and rows[0]["address"] == server, f"peers {rows}: {text}")
        expect(rows[0]["trust"] >= 6 and rows[0]["stratum"] == stratum, f"peer {rows[0]}")
    eventually("OpenNTPD shows us as a valid peer", SYNC_LIMIT_S, trusts_us)

# SPDX-License-Identifier: BSD-2-Clause
"""Our tools ask the daemons of other projects: the time, with and without keys, and their state."""

import json
import re

from bench import CHRONYD_STRATUM, LOCAL_CLOCK_STRATUM, START_LIMIT_S, SYNC_LIMIT_S, eventually, expect, local_clock_lines
from case_client import chronyd_server_lines
from case_keys import KEYS, NTPSEC_TYPES, _chrony_keys_file, _key_lines, _keys_file
from namespaces import FAMILIES, Unavailable

NEXT_TO_NOTHING_S = 0.1


def _tool(bench, name, *options, host=None):
    """One of our tools, run to its end on a host; it must succeed. Gives what it printed."""
    if bench.subject.stand_in:
        raise Unavailable("the tools under test are those beside our ntpd")
    status, said, errors = (host or bench.host).run([bench.subject.program.parent / name, *options])
    expect(status == 0, f"{name} {options}: status {status}: {said}{errors}")
    return said


def _measure(bench, stratum, keys):
    """sntp and ntpdate -q agree with the daemon in either family and with every key."""
    for options in ([], *(["-a", number, "-k", keys] for number in KEYS)):
        for family in FAMILIES:
            server = bench.peer_address(family)
            sample = json.loads(_tool(bench, "sntp", "-j", *options, server))
            expect(sample["ip"] == server and sample["stratum"] == stratum and sample["leap"] == "no-leap", sample)
            expect(abs(sample["offset"]) < NEXT_TO_NOTHING_S and 0 < sample["delay"] < NEXT_TO_NOTHING_S, sample)
            said = _tool(bench, "ntpdate", "-q", "-p", "1", *options, server)
            expect(re.match(rf"server {server}, stratum {stratum}, offset [+-]0\.0\d{{5}}, delay 0\.0\d{{4}}\n", said), said)


def at_chronyd(bench):
    """chronyd: the time with each type of key; ntptrace makes do with the time, for chronyd knows no queries."""
    keys = _chrony_keys_file(bench, "chrony.keys", KEYS)
    bench.factory.chronyd("chronyd", bench.lab["peer"], [*chronyd_server_lines(), f"keyfile {keys}"]).start()
    server = bench.peer_address("ipv4")
    bench.await_sync(bench.host, server, "chronyd serves", START_LIMIT_S)

    _measure(bench, CHRONYD_STRATUM, _keys_file(bench, "ours.keys", KEYS))
    said = _tool(bench, "ntptrace", "-n", "-t", "0.3", server)
    expect(said.startswith(f"{server}: stratum {CHRONYD_STRATUM}, offset ") and "(by its time alone)" in said, said)


def at_ntpsec(bench):
    """NTPsec: the time with each type of key; its state from its own host, by ntpstat, ntp-wait, ntptrace and ntpsweep."""
    peer = bench.lab["peer"]
    keys = _keys_file(bench, "ntpsec.keys", KEYS, NTPSEC_TYPES)
    bench.factory.ntpsec("ntpsec", peer, [*local_clock_lines(is_ntpsec=True), *_key_lines(keys, KEYS)]).start()
    bench.await_followable(bench.host, bench.peer_address("ipv4"), "NTPsec has selected its local clock")
    stratum = LOCAL_CLOCK_STRATUM + 1

    _measure(bench, stratum, _keys_file(bench, "ours.keys", KEYS))
    said = _tool(bench, "ntpstat", "127.0.0.1", host=peer)
    expect(re.fullmatch(rf"synchronised to local net at stratum {stratum}\n   time correct to within \d+ ms\n   polling server every \d+ s\n",
                        said), said)
    expect(_tool(bench, "ntp-wait", "-n", "1", "-v", "127.0.0.1", host=peer).endswith("OK!\n"), "it is not OK")
    said = _tool(bench, "ntptrace", "-n", "127.0.0.1", host=peer)
    expect(re.fullmatch(rf"127\.0\.0\.1: stratum {stratum}, offset -?\d\.\d{{6}}, synch distance \d\.\d{{6}}\n", said), said)
    said = _tool(bench, "ntpsweep", "-n", "127.0.0.1", host=peer)
    expect(re.search(rf"\n127\.0\.0\.1 +{stratum} +-?0\.0\d\d ntpsec-\S+ +Linux/\S+ ", said), said)


def traced_through_ours(bench):
    """ntptrace goes from our daemon to NTPsec, which it follows, and ends there: NTPsec's clock is its own."""
    bench.factory.ntpsec("ntpsec", bench.lab["peer"], local_clock_lines(is_ntpsec=True)).start()
    server = bench.peer_address("ipv4")
    bench.await_followable(bench.host, server, "NTPsec has selected its local clock")
    bench.ours([f"server {server} iburst"])
    header = bench.await_sync(bench.lab["peer"], bench.our_address("ipv4"), f"in sync with {server}", SYNC_LIMIT_S)

    def is_traced():
        hosts = [json.loads(line) for line in _tool(bench, "ntptrace", "-n", "-t", "0.3", "--json", "127.0.0.1").splitlines()]
        expect([(one["host"], one["stratum"]) for one in hosts] ==
               [("127.0.0.1", header.stratum), (server, header.stratum - 1)], hosts)
    eventually("ntptrace goes through both", START_LIMIT_S, is_traced)

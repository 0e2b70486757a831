# SPDX-License-Identifier: BSD-2-Clause
"""Orphan mode: two hosts without a source agree on the one with the lesser address, and the other follows it."""

import ipaddress

from bench import SYNC_LIMIT_S, eventually, expect
from packets import refid_of

ORPHAN_STRATUM = 7
LOOPBACK = "127.0.0.1"


def _lines(other):
    return [f"server {other} iburst minpoll 3 maxpoll 3", f"tos orphan {ORPHAN_STRATUM} orphanwait 4"]


def _check_election(bench, second):
    """`second` runs on the other host; ours is running. Both serve within the time that selection and orphanwait take."""
    mine, other = bench.our_address("ipv4"), bench.peer_address("ipv4")
    is_parent = ipaddress.ip_address(mine) < ipaddress.ip_address(other)
    parent = mine if is_parent else other

    def check(asking, address, is_the_parent):
        answer = bench.ask(asking, address)
        expect(answer is not None, f"no answer from {address}")
        stratum = ORPHAN_STRATUM if is_the_parent else ORPHAN_STRATUM + 1
        expect(answer.header.stratum == stratum, f"stratum {answer.header.stratum}, expected {stratum}")
        refid = refid_of(LOOPBACK if is_the_parent else parent)
        expect(answer.header.refid == refid, f"refid {answer.header.refid.hex()}, expected {refid.hex()}")
    eventually("ours is what the election makes it", SYNC_LIMIT_S,
               lambda: check(bench.lab["peer"], mine, is_parent))
    eventually("so is the other host", SYNC_LIMIT_S, lambda: check(bench.host, other, not is_parent))
    expect(second.is_running(), "the other daemon has ended")


def among_ours(bench):
    """Two of ours."""
    options = [] if bench.subject.stand_in else ["-u", "root"]
    second = bench.factory.ntpd("second", bench.lab["peer"], bench.subject.program, _lines(bench.our_address("ipv4")),
                                options).start()
    bench.ours(_lines(bench.peer_address("ipv4")))
    _check_election(bench, second)


def with_ntpsec(bench):
    """Ours and NTPsec's."""
    second = bench.factory.ntpsec("ntpsec", bench.lab["peer"], _lines(bench.our_address("ipv4"))).start()
    bench.ours(_lines(bench.peer_address("ipv4")))
    _check_election(bench, second)

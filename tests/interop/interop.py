#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs one interop case: real daemons of other projects and ours, in network namespaces.

interop.py --list                                       the names of the cases
interop.py --fetch-peers --peers DIR                    downloads and unpacks the other projects' packages
interop.py CASE --ntpd PATH --peers DIR --work DIR      runs a case; exit status 0, 1 (failed) or 77 (skipped, reason said)
interop.py CASE --stand-in --peers DIR --work DIR       the same with NTPsec's ntpd in our role: checks the tests themselves
"""

import argparse
import contextlib
import functools
import pathlib
import shutil
import signal
import sys
import types

import case_client
import case_control
import case_edges
import case_hostile
import case_keys
import case_limits
import case_orphan
import case_restart
import case_server
import case_statistics
import case_tools
from bench import Bench, DaemonEnded
from capture import Capture
from namespaces import FAMILIES, Lab, Unavailable
from peers import Peers

EXIT_FAILED = 1
EXIT_SKIPPED = 77
CASE_LIMIT_S = 150

BOTH_FAMILIES = {
    "client-of-chronyd": case_client.of_chronyd,
    "client-of-ntpsec": case_client.of_ntpsec,
    "chronyd-client": case_server.chronyd_client,
    "ntpsec-client": case_server.ntpsec_client,
    "ntpdig-client": case_server.ntpdig_client,
    "openntpd-client": case_server.openntpd_client,
    "hostile-datagrams": case_hostile.flood,
}

CASES = {f"{name}-{family}": functools.partial(run, family=family)
         for name, run in BOTH_FAMILIES.items() for family in FAMILIES} | {
    "limited-clients": case_limits.usual,
    "limited-by-discard": case_limits.discard,
    "server-restarted": case_restart.of_the_peer,
    "ours-restarted": case_restart.of_ours,
    "second-daemon-refused": case_edges.second_daemon_refused,
    "answers-from-asked-address": case_edges.answers_from_asked_address,
    "address-added-later": case_edges.address_added_later,
    "sigterm-saves-drift": case_edges.sigterm_saves_drift,
    "orphans": case_orphan.among_ours,
    "orphans-with-ntpsec": case_orphan.with_ntpsec,
    "keys-client-of-chronyd": case_keys.client_of_chronyd,
    "keys-client-of-ntpsec": case_keys.client_of_ntpsec,
    "keys-chronyd-client": case_keys.chronyd_client,
    "keys-ntpsec-client": case_keys.ntpsec_client,
    "keys-untrusted-and-wrong": case_keys.untrusted_and_wrong_keys,
    "keys-server-with-another-secret": case_keys.server_with_another_secret,
    "keys-every-type-between-ours": case_keys.every_key_type_between_ours,
    "control-ntpsec-tools": case_control.ntpsec_tools,
    "control-own-line": case_control.own_line,
    "control-our-ntpq-at-ntpsec": case_control.our_ntpq_at_ntpsec,
    "control-stranger": case_control.stranger,
    "control-scanned-closed": case_control.scanned_closed,
    "control-scanned-open": case_control.scanned_open,
    "control-scanned-with-mode7": case_control.scanned_with_mode7,
    "statistics-read-by-ntpsec": case_statistics.read_by_ntpsec,
    "tools-at-chronyd": case_tools.at_chronyd,
    "tools-at-ntpsec": case_tools.at_ntpsec,
    "tools-traced-through-ours": case_tools.traced_through_ours,
}


class Ended(Exception):
    """A signal or the time limit ends the case; raised in the main thread, so that everything is torn down."""


def _end(number, _frame):
    limit = f"the case took longer than {CASE_LIMIT_S} s"
    raise Ended(limit if number == signal.SIGALRM else f"ended by {signal.Signals(number).name}")


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="?", choices=CASES, metavar="CASE")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--fetch-peers", action="store_true", help="download and unpack the packages")
    parser.add_argument("--peers", type=pathlib.Path, default=pathlib.Path("build/interop/peers"))
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/interop/work"))
    parser.add_argument("--ntpd", type=pathlib.Path, default=pathlib.Path("build/release/bin/ntpd"))
    parser.add_argument("--stand-in", action="store_true", help="test with NTPsec's ntpd in our role")
    parser.add_argument("--capture", action="store_true", help="write WORK/CASE/ours.pcap")
    arguments = parser.parse_args()
    if not (arguments.case or arguments.list or arguments.fetch_peers):
        parser.error("name a case, or --list, or --fetch-peers")
    return arguments


def _subject(arguments, peers):
    """The daemon under test. A missing one is a failure, not a reason to skip."""
    program = peers.program("ntpsec") if arguments.stand_in else arguments.ntpd.resolve()
    if not program.exists():
        raise FileNotFoundError(f"there is no daemon to test at {program}: build the target ntpd, or give --ntpd PATH")
    return types.SimpleNamespace(program=program, stand_in=arguments.stand_in)


def _run_case(name, arguments, peers):
    work = arguments.work.resolve() / name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    subject = _subject(arguments, peers)
    hosts = ("peer", "client") if name.startswith("hostile") else ("peer",)
    with Lab(*hosts) as lab:
        bench = Bench(lab, peers, work, subject)
        try:
            with Capture(bench.host, work / "ours.pcap") if arguments.capture else contextlib.nullcontext():
                CASES[name](bench)
        except BaseException:
            print("".join(daemon.log_tail() for daemon in bench.factory.made))
            raise
        finally:
            bench.factory.stop_all()


def main():
    """The exit status for the shell."""
    arguments = _arguments()
    if arguments.list:
        print("\n".join(CASES))
        return 0
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, _end)
    what = f"case {arguments.case}" if arguments.case else "peers"
    try:
        peers = Peers(arguments.peers)
        if arguments.fetch_peers:
            peers.fetch()
        if arguments.case:
            signal.alarm(CASE_LIMIT_S)
            _run_case(arguments.case, arguments, peers)
    except Unavailable as reason:
        print(f"SKIPPED {what}: {reason}")
        return EXIT_SKIPPED
    except (AssertionError, FileNotFoundError, DaemonEnded, Ended) as failure:
        print(f"FAILED {what}: {failure}")
        return EXIT_FAILED
    print(f"PASSED {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

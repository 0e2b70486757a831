# SPDX-License-Identifier: BSD-2-Clause
"""The daemon's edges with the machine: its port, its addresses, its end."""

import subprocess
import time

from bench import START_LIMIT_S, SYNC_LIMIT_S, eventually, expect
from case_client import chronyd_server_lines

NETLINK_LIMIT_S = 5.0
EXIT_LIMIT_S = 1.0
REFUSAL_LIMIT_S = 5.0
SEEDED_DRIFT_PPM = "12.345"
FREQUENCY_LIMIT_PPM = 500.0


def second_daemon_refused(bench):
    """A second daemon on the port says so and ends with an error; the first serves on."""
    first, _ = bench.our_server()
    second = bench.ours([], name="second")

    try:
        status = second.wait(REFUSAL_LIMIT_S)
    except subprocess.TimeoutExpired:
        raise AssertionError("the second daemon runs on beside the first") from None

    said = second.log_text()
    expect(status > 0, f"the second daemon ended with status {status}")
    expect(any(word in said for word in ("in use", "already", "another process")), f"no clear refusal: {said}")
    print(f"          it said: {said.strip().splitlines()[-1]}")
    expect(first.is_running(), "the first daemon has ended")
    bench.await_sync(bench.lab["peer"], bench.our_address("ipv4"), "the first serves on", START_LIMIT_S)


def answers_from_asked_address(bench):
    """With two addresses on one interface, the reply's source is the address that was asked, in both families."""
    extra = {"ipv4": "10.99.1.201", "ipv6": "fd99:1::201"}
    for address in extra.values():
        bench.host.add_address("peer", address)
    bench.our_server()

    for family, second in extra.items():
        for asked in (bench.our_address(family), second):
            answer = eventually(f"{asked} answers", START_LIMIT_S, lambda: _answer(bench, asked))
            expect(answer.address == asked, f"{asked} was asked, {answer.address} answered")


def address_added_later(bench):
    """An address that the interface gets while the daemon runs is served within 5 s."""
    bench.our_server()
    for address in ("10.99.1.202", "fd99:1::202"):
        bench.host.add_address("peer", address)
        answer = eventually(f"the new address {address} is served", NETLINK_LIMIT_S, lambda: _answer(bench, address))
        expect(answer.address == address, f"{address} was asked, {answer.address} answered")


def _answer(bench, address):
    answer = bench.ask(bench.lab["peer"], address, timeout_s=0.3)
    expect(answer is not None, f"no answer from {address}")
    return answer


def sigterm_saves_drift(bench):
    """SIGTERM ends a synchronised daemon within 1 s, with status 0, and the drift file is written anew."""
    server = bench.peer_address("ipv4")
    bench.factory.chronyd("chronyd", bench.lab["peer"], chronyd_server_lines()).start()
    drift = bench.work / "ours.drift"
    drift.write_text(f"{SEEDED_DRIFT_PPM}\n", "ascii")
    before = drift.stat()
    ours = bench.ours([f"server {server} iburst minpoll 3 maxpoll 3"])
    bench.await_sync(bench.lab["peer"], bench.our_address("ipv4"), "in sync", SYNC_LIMIT_S)

    begin_s = time.monotonic()
    ours.terminate()
    try:
        status = ours.wait(EXIT_LIMIT_S)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"still running {EXIT_LIMIT_S:g} s after SIGTERM") from None

    print(f"{time.monotonic() - begin_s:6.3f} s  from SIGTERM to its end, status {status}")
    expect(status == 0, f"exit status {status}")
    if bench.subject.stand_in:
        return print("          not checked: NTPsec writes its drift file once an hour, and not when it ends")
    after = drift.stat()
    expect((after.st_ino, after.st_mtime_ns) != (before.st_ino, before.st_mtime_ns), "the drift file was not written")
    saved_ppm = float(drift.read_text("ascii").split()[0])
    expect(abs(saved_ppm) <= FREQUENCY_LIMIT_PPM, f"drift {saved_ppm}")

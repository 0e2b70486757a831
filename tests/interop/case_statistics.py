# SPDX-License-Identifier: BSD-2-Clause
"""Our statistics files, beside NTPsec's and read by NTPsec's own reader (that of ntpviz)."""

import json
import re
import time

from bench import SYNC_LIMIT_S, eventually, expect, local_clock_lines

FINE = r"-?\d+\.\d{9}"
DATED = r"\d{5} \d{1,5}\.\d{3} "
PATTERNS = {
    # NTPsec tells the frequency with six decimals, the classic and we with three.
    "loopstats": re.compile(rf"{DATED}{FINE} -?\d+\.\d{{3}}(\d{{3}})? {FINE} \d+\.\d{{6}} -?\d+"),
    "peerstats": re.compile(rf"{DATED}\S+ [0-9a-f]{{4}} {FINE} {FINE} {FINE} {FINE}"),
    "protostats": re.compile(rf"{DATED}\S+ [0-9a-f]{{4}} [0-9a-f]{{2}} \w+( .+)?"),
}
READER = """
import json, sys
from ntp.statfiles import NTPStats
found = NTPStats(sys.argv[1], "lab")
print(json.dumps({name: getattr(found, name) for name in ("loopstats", "peerstats", "rawstats", "clockstats")}))
"""
READ = {"loopstats": 7, "peerstats": 8, "rawstats": 17, "clockstats": 9}


def _statistics(bench, name):
    folder = bench.work / name
    folder.mkdir()
    return folder, [f"statsdir {folder}/", *(f"statistics {kind}" for kind in {**READ, **PATTERNS}),
                    *(f"filegen {kind} type day enable" for kind in {**READ, **PATTERNS})]


def _lines(folder, kind):
    return [line for path in folder.glob(f"{kind}.*") for line in path.read_text("ascii").splitlines()]


def read_by_ntpsec(bench):
    """NTPsec's reader takes each of our lines; where NTPsec writes the same types, they look like ours."""
    theirs, wanted = _statistics(bench, "theirs")
    bench.factory.ntpsec("ntpsec", bench.lab["peer"], [*local_clock_lines(is_ntpsec=True), *wanted]).start()
    server = bench.peer_address("ipv4")
    bench.await_followable(bench.host, server, "NTPsec serves its local clock")
    ours, wanted = _statistics(bench, "ours")
    daemon = bench.ours([f"server {server} iburst minpoll 3 maxpoll 3", "server 127.127.1.0",
                         "fudge 127.127.1.0 stratum 12", *wanted])

    def has_written():
        counts = {kind: len(_lines(ours, kind)) for kind in {**READ, **PATTERNS}}
        expect(all(counts.values()) and counts["peerstats"] >= 4, counts)
    eventually("we have written every type", SYNC_LIMIT_S, has_written)
    daemon.stop()
    time.sleep(2)  # the reader takes lines of seconds that are over

    for folder in (theirs, ours):
        for kind, pattern in PATTERNS.items():
            lines = _lines(folder, kind)
            expect(lines and all(map(pattern.fullmatch, lines)), f"{folder}: {kind}: {lines}")
    status, output, errors = bench.host.run(["/usr/bin/python3", "-c", READER, ours], env=bench.peers.environment())
    expect(status == 0, f"the reader ended with {status}: {errors or output}")
    read = json.loads(output)
    for kind, fields in READ.items():
        expect(len(read[kind]) == len(_lines(ours, kind)), f"{kind}: {read[kind]} of {_lines(ours, kind)}")
        expect(all(len(row) >= fields for row in read[kind]), f"{kind}: {read[kind]}")

# SPDX-License-Identifier: BSD-2-Clause
"""What a daemon says about itself: through chronyc, ntpq or ntpctl, or the status file of the daemon under test."""

import json
import re

from daemons import OPENNTPD_STATE

TALLY_OF_SYSTEM_PEER = 6


class Unreadable(AssertionError):
    """The daemon doesn't tell its state yet."""


def _tool(peers, daemon, argv):
    status, output, errors = daemon.host.run(argv, env=peers.environment())
    if status != 0 or not output.strip():
        raise Unreadable(f"{daemon.name}: no state from {argv[-1]}: {(errors or output).strip()}")
    return output


def chrony_tracking(peers, daemon):
    """{refid, address, stratum, leap} of chronyd; leap is text, `Normal` when in sync."""
    fields = _tool(peers, daemon, [peers.program("chronyc"), "-n", "-c", "-h", "127.0.0.1", "tracking"]).strip().split(",")
    return {"refid": fields[0], "address": fields[1], "stratum": int(fields[2]), "leap": fields[13]}


def chrony_sources(peers, daemon):
    """One {state, address, stratum, reach} for each source of chronyd; state `*` is the selected one."""
    output = _tool(peers, daemon, [peers.program("chronyc"), "-n", "-c", "-h", "127.0.0.1", "sources"])
    rows = [line.split(",") for line in output.strip().splitlines()]
    return [{"state": row[1], "address": row[2], "stratum": int(row[3]), "reach": int(row[5], 8)} for row in rows]


def ntpq_state(peers, daemon):
    """{leap, stratum, refid, sources: [{remote, reach, stratum, selection}]} of an ntpd that answers mode 6."""
    ntpq = [*peers.python("ntpq"), "-n", "-c"]
    system = _variables(_tool(peers, daemon, [*ntpq, "rv 0 leap,stratum,refid", "127.0.0.1"]))
    listing = _tool(peers, daemon, [*ntpq, "associations", "127.0.0.1"])
    sources = []
    for index, status in re.findall(r"^\s*(\d+)\s+\d+\s+([0-9a-f]{4})\s", listing, re.M):
        row = _variables(_tool(peers, daemon, [*ntpq, f"rv &{index} srcadr,reach,stratum", "127.0.0.1"]))
        selected = int(status, 16) >> 8 & 7 == TALLY_OF_SYSTEM_PEER
        sources.append({"remote": row["srcadr"], "reach": int(row["reach"], 8), "stratum": int(row["stratum"]),
                        "selection": "sys_peer" if selected else "other"})
    # ntpq prints the leap indicator as two binary digits, and reach in octal.
    return {"leap": int(system["leap"], 2), "stratum": int(system["stratum"]),
            "refid": system["refid"], "sources": sources}


def _variables(text):
    return dict(re.findall(r"([a-z_]+)=([^,\s]+)", text))


def openntpd_peers(peers, daemon):
    """(text, rows) of OpenNTPD: `ntpctl -s all` as it is, and one {address, trust, stratum} for each answering peer.

    ntpctl finds the control socket by a compiled-in path, so it must see the daemon's own mounts.
    """
    argv = ["nsenter", "--target", daemon.pid, "--mount", OPENNTPD_STATE / "ntpctl", "-s", "all"]
    text = _tool(peers, daemon, argv)
    rows = re.findall(r"^(\S+) *\n +\*? *(\d+) +(\d+) +(\d+) ", text, re.M)
    return text, [{"address": row[0], "trust": int(row[2]), "stratum": int(row[3])} for row in rows]


def status_file_state(path):
    """The state that the daemon under test publishes each second (`--status-file`)."""
    try:
        return json.loads(path.read_text("ascii"))
    except FileNotFoundError as error:
        raise Unreadable(f"no status file yet: {path}") from error

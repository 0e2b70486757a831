# SPDX-License-Identifier: BSD-2-Clause
"""Queries: other projects' tools ask our daemon, and scanners judge it."""

import re
import subprocess
import time

import control
from bench import OURS, START_LIMIT_S, eventually, expect, local_clock_lines
from namespaces import FAMILIES

TOKEN = "c0ffee-4711"
KEY_NUMBER = 7
SECRET = "interop_control"
# What a tool says instead of an answer.
COMPLAINT = re.compile(r"\*\*\*|Traceback|timed out|[Cc]onnection refused|[Dd]enied|[Dd]isallowed|No such")
# Command of ntpq: what its answer holds.
READS = {
    "peers": r"(?m)^\*LOCAL\(0\) +\.LOCL\. +5 ",
    "associations": r"(?m)^\s+1 +\d+ +[0-9a-f]{4} +yes",
    "rv": r"version=\"ntpd .*\"",
    "rv 0 stratum,refid,sys_jitter": r"stratum=\d+.*refid=",
    "rv &1": r"srcadr=127\.127\.1\.0",
    "sysinfo": r"stratum: +\d+",
    "kerninfo": r"(?i)pll|kernel",
    "sysstats": r"(?i)uptime",
    "monstats": r"(?i)enabled",
    "iostats": r"(?i)received packets",
    "timerstats": r"(?i)timer overruns",
    "authinfo": r"(?i)stored keys",
}
PROVEN = {"ifstats": r"127\.0\.0\.1", "reslist": r"restrict|0\.0\.0\.0|127\.0\.0\.1"}


def _daemon(bench, *lines):
    keys = bench.factory.write("control.keys", [f"{KEY_NUMBER} SHA1 {SECRET}"])
    keys.chmod(0o600)
    # The lab's own access lines would forbid what is tried here.
    options = ["--status-file", bench.status_path(), "-u", "root"]
    daemon = bench.factory.ntpd(OURS, bench.host, bench.subject.program,
                                [*local_clock_lines(False), f"keys {keys}", f"trustedkey {KEY_NUMBER}",
                                 f"controlkey {KEY_NUMBER}", "restrict 127.0.0.1", "restrict ::1", *lines],
                                options, access=()).start()
    bench.await_sync(bench.host, "127.0.0.1", "our daemon serves its local clock")
    return daemon


def _ntpq(bench, host, address, *commands, options=()):
    """What NTPsec's ntpq prints, with its complaints."""
    argv = [*bench.peers.python("ntpq"), "-n", *options, *(word for command in commands for word in ("-c", command)), address]
    _, output, errors = host.run(argv, env=bench.peers.environment(), timeout_s=40)
    return output + errors


def _expect_reads(bench, host, address):
    for command, wanted in READS.items():
        text = _ntpq(bench, host, address, command)
        expect(re.search(wanted, text) and not COMPLAINT.search(text), f"{command} at {address} on {host.name}: {text}")


def ntpsec_tools(bench):
    """NTPsec's ntpq, ntptrace, ntpdig and ntpmon on this host: billboards, reports, lists of clients, interfaces and rules."""
    _daemon(bench, "restrict default noquery")
    _expect_reads(bench, bench.host, "127.0.0.1")
    keys = bench.work / "control.keys"
    for command, wanted in PROVEN.items():
        text = _ntpq(bench, bench.host, "127.0.0.1", command, options=("-k", keys, "-a", KEY_NUMBER))
        expect(re.search(wanted, text) and not COMPLAINT.search(text), f"{command}: {text}")
    text = _ntpq(bench, bench.host, "127.0.0.1", "mrulist")
    expect(re.search(r"(?m)127\.0\.0\.1$", text) and not COMPLAINT.search(text), f"mrulist: {text}")
    text = _ntpq(bench, bench.host, "127.0.0.1", ":config tos minsane 1", options=("-k", keys, "-a", KEY_NUMBER))
    expect("Config Succeeded" in text, f":config: {text}")

    environment = bench.peers.environment()
    _, text, errors = bench.host.run([*bench.peers.python("ntptrace"), "-n", "127.0.0.1"], env=environment)
    expect(re.search(r"127\.0\.0\.1: stratum 6, offset", text), f"ntptrace: {text}{errors}")
    _, text, errors = bench.host.run([*bench.peers.python("ntpdig"), "127.0.0.1"], env=environment)
    expect(re.search(r" s6 no-leap", text), f"ntpdig: {text}{errors}")
    screen = _screen_of_ntpmon(bench)
    expect("LOCL" in screen and re.search(r"127\.0\.0\.1", screen), f"ntpmon: {screen}")


def _screen_of_ntpmon(bench):
    """What ntpmon has on its terminal after some seconds."""
    socket_name = f"meridian-{bench.host.netns}"
    tmux = ["tmux", "-L", socket_name, "-f", "/dev/null"]
    environment = {**bench.peers.environment(), "TERM": "screen", "SHELL": "/bin/sh"}
    command = bench.host.command([*bench.peers.python("ntpmon"), "-n", "127.0.0.1"])
    subprocess.run([*tmux, "new-session", "-d", "-x", "132", "-y", "40", *map(str, command)], env=environment, check=True)
    try:
        def screen():
            done = subprocess.run([*tmux, "capture-pane", "-p"], env=environment, capture_output=True, text=True)
            expect("lstint" in done.stdout, done.stdout + done.stderr)
            return done.stdout
        return eventually("ntpmon shows both tables", START_LIMIT_S, screen)
    finally:
        subprocess.run([*tmux, "kill-server"], env=environment, capture_output=True)


def own_line(bench):
    """A host with a restrict line of its own reads all but the list of clients; a pool's validator finds the operator's token."""
    peer = bench.lab["peer"]
    validator = bench.peer_address("ipv4")
    ours = bench.our_address("ipv4")
    _daemon(bench, "restrict default limited kod nomodify notrap nopeer noquery", f"restrict {validator} limited kod",
            f"setvar verification={TOKEN} default")
    _expect_reads(bench, peer, ours)
    text = _ntpq(bench, peer, ours, "rv 0")
    expect(f'verification="{TOKEN}"' in text or f"verification={TOKEN}" in text, f"the token: {text}")
    text = _ntpq(bench, peer, ours, "rv 0 verification")
    expect(TOKEN in text, f"the token by its name: {text}")
    text = _ntpq(bench, peer, ours, "mrulist")
    expect(not re.search(r"(?m)^ *\d+ .* (10\.99|127\.)", text), f"the list of clients isn't for strangers: {text}")
    expect(bench.ask(peer, ours) is not None, "the time, besides")


def stranger(bench):
    """On an open server, a tool that knows nothing of short replies gets one short datagram, and ends; our own reads all of it."""
    peer = bench.lab["peer"]
    ours = bench.our_address("ipv4")
    _daemon(bench, "restrict default")
    with peer.socket(FAMILIES["ipv4"]) as sock:
        for opcode in range(32):
            asked = control.request(opcode)
            sock.sendto(asked, (ours, control.PORT))
            got = control.receive(sock, 0.3)
            expect(len(got) <= 1 and sum(map(len, got)) <= len(asked), f"operation {opcode}: {got}")
            expect(got or opcode not in (control.READ_STATUS, control.READ_VARIABLES), f"operation {opcode}: no answer")
    ntpq = bench.subject.program.parent / "ntpq"
    for command, wanted in {"peers": READS["peers"].replace("LOCAL\\(0\\)", r"\S+"), "rv": READS["rv"], "kerninfo": "frequency tolerance"}.items():
        status, text, errors = peer.run([ntpq, "-n", "-c", command, ours])
        expect(status == 0 and re.search(wanted, text) and not COMPLAINT.search(text + errors), f"our ntpq, {command}: {text}{errors}")
    begin = time.monotonic()
    text = _ntpq(bench, peer, ours, "rv")
    expect(time.monotonic() - begin < 30 and "version=" not in text, text)


def _nmap(bench, address, *scripts):
    argv = [bench.peers.program("nmap"), "-sU", "-p", "123", "-Pn", "-n", "-v", "--script", ",".join(scripts), address]
    status, output, errors = bench.lab["peer"].run(argv, env=bench.peers.environment(), timeout_s=90)
    expect(status == 0 and "123/udp" in output, f"nmap: {output}{errors}")
    return output


def scanned_closed(bench):
    """nmap on the default configuration: a time server, and nothing else."""
    _daemon(bench)
    text = _nmap(bench, bench.our_address("ipv4"), "ntp-info", "ntp-monlist")
    expect("123/udp open" in text and "receive time stamp" in text, text)
    for word in ("version:", "processor:", "system:", "stratum:", "ntp-monlist", "Meridian"):
        expect(word not in text, f"{word}: {text}")


def scanned_open(bench):
    """nmap from an address with a line of its own: version and system as from the classic; mode 7 stays off."""
    _daemon(bench, f"restrict {bench.peer_address('ipv4')}")
    text = _nmap(bench, bench.our_address("ipv4"), "ntp-info", "ntp-monlist")
    expect(re.search(r"version: ntpd ", text) and re.search(r"system: Linux", text) and "stratum: 6" in text, text)
    expect("ntp-monlist" not in text, f"mode 7 is off: {text}")


def scanned_with_mode7(bench):
    """With mode 7 and a line of its own, the list of clients as the classic gave it; from elsewhere nothing of use."""
    _daemon(bench, f"restrict {bench.peer_address('ipv4')}", "enable mode7")
    text = _nmap(bench, bench.our_address("ipv4"), "ntp-info", "ntp-monlist")
    expect("ntp-monlist" in text and bench.peer_address("ipv4") in text, f"the list of clients: {text}")


def our_ntpq_at_ntpsec(bench):
    """Our ntpq reads NTPsec's daemon, with every billboard and report that NTPsec's own has."""
    peer = bench.lab["peer"]
    ntpq = bench.subject.program.parent / "ntpq"
    keys = bench.factory.write("ntpsec.keys", [f"{KEY_NUMBER} SHA1 {SECRET}"])
    keys.chmod(0o600)
    lines = [*local_clock_lines(True), f"keys {keys}", f"trustedkey {KEY_NUMBER}", f"controlkey {KEY_NUMBER}"]
    bench.factory.ntpsec("ntpsec", peer, lines).start()
    bench.await_sync(peer, "127.0.0.1", "NTPsec's daemon serves its local clock")
    reads = {"peers": r"(?m)^\*\S*(LOCAL\(0\)|127\.127\.1\.0) +\.LOCL\.", "as": r"sys\.peer", "rv": r"version=\"ntpd ntpsec",
             "sysinfo": r"stratum: +\d", "kerninfo": r"frequency tolerance", "monstats": r"enabled", "iostats": r"received packets",
             "mrulist": r"(?m)127\.0\.0\.1$", "ifstats": r"127\.0\.0\.1", "reslist": r"127\.0\.0\.1|10\.99\.0\.0"}
    for command, wanted in reads.items():
        status, output, errors = peer.run([ntpq, "-n", "-a", KEY_NUMBER, "-k", keys, "-c", command, "127.0.0.1"])
        expect(status == 0 and re.search(wanted, output) and not COMPLAINT.search(output + errors),
               f"{command}: status {status}: {output}{errors}")

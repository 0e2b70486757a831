# SPDX-License-Identifier: BSD-2-Clause
"""Configurations, good and bad: --check-config, and what the daemon does with them."""

import json
import os
import time

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect, in_private_mounts

PARSE_LIMIT_S = 10.0
MEBI = 1 << 20

# (line, the message without the file's name)
FAULTS = (
    ("frobnicate now", '2:1: error: unknown command "frobnicate": expected a command of ntp.conf'),
    ("server a.example minpoll 30", "2:26: error: minpoll 30: expected -4 to 17 (log2 of seconds)"),
    ("tos maxdist much", "2:13: error: maxdist much: expected a number, 0 to 16 (seconds)"),
    ("driftfile", "2:10: error: driftfile: expected the name of a file"),
    ("restrict 10.0.0.0/33", '2:10: error: prefix length "33": expected 0 to 32'),
    ("filegen loopstats", "2:9: unsupported: loopstats: statistics of this type are not part of this version; none are written"),
)


def check_config(bench):
    """Status 0 on a good file, 1 on any other, and messages with file, line and column."""
    good = bench.write("good.conf", LOCAL_CLOCK)
    expect(bench.run("--check-config", "-c", good) == (0, f"{good}: good\n", ""), bench.run("--check-config", "-c", good))
    for line, message in FAULTS:
        path = bench.write("faulty.conf", ["server 192.0.2.1", line])
        status, output, _ = bench.run("--check-config", "-c", path)
        expect(status == 1 and f"{path}:{message}\n" in output, f"{line}: status {status}: {output}")


def check_config_json(bench):
    """--json is one valid JSON object whatever the file holds."""
    files = {"good": (list(LOCAL_CLOCK), 0, 0), "faulty": ([fault[0] for fault in FAULTS], 1, len(FAULTS)),
             "quotes": (['server "a\\b" "c'], 1, 1), "not-utf-8": (b"server \xff\xfe\x80\n\xe2\x82 x\n", 1, 2),
             "nul": (b"server a\0b\n", 1, 1), "binary": (os.urandom(4096), 1, None)}
    for name, (content, wanted, count) in files.items():
        path = bench.write(name, content)
        status, output, errors = bench.run("--check-config", "--json", "-c", path)
        expect(status == wanted and not errors, f"{name}: status {status}: {errors}")
        found = json.loads(output)
        expect(found["configuration"] == str(path) and found["clean"] == (wanted == 0), found)
        expect(count is None or len(found["messages"]) == count, f"{name}: {found}")
        for message in found["messages"]:
            expect(set(message) == {"file", "line", "column", "severity", "text", "refuses_start"}, message)
    status, output, _ = bench.run("--check-config", "--json", "-c", bench.path("absent.conf"))
    expect(status == 1 and "No such file" in json.loads(output)["messages"][0]["text"], output)


def unreadable_config(bench):
    """A file that is no file, too long or not text: a clear message, status 1, at once, for the check and the start."""
    folder = bench.path("folder.conf")
    folder.mkdir()
    files = {folder: "Is a directory", bench.path("absent.conf"): "No such file or directory",
             bench.write("huge.conf", b"#" * (20 * MEBI)): "longer than 16777216 octets",
             bench.write("nul.conf", b"server a\nrestrict \0"): "2:10: error: a NUL octet"}
    for path, message in files.items():
        for options in (["--check-config", "-c", path], ["-n", "-u", "root", "-c", path]):
            status, output, errors = bench.run(*options, timeout_s=PARSE_LIMIT_S)
            expect(status == 1 and message in output + errors, f"{options}: status {status}: {output}{errors}")
    for attempt in range(20):
        path = bench.write("binary.conf", os.urandom(10000 + attempt))
        status, output, errors = bench.run("--check-config", "-c", path, timeout_s=PARSE_LIMIT_S)
        expect(status == 1 and "error: " in output, f"binary: status {status}: {output}{errors}")


def million_lines(bench):
    """A million good lines are read; of a million bad ones a limited number is told. Both take seconds at most."""
    for name, line, wanted in (("comments", "# nothing", 0), ("restricts", "restrict 192.0.2.1 nomodify", 0),
                               ("faulty", "nonsense", 1)):
        path = bench.write("lines.conf", (line + "\n").encode() * (500_000 if name == "restricts" else 1_000_000))
        begin_s = time.monotonic()
        status, output, errors = bench.run("--check-config", "-c", path, timeout_s=PARSE_LIMIT_S)
        print(f"{time.monotonic() - begin_s:6.3f} s  {name}")
        expect(status == wanted, f"{name}: status {status}: {output[-500:]}{errors}")
        expect(len(output.splitlines()) < 1100, f"{name}: {len(output.splitlines())} lines of messages")


def nothing_half_applied(bench):
    """A faulty line is told and has no effect at all; the rest works."""
    lines = ["server 192.0.2.7 iburst minpoll 30", "server 192.0.2.8 iburst", "server 192.0.2.9 prefer frobnicate",
             "tos minsane 3 maxclock 0", *LOCAL_CLOCK]
    daemon = bench.ours(lines=lines)
    eventually("the good sources are there", START_LIMIT_S, lambda: expect(
        sorted(s["remote"] for s in bench.state()["sources"]) == ["127.127.1.0", "192.0.2.8"], bench.state()))
    for message in (":1:33: error: minpoll 30", ":3:25: error: unknown option", ":4:24: error: maxclock 0"):
        bench.await_log(daemon, message)


def embedded_default(bench):
    """Without /etc/ntp.conf, and without -c, the embedded default is used."""
    script = ('mkdir "$1"; cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/hosts /etc/ld.so.cache "$1" || true\n'
              'mount --bind "$1" /etc')
    argv = in_private_mounts(script, bench.command([], lines=None), bench.path("etc"))
    daemon = bench.start(argv)
    bench.await_answer(daemon)
    eventually("it waits for the pool's names", START_LIMIT_S, lambda: expect(
        "an address for 0." in bench.state()["waiting_for"], bench.state()))


def faulty_restrict(bench):
    """A faulty restrict line, also one that is misspelt, refuses the start with status 1 and says where."""
    for line, message in (("restrict default ignoer", ":5:18: error: unknown option of restrict"),
                          ("restirct default ignore", ":5:1: error: unknown command"),
                          ("trustedkey none", ":5:12: error: trustedkey none"), ("unrestrict 10.0.0.1", ":5:1: ")):
        status, said = bench.refused(lines=[*LOCAL_CLOCK, line])
        expect(status == 1 and message in said and "not started" in said, f"{line}: status {status}: {said}")


def missing_function(bench):
    """A function that is not part of this version is named, with what it costs, and the daemon starts."""
    lines = [*LOCAL_CLOCK, "statistics loopstats", "leapfile /usr/share/zoneinfo/leap-seconds.list",
             "keys /etc/ntp.keys", "trustedkey 1 (4 ... 7)", "crypto pw secret", "server 192.0.2.1 key 5", "enable monitor"]
    daemon = bench.ours(lines=lines)
    for number, word in ((5, "loopstats"), (6, "leapfile"), (7, "keys"), (8, "trustedkey"), (9, "crypto"), (10, "key")):
        bench.await_log(daemon, f"ours.conf:{number}:")
        expect(f" unsupported: {word}: " in daemon.log_text(), f"{word} is not named: {daemon.log_text()}")
    eventually("the association with a key is not started", START_LIMIT_S, lambda: expect(
        [s["remote"] for s in bench.state()["sources"]] == ["127.127.1.0"], bench.state()))


CASES = (check_config, check_config_json, unreadable_config, million_lines, nothing_half_applied, embedded_default,
         faulty_restrict, missing_function)

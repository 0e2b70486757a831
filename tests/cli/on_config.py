# SPDX-License-Identifier: BSD-2-Clause
"""Configurations, good and bad: --check-config, and what the daemon does with them."""

import json
import os
import time

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect, in_private_mounts

PARSE_LIMIT_S = 10.0
MEBI = 1 << 20

TIME_FOR_ALL = "restrict default noquery"

# (line, the message without the file's name)
FAULTS = (
    ("frobnicate now", '2:1: error: unknown command "frobnicate": expected a command of ntp.conf'),
    ("server a.example minpoll 30", "2:26: error: minpoll 30: expected -4 to 17 (log2 of seconds)"),
    ("tos maxdist much", "2:13: error: maxdist much: expected a number, 0 to 16 (seconds)"),
    ("driftfile a b", "2:13: error: driftfile b: expected the least change in ppm, 0 to 1000000"),
    ("restrict 10.0.0.0/33", '2:10: error: prefix length "33": expected 0 to 32'),
    ("filegen timingstats", "2:9: unsupported: timingstats: statistics of this type are not part of this version; none are written"),
)


def check_config(bench):
    """Status 0 on a good file, 1 on any other, and messages with file, line and column."""
    good = bench.write("good.conf", [*LOCAL_CLOCK, "restrict default nomodify noquery"])
    expect(bench.run("--check-config", "-c", good) == (0, f"{good}: good\n", ""), bench.run("--check-config", "-c", good))
    bare = bench.write("bare.conf", ["server 127.127.1.0", "fudge 127.127.1.0 stratum 1"])
    status, output, _ = bench.run("--check-config", "-c", bare)
    for wanted in (f"{bare}:1:8: warning: 127.127.1.0 with fudge stratum 1: ", "warning: no restrict default line", ": good\n"):
        expect(status == 0 and wanted in output, f"no '{wanted}': status {status}: {output}")
    for line, message in FAULTS:
        path = bench.write("faulty.conf", ["server 192.0.2.1", line])
        status, output, _ = bench.run("--check-config", "-c", path)
        expect(status == 1 and f"{path}:{message}\n" in output, f"{line}: status {status}: {output}")


def check_config_json(bench):
    """--json is one valid JSON object whatever the file holds."""
    files = {"good": ([*LOCAL_CLOCK, TIME_FOR_ALL], 0, 0), "faulty": ([*(fault[0] for fault in FAULTS), TIME_FOR_ALL], 1, len(FAULTS)),
             "quotes": (['server "a\\b" "c', TIME_FOR_ALL], 1, 1),
             "not-utf-8": (b"server \xff\xfe\x80\n\xe2\x82 x\nrestrict default noquery\n", 1, 2),
             "nul": (b"server a\0b\n", 1, 2), "binary": (os.urandom(4096), 1, None)}
    for name, (content, wanted, count) in files.items():
        path = bench.write(name, content)
        status, output, errors = bench.run("--check-config", "--json", "-c", path)
        expect(status == wanted and not errors, f"{name}: status {status}: {errors}")
        found = json.loads(output)
        expect(found["configuration"] == str(path) and found["clean"] == (wanted == 0), found)
        expect(count is None or len(found["messages"]) == count, f"{name}: {found}")
        for message in found["messages"]:
            expect(set(message) == {"file", "line", "column", "severity", "text", "token", "nearest", "refuses_start"}, message)
    path = bench.write("near", ["sevrer a", "restrict defualt", TIME_FOR_ALL])
    found = json.loads(bench.run("--check-config", "--json", "-c", path)[1])["messages"]
    expect([(m["token"], m["nearest"], m["refuses_start"]) for m in found] ==
           [("sevrer", "server", False), ("defualt", "default", True)], found)
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


def drop_ins(bench):
    """The files of ntp.d beside the configuration are read after it, by name; -c moves the folder; a bad one is named."""
    folder = bench.path("ntp.d")
    (folder / "40-more.conf").mkdir(parents=True)
    for name, line in (("20-b.conf", "server 192.0.2.2"), ("10-a.conf", "server 192.0.2.1\nincludefile sub/x"),
                       ("30-c.conf~", "nonsense"), ("readme", "nonsense"), ("40-more.conf/1.conf", "server 192.0.2.4"),
                       ("40-more.conf/2.txt", "nonsense")):
        (folder / name).write_text(line + "\n")
    (folder / "sub").mkdir()
    (folder / "sub/x").write_text("server 192.0.2.3\n")
    main = bench.write("main.conf", [*LOCAL_CLOCK, "end", "nonsense"])
    _, output, errors = bench.run("--saveconfigquit", "-", "-c", main)
    order = [line.split()[1] for line in output.splitlines() if line.startswith("server")]
    expect(order == ["127.127.1.0", "192.0.2.1", "192.0.2.3", "192.0.2.2", "192.0.2.4"], output + errors)

    (folder / "50-bad.conf").write_text("restrict defualt\n")
    status, output, _ = bench.run("--check-config", "-c", main)
    expect(status == 1 and f"{folder}/50-bad.conf:1:10: error: unknown target" in output, output)
    (folder / "50-bad.conf").unlink()
    (folder / "50-bad.conf").symlink_to("nowhere")
    status, output, _ = bench.run("--check-config", "-c", main)
    expect(status == 1 and "50-bad.conf: open" in output and "refuses to start" in output, output)
    (folder / "50-bad.conf").unlink()

    # Without /etc/ntp.conf the drop-ins alone are the configuration; without them the embedded default is.
    script = 'mkdir "$1"; cp -r "$2" "$1/ntp.d"; mount --bind "$1" /etc'
    options = ["-n", "--saveconfigquit", "-"]
    argv = in_private_mounts(script, [bench.ntpd, *options], bench.path("etc"), folder)
    status, output, errors = bench.run(*argv[1:], program=argv[0])
    expect(status == 0 and "192.0.2.4" in output and "pool" not in output, f"{status}: {output}{errors}")
    argv = in_private_mounts('mkdir "$1"; mount --bind "$1" /etc', [bench.ntpd, *options], bench.path("etc2"))
    status, output, errors = bench.run(*argv[1:], program=argv[0])
    expect(status == 0 and "embedded default" in output and "pool 0." in output, f"{status}: {output}{errors}")


def save_config(bench):
    """--saveconfigquit writes what the daemon understood; what it writes means the same; what is lost stays as a comment."""
    lines = ["server 192.0.2.1 iburst xleave", *LOCAL_CLOCK, "restrict default kod limited", "broadcastclient",
             'setvar where="hall 4" default', "crypto pw secret"]
    path = bench.write("first.conf", lines)
    saved = bench.path("saved.conf")
    status, output, errors = bench.run("--saveconfigquit", saved, "-c", path)
    expect(status == 0 and not output and ":7:1: unsupported: broadcastclient: " in errors, f"{status}: {output}{errors}")
    text = saved.read_text()
    for wanted in ("server 192.0.2.1 iburst\n", "restrict default limited kod\n", 'setvar where="hall 4" default\n',
                   f"# {path}:7: broadcastclient\n", f"# {path}:1: server 192.0.2.1 iburst xleave\n",
                   f"# {path}:9: crypto pw secret\n", f"# The effective configuration of {path}, "):
        expect(wanted in text, f"no '{wanted}' in {text}")
    expect(saved.stat().st_mode & 0o077 == 0, "others may read it")

    def body(printed):
        return [line for line in printed.splitlines() if line and not line.startswith("#")]
    status, again, errors = bench.run("--saveconfigquit", "-", "-c", saved)
    expect(status == 0 and body(again) == body(text) and not errors, f"{again}{errors}")

    for target, wanted in ((bench.path("absent/x"), "No such file"), ("/dev/full", "No space left")):
        status, output, errors = bench.run("--saveconfigquit", target, "-c", path)
        expect(status == 1 and wanted in errors, f"{target}: {status}: {output}{errors}")
    expect(bench.run("--saveconfigquit", "/dev/null", "-c", path)[0] == 0, "/dev/null")
    bad = bench.write("bad.conf", ["restrict defualt"])
    before = saved.read_text()
    status, _, errors = bench.run("--saveconfigquit", saved, "-c", bad)
    expect(status == 1 and "nothing saved" in errors and saved.read_text() == before, f"{status}: {errors}")


def faulty_restrict(bench):
    """A faulty restrict line, also one that is misspelt, refuses the start with status 1 and says where."""
    for line, message in (("restrict default ignoer", ":5:18: error: unknown option of restrict"),
                          ("restirct default ignore", ":5:1: error: unknown command"),
                          ("trustedkey none", ":5:12: error: trustedkey none"), ("unrestrict 10.0.0.1 noqurey", ":5:21: error: unknown option of unrestrict"),
                          ("server 192.0.2.1 key 0", ":5:22: error: key 0"), ("keys", ":5:5: error: keys")):
        status, said = bench.refused(lines=[*LOCAL_CLOCK, line])
        expect(status == 1 and message in said and "not started" in said, f"{line}: status {status}: {said}")


def missing_function(bench):
    """A function that is not part of this version is named, with what it costs, and the daemon starts."""
    lines = [*LOCAL_CLOCK, "statistics timingstats", "broadcastclient", "dscp 46", "enable bclient", "crypto pw secret",
             "server 192.0.2.1 autokey", "enable monitor"]
    daemon = bench.ours(lines=lines)
    for number, word in ((5, "timingstats"), (6, "broadcastclient"), (7, "dscp"), (8, "bclient"), (9, "crypto"), (10, "autokey")):
        bench.await_log(daemon, f"ours.conf:{number}:")
        expect(f" unsupported: {word}: " in daemon.log_text(), f"{word} is not named: {daemon.log_text()}")
    eventually("the association that asks for Autokey is not started", START_LIMIT_S, lambda: expect(
        [s["remote"] for s in bench.state()["sources"]] == ["127.127.1.0"], bench.state()))


CASES = (check_config, check_config_json, unreadable_config, million_lines, nothing_half_applied, embedded_default,
         drop_ins, save_config, faulty_restrict, missing_function)

# SPDX-License-Identifier: BSD-2-Clause
"""The options of ntpd: what each does, and what is said about a wrong one."""

import os
import re

from cli_bench import GOLDEN, START_LIMIT_S, eventually, expect, in_private_mounts, serve_local_clock

SET_LIMIT_S = 30.0
LINES_FOR_ALL = ("server 127.127.1.0", "restrict default nomodify noquery")

# (arguments, what the message holds)
WRONG = (
    (["--frobnicate"], "'--frobnicate' is no option of ntpd"),
    (["-z"], "'-z' is no option of ntpd"),
    (["-nz"], "'-z' is no option of ntpd"),
    (["host", "-z"], "'-z' is no option of ntpd"),
    (["-c"], "option '-c' needs an argument"),
    (["--configfile"], "option '--configfile' needs an argument"),
    (["--live=yes"], "option '--live' takes no argument"),
    (["-D", "loud"], "-D loud: expected a number from 0 to 100"),
    (["-U", "-1"], "-U -1: expected a number from 0 to 86400"),
    (["--workers", "many"], "--workers many: expected a number from 0 to 256"),
    (["--workers", "257"], "--workers 257: expected a number from 0 to 256"),
    (["-I", "10.0.0.0/33"], "-I 10.0.0.0/33: expected a prefix length from 0 to 32"),
    (["-I", "10.0.0.0/x"], "-I 10.0.0.0/x: expected a prefix length from 0 to 32"),
    (["-I", "eth0/8"], "-I eth0/8: expected an interface's name or an address"),
    (["-4", "-6"], "-4 and -6 exclude each other"),
    (["--json"], "--json belongs to --check-config"),
    (["-q", "--no-set-clock"], "they exclude each other"),
    (["-c", "/nonexistent/ntp.conf"], "/nonexistent/ntp.conf: No such file or directory"),
)


def help_text(bench):
    """--help, -h and -? print the golden text; --version and -! are not it."""
    golden = (GOLDEN / "ntpd-help.txt").read_text("utf-8")
    for option in ("--help", "-h", "-?"):
        status, output, errors = bench.run(option)
        expect((status, errors) == (0, ""), f"{option}: status {status}, {errors}")
        expect(output == golden, f"{option} differs from golden/ntpd-help.txt; it printed:\n{output}")


def version(bench):
    """One line with the program's name and number."""
    status, output, _ = bench.run("--version")
    expect(status == 0 and re.fullmatch(r"Meridian ntpd \d+\.\d+\.\d+\n", output), f"status {status}: {output}")


def default_config(bench):
    """--print-default-config is a configuration without faults; with --local it is that of the local clock."""
    for options, word in (([], "pool 2."), (["--local"], "server 127.127.1.0")):
        status, output, _ = bench.run("--print-default-config", *options)
        expect(status == 0 and word in output, f"status {status}: {output}")
        expect(bench.run("--check-config", "-c", bench.write("default.conf", output))[0] == 0, "it is not clean")


def wrong_options(bench):
    """A wrong option ends with status 1 and one line that names it."""
    for arguments, message in WRONG:
        status, output, errors = bench.run(*arguments, timeout_s=5)
        expect(status == 1 and message in errors, f"{arguments}: status {status}: {errors}")
        expect(len(errors.splitlines()) == 1 and not output, f"{arguments}: more than one line: {output}{errors}")


def classic_options(bench):
    """Options of the classic without a function here are named, with what that costs, and the daemon starts."""
    daemon = bench.ours(["-a", "-b", "-P", "50", "-w", "3"])
    for letter in "abPw":
        bench.await_log(daemon, f"option -{letter}: ")


def configuration_file(bench):
    """-c, and servers as arguments besides it, with their long names."""
    lines = ["server 192.0.2.1", "restrict 127.0.0.1"]
    daemon = bench.start([bench.ntpd, "--nofork", "--user", "root", "--configfile", bench.write("a.conf", lines),
                          "--status-file", bench.path("ours.status.json"), "192.0.2.2", "192.0.2.3"])
    bench.await_answer(daemon)
    eventually("all three are sources", START_LIMIT_S, lambda: expect(
        sorted(s["remote"] for s in bench.state()["sources"]) == ["192.0.2.1", "192.0.2.2", "192.0.2.3"], bench.state()))


def address_family(bench):
    """-4 and -6 decide what names become; a line's own -4 or -6 wins."""
    hosts = bench.write("hosts", ["192.0.2.4 dual.example", "2001:db8::6 dual.example", "192.0.2.14 other.example",
                                  "2001:db8::16 other.example"])
    cases = (("-4", {"192.0.2.4", "2001:db8::16"}, ["server dual.example", "server -6 other.example"]),
             ("-6", {"2001:db8::6", "192.0.2.14"}, ["server dual.example", "server -4 other.example"]))
    for option, wanted, lines in cases:
        argv = bench.command([option], [*lines, "restrict 127.0.0.1"], name=f"family{option}")
        daemon = bench.start(in_private_mounts('mount --bind "$1" /etc/hosts', argv, hosts), name=f"family{option}")
        bench.await_answer(daemon)
        eventually(f"{option}: {wanted}", START_LIMIT_S, lambda: expect(
            {s["remote"] for s in bench.state(daemon.name)["sources"]} == wanted, bench.state(daemon.name)))
        bench.end(daemon)


def interface_option(bench):
    """-I: what it names is served, and loopback; other addresses are not."""
    lab = bench.lab("peer")
    daemon = bench.start(bench.command(["-I", "fd99:1::/64"], [*LINES_FOR_ALL]))
    bench.await_answer(daemon, "fd99:1::1", lab["peer"])
    bench.await_answer(daemon, "::1")
    expect(bench.ask("10.99.1.1", lab["peer"]) is None, "an address that -I does not name is served")
    bench.end(daemon)
    daemon = bench.start(bench.command(["--interface", "to1"], [*LINES_FOR_ALL]), name="second")
    bench.await_answer(daemon, "10.99.1.1", lab["peer"])
    bench.await_answer(daemon, "fd99:1::1", lab["peer"])


def priority(bench):
    """-N raises the priority: nice -10."""
    daemon = bench.ours(["-N"])
    expect(os.getpriority(os.PRIO_PROCESS, daemon.pid) == -10, os.getpriority(os.PRIO_PROCESS, daemon.pid))


def debug(bench):
    """-d and -D stay in the foreground and log to standard error."""
    for name, options in (("d", ["-d"]), ("D", ["-D", "3"])):
        daemon = bench.start([bench.ntpd, *options, "-u", "root", "-c", bench.write("a.conf", LINES_FOR_ALL)], name=name)
        bench.await_answer(daemon)
        bench.await_log(daemon, "following 127.127.1.0")
        bench.end(daemon)


def set_and_quit(bench):
    """-q: without the right to set the clock it says so and fails at once; with it, it sets the clock once and ends with 0."""
    lab = bench.lab("peer")
    status, said = bench.refused(["-q"])
    expect(status == 1 and "-q: no right to set the clock" in said, f"status {status}: {said}")

    serve_local_clock(bench, lab["peer"])
    daemon = bench.start(bench.command(["-q"], ["server 10.99.1.2 iburst"]), fakes_clock=True)
    status = bench.await_end(daemon, SET_LIMIT_S)
    expect(status == 0, f"status {status}: {daemon.log_text()}")


CASES = (help_text, version, default_config, wrong_options, classic_options, configuration_file, address_family,
         interface_option, priority, debug, set_and_quit)

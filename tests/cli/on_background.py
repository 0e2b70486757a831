# SPDX-License-Identifier: BSD-2-Clause
"""The daemon in the background: what the parent tells, and what becomes of the child."""

import os
import signal

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect, in_private_mounts


def _argv(bench, *options):
    return [bench.ntpd, "-u", "root", "-c", bench.write("a.conf", LOCAL_CLOCK), *options]


def _runs(pid):
    """False for a process that has ended, also where nobody has asked for its status yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def background_start(bench):
    """Without -n: the parent ends with 0 when the daemon answers; the child has a session, the root folder and no terminal."""
    pid_file = bench.path("ntpd.pid")
    # Names are meant from where it was started, although the daemon leaves that folder.
    parent = bench.start(_argv(bench, "-p", "ntpd.pid", "-l", "ntp.log"))
    status = bench.await_end(parent, START_LIMIT_S)
    expect(status == 0, f"status {status}: {parent.log_text()}")
    header = bench.ask(timeout_s=1.0)
    expect(header is not None, "ready, but no answer")

    pid = int(pid_file.read_text("ascii"))
    expect(os.getsid(pid) == pid, "the child has no session of its own")
    expect(os.readlink(f"/proc/{pid}/cwd") == "/", os.readlink(f"/proc/{pid}/cwd"))
    for stream in (0, 1, 2):
        expect(os.readlink(f"/proc/{pid}/fd/{stream}") == "/dev/null", f"stream {stream} is kept")
    os.kill(pid, signal.SIGTERM)
    eventually("it is gone with its pid file", 1.0, lambda: expect(
        not _runs(pid) and not pid_file.exists(), "still there"))
    expect("ending on signal 15" in bench.path("ntp.log").read_text(), "the log is elsewhere")


def background_failure(bench):
    """A start that fails is told by the parent: status 1 and the reason, whether before or after the fork."""
    cases = ((["-l", "/nonexistent/log"], "log file /nonexistent/log"), (["-i", "/nonexistent"], "/nonexistent"),
             (["-u", "nosuchuser"], "there is no user"), (["-c", "/nonexistent/conf"], "/nonexistent/conf"))
    for options, message in cases:
        parent = bench.start(_argv(bench, "-p", bench.path("ntpd.pid"), *options), name="failing")
        status = bench.await_end(parent, START_LIMIT_S)
        expect(status == 1 and message in parent.log_text(), f"{options}: status {status}: {parent.log_text()}")
        expect(not bench.path("ntpd.pid").exists(), f"{options}: the pid file is left")


def background_address_taken(bench):
    """An IPv6 port that is taken shows only after the fork: the parent still says so, with status 1."""
    with bench.host.socket(10) as sock:
        sock.setsockopt(41, 26, 1)
        sock.bind(("::", 123))
        parent = bench.start(_argv(bench, "-p", bench.path("ntpd.pid")))
        status = bench.await_end(parent, START_LIMIT_S)
        expect(status == 1 and "already in use" in parent.log_text(), f"status {status}: {parent.log_text()}")
        expect(not bench.path("ntpd.pid").exists(), "the pid file is left")


def background_syslog(bench):
    """In the background it logs to syslog; without a syslog it works all the same."""
    argv = in_private_mounts('mount -t tmpfs tmpfs /dev; mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9',
                             _argv(bench, "-p", bench.path("ntpd.pid")))
    parent = bench.start(argv)
    expect(bench.await_end(parent, START_LIMIT_S) == 0, parent.log_text())
    expect(bench.ask(timeout_s=1.0) is not None, "no answer")


CASES = (background_start, background_failure, background_address_taken, background_syslog)

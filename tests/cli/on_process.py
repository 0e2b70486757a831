# SPDX-License-Identifier: BSD-2-Clause
"""The process in the foreground: signals, log, pid file, service manager, privileges, jail, idleness."""

import os
import re
import signal
import socket
import time

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect, in_private_mounts

NOBODY = 65534
CAP_NET_BIND_SERVICE = 10
LINES_A_SECOND = 10 + 50  # of events, and of answers to signals
IDLE_S = 20
MAX_IDLE_SWITCHES = 10


def sigterm(bench):
    """SIGTERM and SIGINT: status 0 within 1 s, and the pid file is gone."""
    for number in (signal.SIGTERM, signal.SIGINT):
        pid_file = bench.path("ours.pid")
        daemon = bench.ours(["-p", pid_file])
        expect(pid_file.read_text("ascii") == f"{daemon.pid}\n", pid_file.read_bytes())
        os.kill(daemon.pid, number)
        status = bench.await_end(daemon, 1.0)
        expect(status == 0 and not pid_file.exists(), f"status {status}, pid file left: {pid_file.exists()}")


def pid_file_line(bench):
    """pidfile in the configuration; -p wins; a place that can't be written costs a warning."""
    named, won = bench.path("line.pid"), bench.path("option.pid")
    daemon = bench.ours(lines=[*LOCAL_CLOCK, f"pidfile {named}"])
    expect(named.read_text("ascii") == f"{daemon.pid}\n", named.read_bytes())
    bench.end(daemon)
    expect(not named.exists(), "the pid file is left")
    daemon = bench.ours(["--pidfile", won], lines=[*LOCAL_CLOCK, f"pidfile {named}"], name="second")
    expect(won.exists() and not named.exists(), "-p does not win")
    bench.end(daemon)
    daemon = bench.ours(["-p", "/nonexistent/ntpd.pid"], name="third")
    bench.await_log(daemon, "warning: pid file: ")


def sighup(bench):
    """SIGHUP opens the log anew, so that it can be rotated; if it can't, the old one goes on."""
    log, old = bench.path("ntp.log"), bench.path("ntp.log.1")
    daemon = bench.ours(["-l", log])
    os.rename(log, old)
    os.kill(daemon.pid, signal.SIGHUP)
    eventually("the new log is there", START_LIMIT_S,
               lambda: expect(log.exists() and "log opened anew" in log.read_text(), "no new log"))
    expect("log opened anew" not in old.read_text(), "the old log is still written")

    log.rename(bench.path("ntp.log.2"))
    log.mkdir()
    os.kill(daemon.pid, signal.SIGHUP)
    eventually("the old log goes on", START_LIMIT_S,
               lambda: expect("can't be opened anew" in bench.path("ntp.log.2").read_text(), "not said"))
    bench.end(daemon)


def log_file(bench):
    """-l FILE, the logfile line, and a log that can't be opened: status 1."""
    named, won = bench.path("line.log"), bench.path("option.log")
    bench.end(bench.ours(lines=[*LOCAL_CLOCK, f"logfile {named}"]))
    expect("ending on signal" in named.read_text(), named.read_text())
    bench.end(bench.ours(["--logfile", won], lines=[*LOCAL_CLOCK, f"logfile {named}.2"], name="second"))
    expect("ending on signal" in won.read_text() and not os.path.exists(f"{named}.2"), "-l does not win")
    status, said = bench.refused(["-l", "/nonexistent/ntp.log"])
    expect(status == 1 and "log file /nonexistent/ntp.log: No such file or directory" in said, f"{status}: {said}")


def log_flood(bench):
    """Whatever happens, at most ten lines of events and fifty answers to signals in any second; what is lost is counted."""
    daemon = bench.ours()
    begin_s = time.monotonic()
    while time.monotonic() - begin_s < 3:
        os.kill(daemon.pid, signal.SIGHUP)
        time.sleep(0.002)
    taken_s = time.monotonic() - begin_s
    time.sleep(1.1)
    os.kill(daemon.pid, signal.SIGHUP)
    bench.await_log(daemon, "messages were too many in a second and are lost")
    count = len(daemon.log_text().splitlines())
    print(f"          {count} lines in {taken_s:.1f} s")
    expect(20 <= count <= LINES_A_SECOND * (taken_s + 2.5), f"{count} lines in {taken_s:.1f} s")
    bench.end(daemon)


def service_manager(bench):
    """sd_notify: READY=1 when it serves, STOPPING=1 at its end; also from a jail, and to an abstract socket."""
    jail = bench.path("jail")
    jail.mkdir()
    cases = (("path", str(bench.path("s")), []), ("jail", str(bench.path("t")), ["-i", jail]),
             ("abstract", f"@meridian-cli-{os.getpid()}", []))
    for name, address, options in cases:
        # An abstract address belongs to a network namespace; a path is limited to 107 octets, so it is short from here.
        box = bench.host.socket(socket.AF_UNIX)
        directory = os.open(bench.work, os.O_RDONLY)
        given = f"/proc/{os.getpid()}/fd/{directory}/{os.path.basename(address)}" if address[0] == "/" else address
        box.bind(given.replace("@", "\0", 1))
        box.settimeout(START_LIMIT_S)
        env = {"NOTIFY_SOCKET": given}
        argv = [bench.ntpd, "-n", "-u", "root", "-c", bench.write("a.conf", LOCAL_CLOCK), *options]
        daemon = bench.start(argv, name=name, env=env)
        expect(box.recv(100) == b"READY=1", f"{name}: not READY=1")
        expect(bench.ask() is not None, f"{name}: ready, but no answer")
        daemon.terminate()
        expect(box.recv(100) == b"STOPPING=1", f"{name}: not STOPPING=1")
        bench.await_end(daemon, 1.0)
        box.close()
        os.close(directory)


def privileges(bench):
    """-u: that user, no other group, CAP_NET_BIND_SERVICE alone (there is no CAP_SYS_TIME to keep), nothing to regain."""
    os.chown(bench.work, NOBODY, NOBODY)
    log = bench.path("ntp.log")
    daemon = bench.ours(["-p", bench.path("ours.pid"), "-l", log], user="nobody:nogroup")
    status = open(f"/proc/{daemon.pid}/status", encoding="ascii").read()
    field = dict(re.findall(r"^(\w+):\s*(.*)$", status, re.M))
    expect(field["Uid"].split() == [str(NOBODY)] * 4 and field["Gid"].split() == [str(NOBODY)] * 4, status)
    expect(field["Groups"].split() in ([], [str(NOBODY)]), field["Groups"])
    for name in ("CapPrm", "CapEff"):
        expect(int(field[name], 16) == 1 << CAP_NET_BIND_SERVICE, f"{name} {field[name]}")
    expect(int(field["CapInh"], 16) == 0 and field["NoNewPrivs"] == "1", status)

    log.rename(bench.path("ntp.log.1"))
    os.kill(daemon.pid, signal.SIGHUP)
    eventually("the log can be rotated", START_LIMIT_S, lambda: expect(log.exists(), "no new log"))
    bench.end(daemon)
    expect(not bench.path("ours.pid").exists(), "the pid file is left")

    os.chown(bench.work, 0, 0)
    daemon = bench.ours(["-p", bench.path("ours.pid")], user="nobody", name="kept")
    bench.end(daemon)
    expect(bench.path("ours.pid").read_bytes() == b"", "where the folder is root's, the pid file is emptied")

    status, said = bench.refused(user="nosuchuser")
    expect(status == 1 and "there is no user 'nosuchuser'" in said, f"{status}: {said}")


def jail(bench):
    """-i changes the root folder, with and without -u; a folder that is none refuses the start."""
    folder = bench.path("jail")
    folder.mkdir()
    for name, user in (("root", "root"), ("nobody", "nobody")):
        daemon = bench.ours(["-i", folder], user=user, name=name)
        expect(os.readlink(f"/proc/{daemon.pid}/root") == str(folder), os.readlink(f"/proc/{daemon.pid}/root"))
        eventually("it serves", START_LIMIT_S, lambda: expect(bench.ask().stratum == 11, "not in sync"))
        bench.end(daemon)
    status, said = bench.refused(["-i", "/nonexistent"])
    expect(status == 1 and "/nonexistent" in said, f"{status}: {said}")


def no_user(bench):
    """Root without -u becomes ntp or ntpsec; where neither exists it refuses and says what to do."""
    passwd = bench.write("passwd", ["root:x:0:0::/root:/bin/sh", "nobody:x:65534:65534::/:/bin/false"])
    argv = in_private_mounts('mount --bind "$1" /etc/passwd', bench.command([], user=None), passwd)
    daemon = bench.start(argv)
    status = bench.await_end(daemon, START_LIMIT_S)
    expect(status == 1 and "there is no user 'ntp' or 'ntpsec' to run as" in daemon.log_text(), daemon.log_text())
    bench.write("passwd", ["root:x:0:0::/root:/bin/sh", "ntpsec:x:64001:64001::/:/bin/false"])
    os.chmod(bench.work, 0o777)
    daemon = bench.start(argv, name="ntpsec")
    bench.await_answer(daemon)
    expect(os.stat(f"/proc/{daemon.pid}").st_uid in (0, 64001) and "Uid:\t64001" in
           open(f"/proc/{daemon.pid}/status", encoding="ascii").read(), "not ntpsec's")


def idle(bench):
    """With nothing to do it sleeps: few wake-ups in 20 s, with and without workers."""
    def switches(pid):
        total = 0
        for task in os.listdir(f"/proc/{pid}/task"):
            status = open(f"/proc/{pid}/task/{task}/status", encoding="ascii").read()
            total += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.M)[1])
        return total

    for name, options in (("alone", []), ("workers", ["--workers", "2"])):
        daemon = bench.start([bench.ntpd, "-n", "-u", "root", "-c", bench.write("a.conf", LOCAL_CLOCK), *options], name=name)
        bench.await_answer(daemon)
        time.sleep(3)
        before = switches(daemon.pid)
        time.sleep(IDLE_S)
        count = switches(daemon.pid) - before
        print(f"          {name}: {count} wake-ups in {IDLE_S} s")
        expect(count < MAX_IDLE_SWITCHES, f"{name}: {count} wake-ups in {IDLE_S} s")
        bench.end(daemon)


CASES = (sigterm, pid_file_line, sighup, log_file, log_flood, service_manager, privileges, jail, no_user, idle)

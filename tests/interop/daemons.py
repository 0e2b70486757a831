# SPDX-License-Identifier: BSD-2-Clause
"""Daemons as child processes: started on a host, logging to a file of their own, ended by their pid."""

import pathlib
import shutil
import signal
import subprocess

STOP_TIMEOUT_S = 5.0
OPENNTPD_STATE = pathlib.Path("/var/lib")
FREE_UID = 64123

# The lab may ask for the time as often as it likes, and only a daemon's own host for its state. Each net is named, because
# NTPsec adds `limited` and `noquery` to `restrict default` by itself and would drop requests that come too fast.
ACCESS_LINES = ("restrict 10.99.0.0 mask 255.255.0.0 nomodify noquery", "restrict fd99:: mask ffff:: nomodify noquery",
                "restrict 127.0.0.1", "restrict ::1")


class Daemon:
    """One program that runs until it is told to stop. ip(8) and setpriv(1) exec, so the child's pid is the daemon's."""

    def __init__(self, name, host, argv, log, env):
        self.name = name
        self.host = host
        self.argv = argv
        self.log = pathlib.Path(log)
        self._env = env
        self._process = None

    def start(self):
        """Starts it; its standard output and error go to the end of the log."""
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(self.host.command(self.argv), stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, env=self._env, cwd=self.log.parent)
        return self

    @property
    def pid(self):
        """The daemon's process id."""
        return self._process.pid

    def is_running(self):
        """False before start and after the process has ended."""
        return self._process is not None and self._process.poll() is None

    def wait(self, timeout_s):
        """The exit status (negative: ended by that signal); subprocess.TimeoutExpired when it runs on."""
        return self._process.wait(timeout_s)

    def terminate(self):
        """Sends SIGTERM."""
        self._process.terminate()

    def kill(self):
        """Ends it as a power cut would, and waits until it is gone."""
        self._process.kill()
        self._process.wait(STOP_TIMEOUT_S)

    def stop(self):
        """Ends it politely, else by force; harmless when it has ended already."""
        if not self.is_running():
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def log_text(self):
        """All it has said so far."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def log_tail(self, lines=40):
        """The last lines of its log, under a heading."""
        tail = "\n".join(self.log_text().splitlines()[-lines:])
        state = "running" if self.is_running() else "ended"
        status = "" if self._process is None or self.is_running() else f" with status {self._process.returncode}"
        return f"--- {self.name} on host {self.host.name} ({state}{status}), {self.log}:\n{tail}\n"


class DaemonFactory:
    """Writes configurations and makes daemons for them. `work` holds configurations, logs and state, flat."""

    def __init__(self, peers, work):
        self.peers = peers
        self.work = pathlib.Path(work)
        self.made = []

    def _make(self, name, host, argv, env=None):
        daemon = Daemon(name, host, argv, self.work / f"{name}.log", env or self.peers.environment())
        self.made.append(daemon)
        return daemon

    def write(self, name, lines):
        """A file of these lines in the work folder; gives its path."""
        path = self.work / name
        path.write_text("".join(f"{line}\n" for line in lines), "ascii")
        return path

    def chronyd(self, name, host, lines):
        """chronyd, in the foreground (-d), leaving the clock alone (-x), as the user it was started by (-u).

        Its command socket on UDP is enough for chronyc inside the namespace; the Unix socket is off, because its path
        would have to fit 107 octets and its folder is refused unless nobody else may enter it.
        """
        conf = self.write(f"{name}.conf", [*lines, "bindcmdaddress /", f"pidfile {self.work / name}.pid",
                                           f"driftfile {self.work / name}.drift", "logbanner 0"])
        return self._make(name, host, [self.peers.program("chronyd"), "-d", "-x", "-u", "root", "-f", conf])

    def ntpsec(self, name, host, lines):
        """NTPsec's ntpd. Without CAP_SYS_TIME it logs `adj_systime: Operation not permitted` and works on."""
        return self.ntpd(name, host, self.peers.program("ntpsec"), lines, [])

    def ntpd(self, name, host, program, lines, options, access=ACCESS_LINES):
        """A daemon that takes ntpd's options and configuration."""
        conf = self.write(f"{name}.conf", [*lines, *access, f"driftfile {self.work / name}.drift"])
        return self._make(name, host, [program, "-n", "-g", "-c", conf, *options])

    def openntpd(self, name, host, lines):
        """OpenNTPD. Its folders and its user are compiled in: /var/lib/openntpd/{db,run}, `ntpd`.

        `ip netns exec` gives each program mounts of its own, so that a folder bound over /var/lib and a passwd file over
        /etc/passwd are seen by this daemon alone. The programs lie in that folder too: it may hide the place they came
        from. Without CAP_SYS_TIME it logs that adjtime failed, and works on.
        """
        state = self.work / f"{name}.state"
        for folder in ("db", "run"):
            (state / "openntpd" / folder).mkdir(parents=True)
        shutil.copy2(self.peers.program("openntpd"), state / "ntpd")
        shutil.copy2(self.peers.program("ntpctl"), state / "ntpctl")
        self.write(f"{state.name}/conf", lines)
        home = OPENNTPD_STATE / "openntpd/run"
        user = f"ntpd:x:{FREE_UID}:{FREE_UID}::{home}:/bin/false"
        passwd = self.write(f"{name}.passwd", ["root:x:0:0::/root:/bin/sh", user])
        group = self.write(f"{name}.group", ["root:x:0:", f"ntpd:x:{FREE_UID}:"])
        script = ('mount --bind "$0" /etc/passwd && mount --bind "$1" /etc/group && mount --bind "$2" "$3" && cd / && '
                  'exec "$3/ntpd" -d -v -f "$3/conf"')
        return self._make(name, host, ["sh", "-c", script, passwd, group, state, OPENNTPD_STATE])

    def stop_all(self):
        """Ends every daemon, the newest first."""
        for daemon in reversed(self.made):
            daemon.stop()

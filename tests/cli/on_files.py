# SPDX-License-Identifier: BSD-2-Clause
"""The drift file: corrupt, missing, in a place that can't be written. Time-keeping goes on whatever happens to it."""

import os
import pathlib

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect, in_private_mounts, serve_local_clock

SYNC_LIMIT_S = 60.0
CORRUPT = {"empty": b"", "blank": b" \n\n", "nan": b"NaN\n", "huge": b"1e9\n", "word": b"fast\n", "half": b"12.5x\n",
           "binary": bytes(range(256)), "long": b"1" * 10000}
FAST_TRAINING = ("server 10.99.1.2 iburst minpoll 3 maxpoll 3", "tinker stepout 2", "restrict default nomodify noquery")


def corrupt_drift(bench):
    """A drift file that is none: one warning, and the daemon serves as without it. The clock is not ours to set here, so
    nothing is measured that could replace the file. A good one gives no warning and survives.
    """
    for name, content in CORRUPT.items():
        path = bench.write(f"{name}.drift", content)
        daemon = bench.ours(["-f", path], name=name)
        said = daemon.log_text()
        expect(said.count("warning: drift file") == 1, f"{name}: {said}")
        bench.end(daemon)
        expect(path.read_bytes() == content, f"{name}: left as {path.read_bytes()[:40]}")
    folder = bench.path("folder.drift")
    folder.mkdir()
    daemon = bench.ours(["-f", folder], name="folder")
    expect(daemon.log_text().count("warning: drift file") == 1, daemon.log_text())
    bench.end(daemon)
    daemon = bench.ours(["-f", bench.write("good.drift", b"12.345\n")], name="good")
    expect("drift" not in daemon.log_text(), daemon.log_text())
    bench.end(daemon)
    expect(float(bench.path("good.drift").read_text("ascii")) == 12.345, bench.path("good.drift").read_bytes())
    daemon = bench.ours(["-f", bench.write("half.drift", b"12.345\nmeridian 1 wander_ppm nan\n")], name="half")
    said = daemon.log_text()
    expect(said.count("notice: drift file") == 1 and "second line is not used" in said, said)
    bench.end(daemon)


def _train(bench, argv, name="ours"):
    """A client of an upstream server, its clock a remembered one, until it has measured its frequency."""
    daemon = bench.start(argv, name=name, fakes_clock=True)
    bench.await_answer(daemon)
    eventually("the frequency is measured", SYNC_LIMIT_S,
               lambda: expect(bench.state(name)["state"] == "SYNC", bench.state(name)))
    return daemon


def drift_rewritten(bench):
    """After a corrupt drift file the frequency is measured anew, and the file replaced by rename."""
    serve_local_clock(bench, bench.lab("peer")["peer"])
    path = bench.write("ours.drift", b"NaN\n")
    before = path.stat().st_ino
    daemon = _train(bench, bench.command(["-f", path], FAST_TRAINING))
    bench.end(daemon)
    expect(abs(float(path.read_text("ascii").split("\n")[0])) <= 500 and path.stat().st_ino != before, path.read_bytes())
    expect(not os.path.exists(f"{path}.new"), "the file beside it is left")


def _drift_unwritable(bench, mount):
    serve_local_clock(bench, bench.lab("peer")["peer"])
    place = bench.path("place")
    place.mkdir()
    daemon = _train(bench, in_private_mounts(mount, bench.command(["-f", place / "ntp.drift"], FAST_TRAINING), place))
    header = bench.ask()
    expect(header is not None and header.stratum == 12, f"not in sync: {header}")
    bench.end(daemon)
    said = daemon.log_text()
    expect(said.count("the frequency can't be saved") == 1, said)
    return said


def drift_read_only(bench):
    """A read-only file system: time-keeping goes on, one warning."""
    said = _drift_unwritable(bench, 'mount -t tmpfs -o ro tmpfs "$1"')
    expect("Read-only file system" in said, said)


def drift_disk_full(bench):
    """A full disk: the same, and no broken drift file."""
    said = _drift_unwritable(bench, 'mount -t tmpfs -o size=4k tmpfs "$1"; head -c 4096 /dev/zero >"$1/full"')
    expect("No space left on device" in said, said)


def default_drift(bench):
    """Without -f and driftfile, /var/lib/ntp/ntp.drift is used where the folder is there; else none."""
    script = 'mount -t tmpfs tmpfs /var/lib; mkdir /var/lib/ntp; echo nonsense >/var/lib/ntp/ntp.drift'
    daemon = bench.start(in_private_mounts(script, bench.command([])))
    bench.await_log(daemon, "drift file /var/lib/ntp/ntp.drift is not used: its first word is no number")
    bench.end(daemon)
    daemon = bench.start(in_private_mounts("mount -t tmpfs tmpfs /var/lib", bench.command([], name="none")), name="none")
    bench.await_answer(daemon)
    expect("drift" not in daemon.log_text(), daemon.log_text())


def status_file(bench):
    """--status-file: a JSON object a second, replaced as a whole; a place that can't be written costs one warning."""
    daemon = bench.ours()
    state = eventually("it is in sync", START_LIMIT_S, lambda: _in_sync(bench))
    expect(state["peer"] == "127.127.1.0" and state["leap"] == 0 and state["waiting_for"] == "", state)
    bench.end(daemon)
    daemon = bench.start([bench.ntpd, "-n", "-u", "root", "--status-file", "/nonexistent/status", "-c",
                          bench.write("a.conf", LOCAL_CLOCK)], name="nowhere")
    bench.await_answer(daemon)
    bench.await_log(daemon, "/nonexistent/status")
    expect(pathlib.Path(f"/proc/{daemon.pid}").exists(), "it has ended")


def _in_sync(bench):
    state = bench.state()
    expect(state["stratum"] == 11, state)
    return state


CASES = (corrupt_drift, drift_rewritten, drift_read_only, drift_disk_full, default_drift, status_file)

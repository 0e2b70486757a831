# SPDX-License-Identifier: BSD-2-Clause
"""Keys files: what --check-config says of them, what the daemon does with them, and where it keeps the keys."""

import json
import os
import pathlib
import re
import signal

from cli_bench import LOCAL_CLOCK, START_LIMIT_S, eventually, expect

NOBODY = 65534
AS_NOBODY = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
GOOD = "1 MD5 secret\n2 SHA1 another\n3 AES128CMAC third\n"


def keys_file(bench, name, content, mode=0o600):
    """A keys file with these rights."""
    path = bench.write(name, content)
    path.chmod(mode)
    return path


def config_lines(*files, trusted="1 2 3"):
    """A configuration with these keys files."""
    return [*LOCAL_CLOCK, "restrict default kod limited nomodify nopeer noquery", *(f"keys {path}" for path in files),
            f"trustedkey {trusted}"]


def check_config_reads_keys(bench):
    """--check-config tells what is wrong in the keys files too, with file, line and column."""
    good = bench.write("good.conf", config_lines(keys_file(bench, "good.keys", GOOD)))
    expect(bench.run("--check-config", "-c", good) == (0, f"{good}: good\n", ""), bench.run("--check-config", "-c", good))

    faulty = keys_file(bench, "faulty.keys", "# keys\n1 MD5 secret\n65536 MD5 other\n2 SHA265 third\n")
    path = bench.write("faulty.conf", config_lines(faulty, trusted="1"))
    status, output, _ = bench.run("--check-config", "-c", path)
    expect(status == 1 and f"{faulty}:3:1: error: 65536: expected the number of a key, 1 to 65535\n" in output, output)
    expect(f"{faulty}:4:3: error: key 2 is left out: key type SHA265 is not known" in output, output)
    expect(output.endswith("ntpd refuses to start with it\n"), output)
    _, output, _ = bench.run("--check-config", "--json", "-c", path)
    expect([(m["line"], m["column"], m["refuses_start"]) for m in json.loads(output)["messages"]] ==
           [(3, 1, True), (4, 3, False)], output)

    world = keys_file(bench, "world.keys", GOOD, 0o644)
    status, output, _ = bench.run("--check-config", "-c", bench.write("world.conf", config_lines(world)))
    expect(status == 0 and f"{world}: warning: everybody on this machine may read the keys (mode 0644)" in output, output)
    status, output, _ = bench.run("--check-config", "-c", bench.write("absent.conf", config_lines(bench.path("absent.keys"))))
    expect(status == 1 and "absent.keys: error: this keys file is not there" in output, output)


def faulty_keys_refuse_start(bench):
    """A malformed line refuses the start and is named; a key never is."""
    faulty = keys_file(bench, "faulty.keys", "1 MD5 sEcrEt\n2 MD5 my sEcrEt\n")
    status, said = bench.refused(lines=config_lines(faulty))
    expect(status == 1 and f"{faulty}:2:10: error: what follows the key is no address" in said, f"{status}: {said}")
    expect("sEcrEt" not in said, said)


def keys_that_nobody_may_read(bench):
    """Without the right to read them: the check leaves them out and says so, the start is refused and says what to do."""
    secret = keys_file(bench, "secret.keys", GOOD)
    config = bench.write("ours.conf", config_lines(secret))
    status, output, errors = bench.run(*AS_NOBODY[1:], bench.ntpd, "--check-config", "-c", config, program=AS_NOBODY[0])
    expect(status == 0 and f"{secret}: warning: this keys file may not be read by this user: it was not checked" in output,
           f"{status}: {output}{errors}")
    status, output, errors = bench.run(*AS_NOBODY[1:], bench.ntpd, "-n", "--any-port", "-c", config, program=AS_NOBODY[0])
    expect(status == 1 and f"this keys file can't be read: Permission denied: let the group " in errors
           and f" && chmod g+r {secret})" in errors, f"{status}: {output}{errors}")


def keys_are_kept_from_swap_and_dumps(bench):
    """Keys lie in locked memory, the process leaves no core file, and a limit that is too small is said once."""
    path = keys_file(bench, "ntp.keys", GOOD)
    daemon = bench.ours(lines=config_lines(path))
    maps = pathlib.Path(f"/proc/{daemon.pid}/smaps").read_text()
    locked = [flags for flags in re.findall(r"^VmFlags: (.*)$", maps, re.MULTILINE) if {"lo", "dd"} <= set(flags.split())]
    expect(locked, "no mapping is locked and kept out of dumps")
    expect("swapped out" not in daemon.log_text(), daemon.log_text())
    bench.end(daemon)

    # A process that may not be dumped belongs to root in /proc, whoever runs it.
    for path_or_folder in (path, bench.work):
        os.chown(path_or_folder, NOBODY, NOBODY)
    argv = ["prlimit", "--memlock=0", *AS_NOBODY, *bench.command(["--any-port"], config_lines(path), "small", user=None)]
    daemon = bench.start(argv, name="small")
    bench.await_log(daemon, "serving on port ")
    bench.await_log(daemon, "the keys may be swapped out: raise the limit of locked memory, which is 0 kB")
    eventually("it serves its clock", START_LIMIT_S, lambda: expect(bench.state("small")["stratum"] == 11, "not yet"))
    expect(daemon.log_text().count("swapped out") == 1, daemon.log_text())
    expect(pathlib.Path(f"/proc/{daemon.pid}/smaps").stat().st_uid == 0, "the process can be dumped")
    bench.end(daemon)


def keys_again(bench):
    """SIGHUP reads the keys files again, whole or not at all, and says which."""
    path = keys_file(bench, "ntp.keys", GOOD)
    lines = config_lines(path)
    daemon = bench.ours(lines=lines)
    keys_file(bench, "ntp.keys", GOOD + "4 MD5\n")
    os.kill(daemon.pid, signal.SIGHUP)
    bench.await_log(daemon, f"{path}:4:6: error: key 4: expected a type and a key after the number")
    bench.await_log(daemon, "hangup: the old keys stay")
    path.unlink()
    os.kill(daemon.pid, signal.SIGHUP)
    bench.await_log(daemon, f"{path}: error: this keys file is not there")
    told = daemon.log_text().count("the old keys stay")
    keys_file(bench, "ntp.keys", GOOD)
    os.kill(daemon.pid, signal.SIGHUP)
    eventually("it has read all again", START_LIMIT_S,
               lambda: expect(daemon.log_text().count("read again: ") == 3, daemon.log_text()))
    expect(daemon.log_text().count("the old keys stay") == told == 2, daemon.log_text())
    bench.end(daemon)


CASES = (check_config_reads_keys, faulty_keys_refuse_start, keys_that_nobody_may_read,
         keys_are_kept_from_swap_and_dumps, keys_again)

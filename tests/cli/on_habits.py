# SPDX-License-Identifier: BSD-2-Clause
"""Configurations as people have them (tests/data/configs): what is said about each, and that the daemon runs with it as it is."""

import os
import pathlib
import re

from cli_bench import GOLDEN, START_LIMIT_S, Unavailable, eventually, expect, in_private_mounts

CONFIGS = pathlib.Path(__file__).resolve().parent.parent / "data/configs"
GOLDENS = GOLDEN / "configs"
LEAST_CONFIGS = 20
KEYS = "".join(f"{number} MD5 secret{number}\n" for number in range(1, 31))
FOLDERS = ("etc", "var/lib/ntp/drift", "var/lib/ntpsec", "var/log", "var/run", "var/db", "var/ntp")
# Programs look these up; the rest of /etc is hidden, so that no file of this machine plays a part.
NEEDED = ("passwd", "group", "nsswitch.conf", "ld.so.cache")
SCRIPT = 'mount --bind "$1/etc" /etc; mount --bind "$1/var" /var; cd "$1"'


def configs():
    """Every configuration, by name."""
    found = sorted(CONFIGS.glob("*.conf"))
    expect(len(found) >= LEAST_CONFIGS, f"only {len(found)} in {CONFIGS}")
    return found


def private_place(bench, texts):
    """A folder that stands for the root: nothing but what every program needs, and the key files and includes of the texts."""
    if os.geteuid() != 0:
        raise Unavailable("only root can mount an /etc of its own")
    place = bench.path("place")
    for folder in FOLDERS:
        (place / folder).mkdir(parents=True)
    for name in NEEDED:
        source = pathlib.Path("/etc") / name
        if source.exists():
            (place / "etc" / name).write_bytes(source.read_bytes())
    for text in texts:
        for command, name in re.findall(r'^(keys|includefile)\s+"?(/[^"\s]+)', text, re.M):
            path = place / name[1:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(KEYS if command == "keys" else "# nothing\n")
            path.chmod(0o600)
    return place


def golden_difference(name, said):
    """What is wrong with the golden file of that name; None if it says the same. WRITE_GOLDEN=1 rewrites it."""
    golden = GOLDENS / f"{name}.txt"
    if os.environ.get("WRITE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(said, "utf-8")
    if not golden.exists():
        return f"{golden} is missing"
    wanted = golden.read_text("utf-8")
    return None if said == wanted else f"{name}: it said\n{said}instead of\n{wanted}"


def habits_checked(bench):
    """--check-config says about each configuration what its golden file says, and never more than a start can bear."""
    found = configs()
    place = private_place(bench, [path.read_text("utf-8") for path in found])
    different = []
    for path in found:
        argv = in_private_mounts(SCRIPT, [bench.ntpd, "--check-config", "-c", path], place)
        status, output, errors = bench.run(*argv[1:], program=argv[0])
        expect(not errors, f"{path.name}: {errors}")
        said = f"{output.replace(f'{CONFIGS}/', '')}status {status}\n"
        expect("refuses to start" not in said, f"{path.name}: {said}")
        different.append(golden_difference(path.stem, said))
    stale = {path.stem for path in GOLDENS.glob("*.txt")} - {path.stem for path in found}
    different += [f"{name}.txt has no configuration" for name in stale]
    expect(not any(different), "\n".join(filter(None, different)))


def _run_each(bench, paths):
    place = private_place(bench, [path.read_text("utf-8") for path in paths])
    for path in paths:
        state = bench.path(f"{path.stem}.status.json")
        argv = [bench.ntpd, "-n", "-u", "root", "-l", "stderr", "-c", path, "--status-file", state]
        daemon = bench.start(in_private_mounts(SCRIPT, argv, place), name=path.stem)

        def is_at_work():
            expect(daemon.is_running(), f"{path.stem} has ended: {daemon.log_text()}")
            expect(state.exists(), "no status file yet")
        eventually(f"{path.stem} is at work", START_LIMIT_S, is_at_work)
        if "\ninterface " not in path.read_text("utf-8"):
            bench.await_answer(daemon)
        bench.end(daemon, limit_s=2.0)


def habits_run_first_half(bench):
    """The daemon starts with every other configuration as it is, in a place of its own, and answers this host."""
    _run_each(bench, configs()[::2])


def habits_run_second_half(bench):
    """The same with the rest."""
    _run_each(bench, configs()[1::2])


def habits_saved(bench):
    """What --saveconfigquit writes for each is understood as the same."""
    place = private_place(bench, [path.read_text("utf-8") for path in configs()])

    def saved(path):
        argv = in_private_mounts(SCRIPT, [bench.ntpd, "--saveconfigquit", "-", "-c", path], place)
        status, output, errors = bench.run(*argv[1:], program=argv[0])
        expect(status == 0, f"{path.name}: status {status}: {errors}")
        return [line for line in output.splitlines() if line and not line.startswith("#")], output
    for path in configs():
        lines, text = saved(path)
        again, _ = saved(bench.write("saved.conf", text))
        expect(lines == again, f"{path.name}: {lines} became {again}")


def debian_package(bench):
    """The configuration that Debian's ntpsec package installs is clean, and the daemon runs with it."""
    path = bench.ntpd.parent.parent / "interop/peers/ntpsec/etc/ntpsec/ntp.conf"
    if not path.exists():
        raise Unavailable(f"{path} is missing: the interop tests unpack it")
    status, output, errors = bench.run("--check-config", "-c", path)
    expect((status, output, errors) == (0, f"{path}: good\n", ""), f"status {status}: {output}{errors}")
    _run_each(bench, [path])


CASES = (habits_checked, habits_run_first_half, habits_run_second_half, habits_saved, debian_package)

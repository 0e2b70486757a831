# SPDX-License-Identifier: BSD-2-Clause
"""ntpsim: its options, and what it says about a scenario that can't be run."""

import re

from cli_bench import GOLDEN, expect

EXAMPLE = '''title = "short"
[run]
duration_s = 3600
settle_s = 1800
seeds = [1, 2]
[client]
offset_s = 0.01
iburst = true
[link]
delay_s = 0.005
[[server]]
count = 3
[expect]
synchronized_at_end = true
'''
# (change of EXAMPLE, a pattern of the message)
FAULTS = (
    (("duration_s = 3600", "duration_s ="), r"bad\.toml:3:"),
    (("duration_s = 3600", "duraton_s = 3600"), r"duraton_s"),
    (("duration_s = 3600", 'duration_s = "long"'), r"duration_s"),
    (("duration_s = 3600", "duration_s = -1"), r"duration_s"),
    (("[expect]", "[expext]"), r"expext"),
)


def simulator_help(bench):
    """--help prints the golden text; wrong words end with status 2 and one line."""
    golden = (GOLDEN / "ntpsim-help.txt").read_text("utf-8")
    expect(bench.run("--help", program=bench.ntpsim) == (0, golden, ""), "--help differs from golden/ntpsim-help.txt")
    for words, message in ((["--seed"], "expected an argument"), (["--seed", "x", "a"], "whole number"),
                           (["--seeds", "0", "a"], "expected 1 to"), (["--frob"], "--frob: unknown option"),
                           ([], "expected a scenario file"), (["/nonexistent.toml"], "/nonexistent.toml")):
        status, output, errors = bench.run(*words, program=bench.ntpsim)
        expect(status == 2 and message in errors and len(errors.splitlines()) == 1 and not output,
               f"{words}: status {status}: {output}{errors}")


def simulator_scenarios(bench):
    """A good scenario runs, with the same trace for the same seed; a faulty one is told where, with status 2."""
    good = bench.write("good.toml", EXAMPLE)
    status, output, errors = bench.run("--check", good, program=bench.ntpsim)
    expect(status == 0 and not errors, f"status {status}: {output}{errors}")
    traces = []
    for name in ("a", "b"):
        expect(bench.run("--seed", "7", "--trace", bench.path(name), good, program=bench.ntpsim)[0] == 0, "the run failed")
        traces.append(bench.path(name).read_bytes())
    expect(traces[0] and traces[0] == traces[1], "the traces of one seed differ")
    status, output, _ = bench.run("--list", good, program=bench.ntpsim)
    expect((status, output) == (0, f"{good}: short\n"), output)

    broken = bench.write("broken.toml", EXAMPLE + "max_offset_s_max = 0\n")
    expect(bench.run("--check", broken, program=bench.ntpsim)[0] == 1, "a bound that can't hold must give status 1")
    for (old, new), message in FAULTS:
        expect(old in EXAMPLE, old)
        path = bench.write("bad.toml", EXAMPLE.replace(old, new))
        status, output, errors = bench.run(path, program=bench.ntpsim)
        expect(status == 2 and re.search(message, errors) and str(path) in errors, f"{new}: status {status}: {output}{errors}")
    status, _, errors = bench.run(bench.write("binary.toml", bytes(range(256)) * 16), program=bench.ntpsim)
    expect(status == 2 and "binary.toml" in errors, f"binary: status {status}: {errors}")


CASES = (simulator_help, simulator_scenarios)

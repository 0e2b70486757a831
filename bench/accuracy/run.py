#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Accuracy bench: runs NTP daemons inside a simulator of clocks and networks and measures their true error.

The simulator (clknetsim) is a program of its own: --clknetsim names the folder that holds the built `clknetsim` and
`clknetsim.so` (README.md says where it comes from).

  run.py --clknetsim DIR [--ntpd PATH] [--chronyd PATH] [-d DRIVER]... [-s SCENARIO]... [--seeds N] --out results.json
  run.py --out results.json --report        the goals, row by row; exit status 1 if one is missed or not measured
  run.py --out results.json --table-only    print the tables again
  run.py --list                             the scenarios

A driver (drivers.json) is a command that runs an NTP client in the foreground with a generated configuration file. A
scenario (scenarios.py) describes clocks, paths, polling and metrics. Results accumulate in --out; a driver, scenario and
seed that is there is not run again unless --force is given.
"""

import argparse
import concurrent.futures
import importlib.util
import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import report  # noqa: E402: after the path is set
import simulation  # noqa: E402
import tables  # noqa: E402


def die(message):
    sys.exit("run.py: " + message)


def load_scenarios(paths):
    """Joins the SCENARIOS of several files; a name may appear only once."""
    joined = {}
    for path in paths:
        spec = importlib.util.spec_from_file_location("scenario_file", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, scenario in module.SCENARIOS.items():
            if name in joined:
                die(f"scenario {name} appears twice")
            joined[name] = scenario
    return joined


def load(path, key):
    """One part of a results file; nothing if there is no such file."""
    if not path or not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)[key]


def save(path, results):
    """Written beside, then renamed: a bench that is stopped keeps what it has."""
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        json.dump({"summary": tables.summarise(results), "runs": results}, file, indent=1)
    os.replace(path + ".tmp", path)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--clknetsim", metavar="DIR", help="folder of the built simulator")
    add("--ntpd", default=os.path.join(ROOT, "build/release/bin/ntpd"), help="our program (default: the release build)")
    add("--chronyd", metavar="PATH", help="for the driver chrony")
    add("--ntpsec", metavar="PATH", help="for the driver ntpsec")
    add("--drivers", default=os.path.join(HERE, "drivers.json"))
    add("-d", "--driver", action="append", help="ours and chrony if none is named")
    add("--scenarios", metavar="FILE", action="append", help="instead of scenarios.py (may be repeated)")
    add("-s", "--scenario", action="append", help="all if none is named")
    add("--seeds", type=int, default=9)
    add("--first-seed", type=int, default=1)
    add("-j", "--jobs", type=int, default=1)
    add("--out", default="results.json")
    add("--work", default=os.path.join(tempfile.gettempdir(), "accuracy"), help="run folders and helper programs")
    add("--cc", default=os.environ.get("CC", "cc"))
    add("--force", action="store_true", help="run again what is in --out")
    add("--keep", action="store_true", help="keep the run folders")
    add("--table-only", action="store_true")
    add("--report", action="store_true")
    add("--list", action="store_true")
    add("--baseline", metavar="FILE", default=os.path.join(HERE, "baseline.json"),
        help="figures of other programs where --out has none")
    add("--gate", metavar="NEW:REF:RATIO:COUNT",
        help="exit 1 unless NEW's primary metric is <= RATIO x REF's in at least COUNT of the scenarios that have both")
    add("--worst", type=float, default=1.25, help="with --gate: no scenario may be worse than this ratio")
    return parser.parse_args()


def _is_wanted(driver, scenario):
    return "only" not in scenario or driver in scenario["only"]


def plan(options, scenarios, drivers, results):
    """The jobs that are not in the results yet."""
    programs = {name: os.path.abspath(path) if path else None
                for name, path in (("ntpd", options.ntpd), ("chronyd", options.chronyd), ("ntpsec", options.ntpsec))}
    done = {(r["driver"], r["scenario"], r["seed"]) for r in results if "error" not in r and not options.force}
    jobs = []
    for name in options.scenario or scenarios:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            for driver in options.driver:
                if not _is_wanted(driver, scenarios[name]) or (driver, name, seed) in done:
                    continue
                jobs.append(simulation.Job(name=driver, driver=drivers[driver], scenario_name=name,
                                           scenario=scenarios[name], seed=seed,
                                           clknetsim=os.path.abspath(options.clknetsim),
                                           bindir=os.path.join(options.work, "bin"), base=options.work,
                                           programs=programs, keeps=options.keep))
    for program in {w for job in jobs for w, path in programs.items() if "{" + w + "}" in job.driver["command"][0]}:
        if not programs[program] or not os.access(programs[program], os.X_OK):
            die(f"--{program} PATH: expected a program, found {programs[program]}")
    return jobs


def run(options, scenarios, results):
    """Runs what is missing; gives all results."""
    if not options.clknetsim:
        die("--clknetsim DIR is required")
    with open(options.drivers, encoding="utf-8") as file:
        drivers = {k: v for k, v in json.load(file).items() if not k.startswith("_")}
    for name in options.driver:
        if name not in drivers:
            die("unknown driver " + name)
    for name in options.scenario or []:
        if name not in scenarios:
            die("unknown scenario " + name)
    options.work = os.path.abspath(options.work)
    simulation.build_helpers(os.path.join(options.work, "bin"), os.path.abspath(options.clknetsim), options.cc)
    jobs = plan(options, scenarios, drivers, results)
    replaced = {(j.name, j.scenario_name, j.seed) for j in jobs}
    results = [r for r in results if (r["driver"], r["scenario"], r["seed"]) not in replaced]
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        for record in pool.map(simulation.one_run, jobs):
            results.append(record)
            found = record.get("metrics")
            note = record.get("error") or (f"rms {found['rms']:.3e} max {found['max']:.3e} "
                                           f"tconv {tables.text(found['tconv'])}")
            print(f"{record['driver']:14} {record['scenario']:14} seed {record['seed']}  {record['wall_s']:5.1f}s  {note}",
                  file=sys.stderr, flush=True)
            save(options.out, results)
    return results


def gate(options, summary, baseline, scenarios):
    """Exit status of --gate."""
    new, ref, limit, count = options.gate.split(":")
    ratios = {}
    print()
    for name, sc in scenarios.items():
        entry = summary.get(name, {}).get(new, {})
        compared = sc.get("compared_with", name)
        reference = (summary.get(compared, {}).get(ref) or baseline.get(compared, {}).get(ref) or {}).get(sc["primary"])
        if not entry or reference is None or reference == float("inf"):
            continue
        quotient = tables.ratio(entry.get(sc["primary"]), reference)
        ratios[name] = float("inf") if quotient is None or entry.get("failed") else quotient
        print(f"  gate {name:14} {ratios[name]:.3f} {'ok' if ratios[name] <= float(limit) else 'MISS'}")
    passed = sum(q <= float(limit) for q in ratios.values())
    over = [name for name, q in ratios.items() if q > options.worst]
    good = passed >= int(count) and not over
    print(f"gate {'passed' if good else 'FAILED'}: {passed} of {len(ratios)} scenarios at <= {limit} x {ref} (need {count}), "
          f"over {options.worst:.2f}: {', '.join(over) or 'none'}")
    return 0 if good else 1


def main():
    """The exit status for the shell."""
    options = arguments()
    options.driver = options.driver or ["ours", "chrony"]
    scenarios = load_scenarios(options.scenarios or [os.path.join(HERE, "scenarios.py")])
    if options.list:
        for name, scenario in scenarios.items():
            print(f"{name:14} {scenario['title']}")
        return 0
    results = load(options.out, "runs") or []
    if not (options.table_only or options.report):
        results = run(options, scenarios, results)
    summary = tables.summarise(results)
    baseline = load(options.baseline, "summary") or {}
    if options.report:
        return 0 if report.print_report(summary, baseline) else 1
    seen = sorted({d for e in summary.values() for d in e}, key=lambda d: (d != "chrony", d))
    if seen:
        tables.print_table(summary, scenarios, seen)
        tables.print_primary(summary, scenarios, seen)
        tables.print_honesty(summary, scenarios, seen)
    return gate(options, summary, baseline, scenarios) if options.gate else 0


if __name__ == "__main__":
    sys.exit(main())

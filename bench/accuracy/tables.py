# SPDX-License-Identifier: BSD-2-Clause
"""Medians and worst seeds over the runs, and the tables that show them."""

import statistics

LOWER_IS_WORSE = ("within_root", "within_3sd", "estimate_within_3sd")
HONESTY = ("within_root", "within_3sd", "estimate_within_3sd", "worst_of_root")


def text(value):
    if value is None:
        return "-"
    if value == float("inf"):
        return "never"
    return f"{value:.3g}"


def ratio(value, reference):
    """value / reference; None where there is none, infinity where only the reference got there."""
    if value is None or not reference or reference == float("inf"):
        return None
    return value / reference


def summarise(results):
    """{scenario: {driver: medians over the seeds; NAME_worst for the worst seed}}"""
    groups = {}
    for record in results:
        groups.setdefault((record["scenario"], record["driver"]), []).append(record)
    summary = {}
    for (scenario, driver), records in groups.items():
        good = [r["metrics"] for r in records if "metrics" in r]
        entry = {"runs": len(good), "failed": len(records) - len(good)}
        for key in sorted({k for m in good for k in m}):
            values = [m[key] for m in good if key in m]
            entry[key] = statistics.median(values)
            entry[key + "_worst"] = min(values) if key in LOWER_IS_WORSE else max(values)
        summary.setdefault(scenario, {})[driver] = entry
    return summary


def print_table(summary, scenarios, drivers):
    """One block a scenario."""
    for name, sc in scenarios.items():
        if name not in summary:
            continue
        extra = sorted({k for e in summary[name].values() for k in e
                        if k.startswith(("rms_", "max_", "trec_")) and not k.endswith("_worst")})
        keys = ["rms", *extra, sc["primary"] + "_worst", "max", "freq_rms", "tconv", "pkts_h"]
        print(f"\n{name}: {sc['title']}  [primary: {sc['primary']}]")
        print(f"  {'driver':14} runs " + " ".join(f"{k[:14]:>14}" for k in keys))
        for driver in drivers:
            entry = summary[name].get(driver)
            if entry:
                runs = f"{entry['runs']}" + ("!" if entry["failed"] else "")
                print(f"  {driver:14} {runs:>4} " + " ".join(f"{text(entry.get(k)):>14}" for k in keys))


def print_primary(summary, scenarios, drivers):
    """The metric that counts, beside the first driver's."""
    print(f"\nprimary metric, median over seeds (ratio to {drivers[0]}), then the worst seed")
    print(f"  {'scenario':14} {'metric':10} " + " ".join(f"{d:>28}" for d in drivers))
    for name, sc in scenarios.items():
        if name not in summary:
            continue
        reference = summary.get(sc.get("compared_with", name), {}).get(drivers[0], {}).get(sc["primary"])
        cells = []
        for driver in drivers:
            entry = summary[name].get(driver, {})
            value = entry.get(sc["primary"])
            cell = text(value)
            quotient = ratio(value, reference)
            if quotient is not None and value != float("inf"):
                cell += f" ({quotient:.2f})"
            cells.append(f"{cell + '  ' + text(entry.get(sc['primary'] + '_worst')):>28}")
        print(f"  {name:14} {sc['primary']:10} " + " ".join(cells))


def print_honesty(summary, scenarios, drivers):
    """errorstats against the truth: the worst seed of each scenario."""
    rows = [(name, driver) for name in scenarios for driver in drivers
            if "within_root" in summary.get(name, {}).get(driver, {})]
    if not rows:
        return
    print("\nerrorstats against the truth, synchronised seconds: share, median and (worst seed)")
    print(f"  {'scenario':14} {'driver':14} " + " ".join(f"{k:>26}" for k in HONESTY))
    for name, driver in rows:
        entry = summary[name][driver]
        print(f"  {name:14} {driver:14} " +
              " ".join(f"{entry[k]:>14.6f} ({entry[k + '_worst']:.6f})" for k in HONESTY))

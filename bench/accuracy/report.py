# SPDX-License-Identifier: BSD-2-Clause
"""The accuracy goals, row by row: what must be, what is aimed at, what was measured."""

from dataclasses import dataclass

import scenarios as listed
from tables import ratio, text

ABSOLUTE = {"hw": (1.6e-7, 1.45e-7), "lan": (3.5e-6, 3.25e-6), "inet": (7e-5, 5.3e-5), "wifi": (2.6e-4, 1.5e-4),
            "mobile": (8e-4, 6.5e-4)}
DEFAULT_POLLS = (6, 10)


@dataclass
class Row:
    """One goal. must and aim say whether the measured figures reach it; None: nothing was measured."""

    what: str
    must: str
    aim: str
    measured: str
    meets_must: bool | None
    meets_aim: bool | None

    def verdict(self):
        if self.meets_must is None:
            return "not measured"
        if not self.meets_must:
            return "MISSED"
        return "met, and the aim" if self.meets_aim else "met"


class Figures:
    """The summary of the runs; what other programs lack in it is taken from the baseline."""

    def __init__(self, summary, baseline):
        self._summary = summary
        self._baseline = baseline

    def get(self, scenario, driver, key):
        entry = self._summary.get(scenario, {}).get(driver)
        if entry is None and driver != "ours":
            entry = self._baseline.get(scenario, {}).get(driver)
        if entry is None:
            return None
        if driver == "ours" and (entry.get("failed") or not entry.get("runs")):
            return float("inf")
        return entry.get(key)

    def ratios(self, names, key_of, other="chrony"):
        """{scenario: ours / the other's}, where both were measured."""
        found = {}
        for name in names:
            compared = listed.SCENARIOS[name].get("compared_with", name)
            quotient = ratio(self.get(name, "ours", key_of(name)), self.get(compared, other, key_of(name)))
            if quotient is not None:
                found[name] = quotient
        return found


def _primary(name):
    return listed.SCENARIOS[name]["primary"]


def _names():
    return [name for name, sc in listed.SCENARIOS.items() if "compared_with" not in sc]


def _several(values, most):
    """The figures, the greatest first."""
    ordered = sorted(values.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {text(value)}" for name, value in ordered[:most])


def _counted(what, ratios, must, aim, total):
    """At most LIMIT in COUNT scenarios, none over WORST."""
    def reached(goal):
        limit, count, worst = goal
        return sum(r <= limit for r in ratios.values()) >= count and max(ratios.values()) <= worst

    def words(goal):
        limit, count, worst = goal
        return f"<= {limit:g} in {count}" + (f", none over {worst:g}" if worst != float("inf") else "")
    if len(ratios) < total:
        measured = f"only {len(ratios)} of {total} scenarios; "
    else:
        measured = ""
    measured += f"{sum(r <= must[0] for r in ratios.values())} at <= {must[0]:g}, " \
                f"{sum(r <= aim[0] for r in ratios.values())} at <= {aim[0]:g}; worst: {_several(ratios, 4)}"
    is_known = len(ratios) == total
    return Row(what, words(must), words(aim), measured if ratios else "-", reached(must) if is_known else None,
               reached(aim) if is_known else None)


def _at_most(what, value, must, aim, measured=None):
    return Row(what, f"<= {must:g}", f"<= {aim:g}", measured or text(value), None if value is None else value <= must,
               None if value is None else value <= aim)


def _share(what, shares, must, aim):
    """The least share over scenarios and seeds."""
    def percent(value):
        return f"{100 * value:g}% of seconds"
    if not shares:
        return Row(what, percent(must), percent(aim), "-", None, None)
    ordered = sorted(shares.items(), key=lambda item: item[1])
    short = [f"{name} {100 * share:.3f}%" for name, share in ordered[:5] if share < aim]
    measured = f"least {100 * ordered[0][1]:.3f}% over {len(shares)} scenarios" + (f": {', '.join(short)}" if short else "")
    return Row(what, percent(must), percent(aim), measured, ordered[0][1] >= must, ordered[0][1] >= aim)


def _packets(figures):
    names = [n for n in _names() if (listed.SCENARIOS[n]["minpoll"], listed.SCENARIOS[n]["maxpoll"]) == DEFAULT_POLLS]
    rates = {name: figures.get(name, "ours", "pkts_h") for name in names}
    found = {name: rate / len(listed.SCENARIOS[name]["servers"]) for name, rate in rates.items() if rate is not None}
    return _at_most("packets an hour and server, default polls",
                    max(found.values()) if len(found) == len(names) else None, 15, 8, _several(found, 8) or "-")


def _worst_seeds(figures):
    ratios = figures.ratios(_names(), lambda name: _primary(name) + "_worst")
    total = len(_names())
    better = sum(r < 1 for r in ratios.values())
    is_known = len(ratios) == total
    return Row("worst seed better than chrony's worst seed", "in 18 of 20", "in 20",
               f"{better} of {len(ratios)}; worst: {_several(ratios, 4)}", better >= 18 if is_known else None,
               better >= 20 if is_known else None)


def rows(summary, baseline):
    """Every goal of the list."""
    figures = Figures(summary, baseline)
    names = _names()
    none = float("inf")
    out = [_counted("primary metric against chrony", figures.ratios(names, _primary), (0.70, 16, 1.05), (0.60, 16, 0.95),
                    len(names))]
    equal = [name for name, sc in listed.SCENARIOS.items() if "compared_with" in sc]
    for name, quotient in {n: figures.ratios([n], _primary).get(n) for n in equal}.items():
        rate = figures.get(name, "ours", "pkts_h")
        per_server = "" if rate is None else f" ({rate / len(listed.SCENARIOS[name]['servers']):.1f} packets an hour)"
        out.append(_at_most(f"equal packets: {name.removesuffix('-eq')} against chrony", quotient, 0.70, 0.55,
                            text(quotient) + per_server))
    out += [_at_most(f"{name}, seconds RMS", figures.get(name, "ours", "rms"), *goal) for name, goal in ABSOLUTE.items()]
    out.append(_packets(figures))
    out += [_at_most(f"{name}: seconds to stay below 1 ms", figures.get(name, "ours", "tconv"), 10, 3,
                     f"{text(figures.get(name, 'ours', 'tconv'))}, worst seed "
                     f"{text(figures.get(name, 'ours', 'tconv_worst'))}") for name in ("off100ms", "off10s")]
    out.append(_at_most("false: median seed, seconds RMS", figures.get("false", "ours", "rms"), 1e-4, 5e-5))
    out.append(_at_most("false: worst seed, seconds RMS", figures.get("false", "ours", "rms_worst"), 1e-3, 2e-4))
    for name in ("slowq", "reroute"):
        out.append(_at_most(f"{name} against ntp.org's", figures.ratios([name], _primary, "classic").get(name), 1.10, 0.9))
    out.append(_counted("RMS frequency error against chrony", figures.ratios(names, lambda _: "freq_rms"), (1.25, 14, 2.5),
                        (1.0, 16, none), len(names)))
    out.append(_worst_seeds(figures))
    for what, key, goal in (("true error within the root distance", "within_root_worst", (1.0, 1.0)),
                            ("true error within 3 standard deviations", "within_3sd_worst", (0.99, 0.997))):
        shares = {name: figures.get(name, "ours", key) for name in summary}
        out.append(_share(what, {name: share for name, share in shares.items() if share not in (None, none)}, *goal))
    return out


def print_report(summary, baseline):
    """A table in Markdown; True if every goal that must be met was measured and met."""
    found = rows(summary, baseline)
    print("| what | must | aim | measured | |\n|---|---|---|---|---|")
    for row in found:
        print(f"| {row.what} | {row.must} | {row.aim} | {row.measured} | {row.verdict()} |")
    return all(row.meets_must for row in found)

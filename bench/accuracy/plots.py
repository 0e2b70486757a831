#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
#
# Draws the true offset over time of every scenario of scenarios/accuracy: the clock estimator and the classic loop on the same
# world. The pictures of docs/design/clock.md are made with it; the same program gives the same files.
"""Run ntpsim on scenarios/accuracy and draw docs/design/clock/NAME.svg."""

import argparse
import math
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios" / "accuracy"
PICTURES = ROOT / "docs" / "design" / "clock"
MOST_BYTES = 40_000

# The picture, in pixels; paths are written in quarters of one.
WIDTH, HEIGHT = 800, 330
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 62, 40
COLUMNS, ROWS = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
FINENESS = 4
BAND_DEVIATIONS = 3
COLOURS = {"estimator": "#0b4f9e", "classic": "#e08214"}
BAND_COLOUR = "#cfe2f6"


@dataclass
class Sample:
    """One line of ntpsim --plot-data. Seconds; offsets are > 0 where the clock is ahead of true time."""

    at: float
    offset: float
    estimated: float  # what the clock takes its own offset for
    deviation: float


@dataclass
class Scenario:
    name: str
    title: str
    duration: float
    settle: float
    is_start: bool
    events: list


def read_scenario(path):
    text = tomllib.loads(path.read_text(encoding="utf-8"))
    events = [(e["at_s"], e["at_s"] + e.get("duration_s", 0)) for e in text.get("event", [])]
    return Scenario(
        name=path.stem,
        title=text["title"],
        duration=text["run"]["duration_s"],
        settle=text["run"]["settle_s"],
        is_start=path.stem.startswith("start-"),
        events=events,
    )


def with_error_bars(text):
    """The scenario, made to ask for error bars: without a bound on them they are not recorded."""
    return text if "within_3_deviations_min" in text else text.replace("[expect]", "[expect]\nwithin_3_deviations_min = 0")


def run(ntpsim, path, discipline, seed):
    with tempfile.TemporaryDirectory() as folder:
        asking, out = Path(folder, path.name), Path(folder, "plot")
        asking.write_text(with_error_bars(path.read_text(encoding="utf-8")), encoding="utf-8")
        command = [ntpsim, "--seed", str(seed), "--discipline", discipline, "--plot-data", out, asking]
        # Exit status 1 says that a bound does not hold: the bounds are the estimator's, the classic loop breaks some.
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode not in (0, 1):
            sys.exit(f"{path.name}, {discipline}: {result.stderr or result.stdout}")
        lines = out.read_text(encoding="ascii").splitlines()
    samples = []
    for line in lines:
        field = [float(word) for word in line.split()]
        # The engine's estimate is what must be added to the clock, hence the sign.
        samples.append(Sample(field[0], field[1], -field[5], field[6]))
    return samples


def rms_after(samples, since):
    squares = [s.offset**2 for s in samples if s.at >= since]
    return math.sqrt(sum(squares) / len(squares))


def with_unit(seconds):
    """1.234e-05 -> '12.3 µs'."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= size * 0.9995 or unit == "ns":
            return f"{seconds / size:.3g} {unit}"
    raise AssertionError


class Offsets:
    """The vertical axis: linear up to `linear`, logarithmic beyond, both signs (symlog)."""

    def __init__(self, linear, most):
        self.linear = linear
        self.end = self._compressed(most)

    def _compressed(self, value):
        size = abs(value) / self.linear
        return math.copysign(size if size <= 1 else 1 + math.log10(size), value)

    def row(self, value):
        share = max(-1.0, min(1.0, self._compressed(value) / self.end))
        return TOP + ROWS / 2 * (1 - share)

    def ticks(self):
        sizes = [self.linear]
        while self._compressed(sizes[-1] * 10) <= self.end:
            sizes.append(sizes[-1] * 10)
        return [-s for s in reversed(sizes)] + [0] + sizes


class Times:
    """The horizontal axis: hours, or seconds on a logarithmic scale where the start is what matters."""

    def __init__(self, scenario):
        self.is_log = scenario.is_start
        self.first = 1.0 if self.is_log else 0.0
        self.last = scenario.duration

    def column(self, at):
        if self.is_log:
            at = max(at, self.first)
            return LEFT + COLUMNS * math.log(at / self.first) / math.log(self.last / self.first)
        return LEFT + COLUMNS * at / self.last

    def ticks(self):
        if self.is_log:
            at = 1
            while at <= self.last:
                yield at, f"{at:g}"
                at *= 10
            return
        hours = self.last / 3600
        step = next(s for s in (1, 2, 3, 4, 6) if hours / s <= 12)
        for hour in range(0, int(hours) + 1, step):
            yield hour * 3600, str(hour)

    def label(self):
        return "seconds since the start (log)" if self.is_log else "hours since the start"


def round_up(value):
    """To the next 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * f for f in (1, 2, 5, 10) if power * f >= value * 0.999)


def columns_of(samples, times, low, high):
    """Least and greatest value of each pixel column; a column begins where the one before ended, so that lines connect."""
    columns = []
    for sample in samples:
        column = math.floor(times.column(sample.at))
        bottom, top = low(sample), high(sample)
        if not columns or columns[-1][0] != column:
            is_next = columns and columns[-1][0] == column - 1
            start = columns[-1][3:5] if is_next else (bottom, top)
            columns.append([column, min(bottom, start[0]), max(top, start[1]), bottom, top])
            continue
        last = columns[-1]
        last[1:] = [min(last[1], bottom), max(last[2], top), bottom, top]
    return columns


def outline(columns, offsets):
    """A closed path along the greatest values and back along the least ones, in relative steps of quarter pixels."""
    upper = [(c[0] * FINENESS, round(offsets.row(c[2]) * FINENESS)) for c in columns]
    lower = [(c[0] * FINENESS, round(offsets.row(c[1]) * FINENESS)) for c in columns]
    points = upper + lower[::-1]
    x, y = points[0]
    words = [f"M{x} {y}l"]
    steps = []
    for next_x, next_y in points[1:]:
        dx, dy = next_x - x, next_y - y
        if (dx, dy) != (0, 0):
            steps.append(f"{dx}{'' if dy < 0 else ' '}{dy}")
        x, y = next_x, next_y
    words.append(" ".join(steps).replace(" -", "-"))
    return "".join(words) + "z"


def text(x, y, words, anchor="start", more=""):
    return f'<text x="{x:.5g}" y="{y:.5g}" text-anchor="{anchor}"{more}>{escape(words)}</text>'


def axes(scenario, times, offsets):
    parts = []
    for begin, end in scenario.events:
        x = times.column(begin)
        width = max(times.column(end) - x, 1.5)
        parts.append(f'<rect x="{x:.1f}" y="{TOP}" width="{width:.1f}" height="{ROWS}" fill="#000" fill-opacity=".18"/>')
    for at, word in times.ticks():
        x = times.column(at)
        parts.append(f'<path d="M{x:.1f} {TOP}v{ROWS}" stroke="#000" stroke-opacity=".1"/>')
        parts.append(text(x, TOP + ROWS + 14, word, "middle"))
    for value in offsets.ticks():
        y = offsets.row(value)
        strength = ".4" if value == 0 else ".1"
        parts.append(f'<path d="M{LEFT} {y:.1f}h{COLUMNS}" stroke="#000" stroke-opacity="{strength}"/>')
        sign = "+" if value > 0 else "−" if value < 0 else ""
        parts.append(text(LEFT - 5, y + 4, sign + (with_unit(abs(value)) if value else "0"), "end"))
    parts.append(f'<rect x="{LEFT}" y="{TOP}" width="{COLUMNS}" height="{ROWS}" fill="none" stroke="#555"/>')
    parts.append(text(LEFT + COLUMNS / 2, HEIGHT - 8, times.label(), "middle"))
    middle = TOP + ROWS / 2
    turned = f' transform="rotate(-90 12 {middle:g})"'
    parts.append(text(12, middle, "clock minus true time", "middle", turned))
    return parts


def legend(scenario, rms, offsets):
    since = f"{scenario.settle / 3600:.3g} h"
    entries = [
        (COLOURS["classic"], f"classic, RMS after {since}: {with_unit(rms['classic'])}"),
        (COLOURS["estimator"], f"estimator: {with_unit(rms['estimator'])}"),
        (BAND_COLOUR, f"what the estimator expects, ±{BAND_DEVIATIONS} standard deviations"),
    ]
    parts = []
    x = LEFT
    for colour, words in entries:
        parts.append(f'<rect x="{x}" y="29" width="14" height="8" fill="{colour}"/>')
        parts.append(text(x + 18, 37, words))
        x += 40 + round(5.9 * len(words))
    note = f"vertical scale: linear up to ±{with_unit(offsets.linear)}, logarithmic beyond"
    parts.append(text(LEFT, 54, note, more=' fill="#666"'))
    return parts


def picture(scenario, estimator, classic, seed):
    rms = {"estimator": rms_after(estimator, scenario.settle), "classic": rms_after(classic, scenario.settle)}
    times = Times(scenario)
    most = max(abs(s.offset) for s in estimator + classic)
    offsets = Offsets(round_up(2 * rms["estimator"]), 1.15 * most)
    drawn = [s for s in estimator if s.at >= times.first]
    band = columns_of(
        drawn,
        times,
        lambda s: s.estimated - BAND_DEVIATIONS * s.deviation,
        lambda s: s.estimated + BAND_DEVIATIONS * s.deviation,
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
        "<!-- made by bench/accuracy/plots.py -->",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        text(LEFT, 18, scenario.title, more=f' font-size="{min(14, 1440 / len(scenario.title)):.3g}"'),
        text(WIDTH - RIGHT, 54, f"seed {seed}", "end", ' fill="#666"'),
    ]
    parts += legend(scenario, rms, offsets)
    scale = f'<g transform="scale({1 / FINENESS})" stroke-linejoin="round">'
    parts.append(f'{scale}<path d="{outline(band, offsets)}" fill="{BAND_COLOUR}"/></g>')
    parts += axes(scenario, times, offsets)
    parts.append(scale)
    for name, samples in (("classic", classic), ("estimator", estimator)):
        columns = columns_of([s for s in samples if s.at >= times.first], times, lambda s: s.offset, lambda s: s.offset)
        colour = COLOURS[name]
        parts.append(f'<path d="{outline(columns, offsets)}" fill="{colour}" stroke="{colour}" stroke-width="4"/>')
    parts += ["</g>", "</svg>"]
    return "\n".join(parts) + "\n", rms


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ntpsim", default=str(ROOT / "build" / "release" / "bin" / "ntpsim"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the pictures; without it, only the figures are shown")
    parser.add_argument("--out", type=Path, default=PICTURES, help="the folder for the pictures")
    parser.add_argument("names", nargs="*", help="scenarios; none: all of scenarios/accuracy")
    arguments = parser.parse_args()
    paths = [SCENARIOS / f"{name}.toml" for name in arguments.names] or sorted(SCENARIOS.glob("*.toml"))
    for path in paths:
        scenario = read_scenario(path)
        estimator = run(arguments.ntpsim, path, "estimator", arguments.seed)
        classic = run(arguments.ntpsim, path, "classic", arguments.seed)
        svg, rms = picture(scenario, estimator, classic, arguments.seed)
        size = len(svg.encode("utf-8"))
        print(f"{scenario.name:<14} estimator {rms['estimator']:.3e} s   classic {rms['classic']:.3e} s   {size} bytes")
        if size > MOST_BYTES:
            sys.exit(f"{scenario.name}.svg would have {size} bytes, more than {MOST_BYTES}")
        if arguments.write:
            arguments.out.mkdir(parents=True, exist_ok=True)
            (arguments.out / f"{scenario.name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()

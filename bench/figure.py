# SPDX-License-Identifier: BSD-2-Clause
"""A measured figure: its runs, its target, what others need for the same; and the table of all of them."""

import dataclasses
import statistics

OURS = "Meridian"


@dataclasses.dataclass
class Figure:
    """`runs` holds the measured values by program; a target is the most that is allowed for ours."""

    name: str
    unit: str
    runs: dict[str, list[float]]
    target: float | None = None

    def median(self, program=OURS):
        """The median over the runs of that program, or None where it was not measured."""
        values = self.runs.get(program)
        return statistics.median(values) if values else None

    def is_met(self):
        """Whether ours keeps the target; True where there is none."""
        return self.target is None or (self.median() is not None and self.median() <= self.target)

    def verdict(self):
        """The last cell of its row."""
        if self.target is None:
            return ""
        return "met" if self.is_met() else "MISSED"


def number(value):
    """At most three significant digits, without an exponent."""
    if value is None:
        return "-"
    if value != 0 and abs(value) < 100:
        return f"{float(f'{value:.3g}'):g}"
    return f"{value:.0f}"


def table(figures, peers):
    """The figures as a Markdown table; `peers` are the columns besides ours."""
    head = ["figure", "target", OURS, *peers, "runs", ""]
    rows = [head, ["---"] * len(head)]
    for figure in figures:
        target = "" if figure.target is None else f"<= {number(figure.target)}"
        medians = [number(figure.median(program)) for program in (OURS, *peers)]
        rows.append([f"{figure.name} ({figure.unit})", target, *medians, str(len(figure.runs.get(OURS, []))),
                     figure.verdict()])
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = []
    for row in rows:
        fill = "-" if row[0] == "---" else " "
        lines.append("| " + " | ".join(cell.ljust(width, fill) for cell, width in zip(row, widths)) + " |")
    return "\n".join(lines) + "\n"

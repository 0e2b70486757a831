#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of bench/accuracy/plots.py: the scales, and that thinning out never hides a peak."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench/accuracy"))

import plots  # noqa: E402: after the path is set

HOUR = 3600.0


def scenario(name="lan", duration=10 * HOUR):
    return plots.Scenario(
        name=name, title="a title", duration=duration, settle=HOUR, is_start=name.startswith("start-"), events=[]
    )


def sample(at, offset):
    return plots.Sample(at=at, offset=offset, estimated=0.0, deviation=1e-4)


class Scales(unittest.TestCase):
    def test_offsets_are_linear_near_zero_and_logarithmic_beyond(self):
        offsets = plots.Offsets(linear=1e-4, most=1e-2)
        zero = offsets.row(0)
        unit = zero - offsets.row(1e-4)

        self.assertAlmostEqual(zero - offsets.row(5e-5), unit / 2)
        self.assertAlmostEqual(zero - offsets.row(1e-3), 2 * unit)
        self.assertAlmostEqual(offsets.row(-1e-3) - zero, 2 * unit)

    def test_offsets_beyond_the_end_stay_in_the_frame(self):
        offsets = plots.Offsets(linear=1e-4, most=1e-2)

        self.assertAlmostEqual(offsets.row(1.0), plots.TOP)
        self.assertAlmostEqual(offsets.row(-1.0), plots.TOP + plots.ROWS)

    def test_the_start_has_as_much_room_for_each_power_of_ten(self):
        times = plots.Times(scenario("start-1s", duration=1000.0))

        self.assertAlmostEqual(times.column(1) + plots.COLUMNS / 3, times.column(10))
        self.assertAlmostEqual(times.column(1000), plots.LEFT + plots.COLUMNS)


class Thinning(unittest.TestCase):
    def test_a_peak_of_one_sample_is_kept(self):
        samples = [sample(float(s), 5e-3 if s == 17_771 else 0.0) for s in range(36_000)]
        columns = plots.columns_of(samples, plots.Times(scenario()), lambda s: s.offset, lambda s: s.offset)

        self.assertLessEqual(len(columns), plots.COLUMNS + 1)
        self.assertEqual(max(c[2] for c in columns), 5e-3)

    def test_a_column_begins_where_the_one_before_ended(self):
        times = plots.Times(scenario())
        second = 2 * HOUR * 10 / plots.COLUMNS / 2
        columns = plots.columns_of([sample(0, 1.0), sample(second, 2.0)], times, lambda s: s.offset, lambda s: s.offset)

        self.assertEqual([c[1:3] for c in columns], [[1.0, 1.0], [1.0, 2.0]])


class Picture(unittest.TestCase):
    def test_the_same_samples_give_the_same_picture_with_the_figures_in_it(self):
        quiet = [sample(s * 100.0, 2e-6 if s % 2 else -2e-6) for s in range(1, 360)]
        loud = [sample(s * 100.0, 3e-4) for s in range(1, 360)]
        first, _ = plots.picture(scenario(), quiet, loud, seed=1)
        second, rms = plots.picture(scenario(), quiet, loud, seed=1)

        self.assertEqual(first, second)
        self.assertAlmostEqual(rms["estimator"], 2e-6)
        self.assertIn("estimator: 2 µs", first)
        self.assertIn("RMS after 1 h: 300 µs", first)

    def test_every_scenario_asks_for_error_bars(self):
        for path in sorted(plots.SCENARIOS.glob("*.toml")):
            with self.subTest(path.name):
                self.assertIn("within_3_deviations_min", plots.with_error_bars(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    unittest.main()

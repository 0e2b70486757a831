#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of bench/accuracy: errorstats against the truth, the summary over seeds, the report of the goals."""

import math
import pathlib
import random
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench/accuracy"))

import measures  # noqa: E402: after the path is set
import offsets  # noqa: E402
import report  # noqa: E402
import tables  # noqa: E402

FIRST_DAY = 61420  # 2027-01-15, eight hours before simulated time 0
FIRST_SECOND = 28800


def line(time_s, estimate=0.0, deviation=1e-6, distance=1e-3, leap=0):
    """A line of errorstats at this reading of the client's clock, in simulated seconds."""
    return f"{FIRST_DAY} {FIRST_SECOND + time_s:.9f} {estimate:.12f} {deviation:.12f} {distance:.12f} {leap}\n"


def judged(lines, true_offsets):
    """errorstats() over these lines; true_offsets[i] is the client's offset at second i + 1."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "errorstats"
        path.write_text("".join(lines), "ascii")
        return measures.errorstats(str(path), true_offsets)


class Errorstats(unittest.TestCase):
    def test_each_second_is_put_beside_the_truth_of_that_second(self):
        offsets_s = [2e-3] * 3 + [1e-9] * 4 + [2e-3]
        self.assertEqual(judged([line(5), line(6)], offsets_s)["within_root"], 1)
        found = judged([line(2), line(5)], offsets_s)
        self.assertEqual((found["within_root"], found["honest_s"]), (0.5, 2))

    def test_between_two_seconds_the_offset_is_interpolated(self):
        self.assertEqual(judged([line(1.75, distance=1.74e-4)], [1e-4, 2e-4, 3e-4])["within_root"], 0)
        self.assertEqual(judged([line(1.75, distance=1.76e-4)], [1e-4, 2e-4, 3e-4])["within_root"], 1)

    def test_unsynchronised_seconds_and_steps_dont_count(self):
        self.assertIsNone(judged([line(1, leap=3)], [1.0, 1.0, 1.0]))
        self.assertIsNone(judged([line(1.5)], [1.0, 0.0, 0.0]))

    def test_a_clock_that_is_far_off_is_found_by_true_time(self):
        # The clock says 13 when it is 3, and gains a little: the truth of second 13 would be another.
        record = [10.0 + 9e-4 * second for second in range(1, 30)]
        self.assertEqual(judged([line(13, distance=10.003)], record)["within_root"], 1)
        self.assertEqual(judged([line(13, distance=10.002)], record)["within_root"], 0)


class Estimates(unittest.TestCase):
    def test_the_estimate_is_true_time_minus_clock(self):
        # The clock is 5 us behind (offset < 0 in the record), and the daemon says so.
        found = judged([line(2, estimate=5e-6)], [-5e-6] * 4)
        self.assertEqual((found["within_3sd"], found["estimate_within_3sd"]), (0, 1))


class Summary(unittest.TestCase):
    def test_the_worst_seed_is_the_greatest_error_and_the_least_share(self):
        runs = [{"driver": "ours", "scenario": "hw", "seed": i, "metrics": {"rms": r, "within_root": w}}
                for i, (r, w) in enumerate(((1.0, 1.0), (3.0, 0.9), (2.0, 0.95)))]
        entry = tables.summarise(runs)["hw"]["ours"]
        self.assertEqual((entry["rms"], entry["rms_worst"], entry["within_root_worst"]), (2.0, 3.0, 0.9))

    def test_a_failed_run_fails_its_goals(self):
        entry = {"runs": 8, "failed": 1, "rms": 1e-9}
        rows = {r.what: r for r in report.rows({"hw": {"ours": entry}}, {})}
        self.assertFalse(rows["hw, seconds RMS"].meets_must)
        self.assertIsNone(rows["lan, seconds RMS"].meets_must)

    def test_goals_are_told_apart(self):
        def verdict(rms):
            rows = report.rows({"hw": {"ours": {"runs": 9, "failed": 0, "rms": rms}}}, {})
            return next(r for r in rows if r.what == "hw, seconds RMS").verdict()
        self.assertEqual([verdict(1.4e-7), verdict(1.55e-7), verdict(1.7e-7)], ["met, and the aim", "met", "MISSED"])


class Offsets(unittest.TestCase):
    def test_nanoseconds_survive_the_seconds_of_ntp(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "rawstats"
            path.write_text("61365 50214.293 10.0.0.2 10.0.0.1 4004258214.999999990 4004258215.000000010 "
                            "4004258215.000000020 4004258215.000000036 0 4 4 5 0 -25 0.0 0.0 .X.\n", "ascii")
            self.assertTrue(math.isclose(offsets.our_offsets(path)[0], 2e-9, rel_tol=1e-3))

    def test_a_slow_trend_is_taken_off(self):
        noise = [random.Random(i).gauss(0, 1e-6) for i in range(1000)]
        found = offsets.rms(offsets.detrended([x + i * 1e-8 for i, x in enumerate(noise)])[50:-50])
        self.assertTrue(math.isclose(found, offsets.rms(noise), rel_tol=0.03), found)


if __name__ == "__main__":
    unittest.main()

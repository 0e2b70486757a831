# SPDX-License-Identifier: BSD-2-Clause
"""What a run is judged by: the simulator's own record of the true offset, and the daemon's errorstats against it."""

import math
import os

START_DATE = 1800000000  # Unix seconds at simulated time 0: after the build date of every program (they guess eras by it)
_MJD_OF_UNIX_EPOCH = 40587
_UNSYNCHRONISED = 3
_STEP_S = 1e-3  # two seconds whose offsets differ by more have a step between them: no truth is known there


def column(path, index):
    """One column of a file that holds one line a second; line i is simulated time i + 1."""
    with open(path, encoding="ascii") as file:
        return [float(line.split("\t")[index]) for line in file if line.strip()]


def rms(values):
    return math.sqrt(math.fsum(x * x for x in values) / len(values)) if values else float("nan")


def converge(offsets, threshold, hold, start=0):
    """First second from which |offset| stays below the threshold for `hold` seconds."""
    begin = None
    for t in range(start, len(offsets)):
        if abs(offsets[t]) < threshold:
            if begin is None:
                begin = t
            if t - begin >= hold:
                return begin - start
        else:
            begin = None
    return float("inf")


def _packets_an_hour(path, node, sc):
    sent = 0
    with open(path, encoding="ascii") as file:
        for line in file:
            fields = line.split("\t")
            if fields[1] == str(node) and float(fields[0]) >= sc["warm"]:
                sent += 1
    return sent * 3600.0 / (sc["duration"] - sc["warm"])


def _true_offset(offsets, time_s):
    """The client's offset between two whole seconds; None outside of the record and where the clock was stepped."""
    index = math.floor(time_s) - 1
    if not 0 <= index < len(offsets) - 1:
        return None
    before, after = offsets[index], offsets[index + 1]
    if abs(after - before) > _STEP_S:
        return None
    return before + (after - before) * (time_s - math.floor(time_s))


def errorstats(path, offsets):
    """Shares of the synchronised seconds in which the truth was where errorstats said: within the root distance; within
    three standard deviations, for the clock and for the estimate of what it is off by. None without such seconds.
    Lines: MJD, second, estimate, standard deviation, root distance, leap.
    """
    total = within_root = within_3sd = estimate_within_3sd = 0
    worst = 0.0
    with open(path, encoding="ascii") as file:
        for line in file:
            day, second, estimate, deviation, distance, leap = line.split()
            if int(leap) == _UNSYNCHRONISED:
                continue
            system_s = (int(day) - _MJD_OF_UNIX_EPOCH) * 86400 + float(second) - START_DATE
            # The line carries the system clock's time; the record is by true time.
            near = _true_offset(offsets, system_s)
            true = None if near is None else _true_offset(offsets, system_s - near)
            if true is None:
                continue
            total += 1
            within_root += abs(true) <= float(distance)
            within_3sd += abs(true) <= 3 * float(deviation)
            # The estimate is true time minus clock, the record clock minus true time.
            estimate_within_3sd += abs(true + float(estimate)) <= 3 * float(deviation)
            worst = max(worst, abs(true) / max(float(distance), 1e-12))
    if total == 0:
        return None
    return {"within_root": within_root / total, "within_3sd": within_3sd / total,
            "estimate_within_3sd": estimate_within_3sd / total, "worst_of_root": worst, "honest_s": total}


def metrics(sc, folder, node):
    """All figures of one run."""
    offsets = column(os.path.join(folder, "off"), node - 1)
    frequencies = column(os.path.join(folder, "freq"), node - 1)[sc["warm"]:]
    if len(offsets) < sc["duration"] * 0.99:
        raise RuntimeError(f"simulation ended early: {len(offsets)} s")
    settled = offsets[sc["warm"]:]
    sizes = sorted(abs(x) for x in settled)
    found = {"rms": rms(settled), "max": sizes[-1], "p99": sizes[int(0.99 * len(sizes))], "p50": sizes[len(sizes) // 2],
             "freq_rms": rms(frequencies), "freq_max": max(abs(x) for x in frequencies),
             "tconv": converge(offsets, sc["conv"], sc.get("hold", 600))}
    for name, (low, high) in sc.get("windows", {}).items():
        found["rms_" + name] = rms(offsets[low:high])
        found["max_" + name] = max(abs(x) for x in offsets[low:high])
    for name, (start, threshold, hold) in sc.get("recover", {}).items():
        found["trec_" + name] = converge(offsets, threshold, hold, start)
    found["pkts_h"] = _packets_an_hour(os.path.join(folder, "pkts"), node, sc)
    honesty = os.path.join(folder, "errorstats")
    if os.path.exists(honesty):
        found.update(errorstats(honesty, offsets) or {})
    return found

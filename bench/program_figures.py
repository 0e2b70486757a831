# SPDX-License-Identifier: BSD-2-Clause
"""Figures of whole programs: the Google Benchmark programs, a clean build, the tests."""

import json
import os
import shutil
import subprocess
import time

from figure import OURS, Figure

# Benchmark program, benchmark, what it shows, unit, its value in Google Benchmark's report, target.
BENCHMARKS = (
    ("respond_bench", "plain_request/0", "decode and respond", "ns", "cpu_time", 150),
    ("respond_bench", "plain_request/16", "the same, 16 more restrict lines", "ns", "cpu_time", 150),
    ("respond_bench", "plain_request/0", "heap allocations a packet", "number", "allocations_per_packet", 0),
    ("access_bench", "look_up_ipv4/10", "access: a look-up among 10 rules, IPv4", "ns", "cpu_time", 40),
    ("access_bench", "look_up_ipv6/10", "the same, IPv6", "ns", "cpu_time", 40),
    ("access_bench", "look_up_ipv4/100000", "access: a look-up among 100,000 rules, IPv4", "ns", "cpu_time", 120),
    ("access_bench", "look_up_ipv6/100000", "the same, IPv6", "ns", "cpu_time", 120),
    ("access_bench", "build_ipv4/100000", "access: building the tree of 100,000 rules", "ms", "cpu_time", 1000),
    ("mac_bench", "pairs/md5", "a MAC verified and one made, MD5", "ns", "cpu_time", 450),
    ("mac_bench", "pairs/sha1", "the same, SHA1", "ns", "cpu_time", 270),
    ("mac_bench", "pairs/aes128cmac", "the same, AES128CMAC", "ns", "cpu_time", 290),
    ("mac_bench", "pairs/aes128cmac_of_60000_keys", "the same, each with another of 60,000 keys", "ns", "cpu_time", None),
    ("mac_bench", "pairs/md5", "heap allocations a pair of MACs", "number", "allocations", 0),
    ("mac_bench", "keys_file/md5", "a keys file of 65,534 keys", "ms", "cpu_time", 200),
    ("config_bench", "restrict_lines/100000", "a configuration of 100,000 restrict lines, with its access list", "ms", "cpu_time",
     1000),
    ("client_table_bench", "update_limited/1000/real_time/threads:1", "count and limit a client", "ns", "cpu_time", 60),
    ("client_table_bench", "update_limited/1000/real_time/threads:2", "the same in each of two threads", "ns", "cpu_time", 60),
    ("client_table_bench", "update_in_batches/1000000/real_time/threads:1", "the same, batches of a million clients", "ns",
     "cpu_time", None),
    ("client_table_bench", "update_limited/1000000/real_time/threads:1", "table for a million clients", "MB", "megabytes", 75),
    ("control_bench", "variables_of_the_system", "control: a reply with the system's variables", "ns", "cpu_time", 10000),
    ("control_bench", "variables_of_a_peer", "the same, a source's, two datagrams", "ns", "cpu_time", 10000),
    ("control_bench", "strangers_part", "the same, a stranger's part of them", "ns", "cpu_time", 10000),
    ("control_bench", "list_of_clients/32", "control: a list of 100,000 clients, 803 requests", "ms", "cpu_time", 3000),
    ("estimator_bench", "bank_sample", "estimator: a sample and source, the bank", "ns", "cpu_time", 5000),
    ("estimator_bench", "joint_update_of_ten_sources", "estimator: joint update of ten sources", "ns", "cpu_time", 50000),
    ("estimator_bench", "thousand_associations", "estimator: 1,000 associations, poll 64 s", "% of a core", "percent_of_core",
     2),
    ("simulation_bench", "simulate/day_of_one_client_with_four_servers", "simulated day, four servers, poll 64 s", "ms",
     "cpu_time", 50),
    ("simulation_bench", "simulate/hour_of_thousand_clients", "simulated hour, 1,000 clients", "ms", "cpu_time", 10000),
)


def _report(program, repetitions):
    """Every repetition of every benchmark of that program."""
    command = [program, f"--benchmark_repetitions={repetitions}", "--benchmark_format=json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{program.name} failed: {done.stderr.strip()}")
    return [entry for entry in json.loads(done.stdout)["benchmarks"] if entry["run_type"] == "iteration"]


def benchmarks(folder, repetitions):
    """The figures of the benchmark programs in that folder."""
    reports = {}
    figures = []
    for program, benchmark, name, unit, key, target in BENCHMARKS:
        if program not in reports:
            print(f"{program}, {repetitions} times", flush=True)
            reports[program] = _report(folder / program, repetitions)
        runs = [entry[key] for entry in reports[program] if entry["run_name"] == benchmark]
        if not runs:
            raise RuntimeError(f"{program} has no benchmark {benchmark}")
        figures.append(Figure(name, unit, {OURS: runs}, target))
    return figures


def _timed(command, folder, environment):
    begin_s = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}")
    return time.monotonic() - begin_s


def clean_build(root, scratch):
    """Configures and builds everything of the release preset, from nothing, with two jobs and no compiler cache."""
    print(f"clean release build in {scratch}", flush=True)
    shutil.rmtree(scratch, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CMAKE_")}
    environment["CCACHE_DISABLE"] = "1"
    taken_s = _timed(["cmake", "--preset", "release", "-B", scratch], root, environment)
    taken_s += _timed(["cmake", "--build", scratch, "--parallel", "2"], root, environment)
    shutil.rmtree(scratch)
    return Figure("clean release build with all tests, two jobs", "s", {OURS: [taken_s]}, 240)


def tests(root):
    """`./dev test`, whatever is built already."""
    print("./dev test", flush=True)
    return Figure("`./dev test`", "s", {OURS: [_timed(["./dev", "test"], root, dict(os.environ))]}, 900)

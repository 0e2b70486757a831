#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs one case of the command line tests: the real ntpd and ntpsim, without the right to set the clock.

cli.py --list                                                        the names of the cases
cli.py CASE --ntpd PATH --ntpsim PATH --fake-clock PATH --work DIR   exit status 0, 1 (failed) or 77 (skipped, reason said)
"""

import argparse
import pathlib
import shutil
import signal
import sys

import on_access
import on_background
import on_config
import on_control
import on_files
import on_habits
import on_keys
import on_leap
import on_live
import on_options
import on_process
import on_reload
import on_serving
import on_simulator
import on_statistics
import on_tools
import on_watch
from cli_bench import Bench, DaemonEnded, Unavailable

EXIT_FAILED = 1
EXIT_SKIPPED = 77
CASE_LIMIT_S = 100

MODULES = (on_access, on_options, on_config, on_habits, on_serving, on_files, on_keys, on_process, on_background, on_live,
           on_simulator, on_statistics, on_reload, on_leap, on_control, on_tools, on_watch)
CASES = {function.__name__.replace("_", "-"): function for module in MODULES for function in module.CASES}


class Ended(Exception):
    """A signal or the time limit ends the case; raised in the main thread, so that everything is torn down."""


def _end(number, _frame):
    limit = f"the case took longer than {CASE_LIMIT_S} s"
    raise Ended(limit if number == signal.SIGALRM else f"ended by {signal.Signals(number).name}")


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="?", choices=CASES, metavar="CASE")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--ntpd", type=pathlib.Path, default=pathlib.Path("build/release/bin/ntpd"))
    parser.add_argument("--ntpsim", type=pathlib.Path, default=pathlib.Path("build/release/bin/ntpsim"))
    parser.add_argument("--fake-clock", type=pathlib.Path,
                        default=pathlib.Path("build/release/tests/cli/libcli_fake_clock.so"))
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/cli"))
    arguments = parser.parse_args()
    if not (arguments.case or arguments.list):
        parser.error("name a case, or --list")
    return arguments


def _run_case(arguments):
    work = arguments.work.resolve() / arguments.case
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with Bench(arguments, work) as bench:
        try:
            CASES[arguments.case](bench)
        except BaseException:
            print("".join(daemon.log_tail() for daemon in bench.daemons))
            raise


def main():
    """The exit status for the shell."""
    arguments = _arguments()
    if arguments.list:
        print("\n".join(CASES))
        return 0
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, _end)
    signal.alarm(CASE_LIMIT_S)
    try:
        _run_case(arguments)
    except Unavailable as reason:
        print(f"SKIPPED case {arguments.case}: {reason}")
        return EXIT_SKIPPED
    except (AssertionError, FileNotFoundError, DaemonEnded, Ended) as failure:
        print(f"FAILED case {arguments.case}: {failure}")
        return EXIT_FAILED
    print(f"PASSED case {arguments.case}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: BSD-2-Clause
"""One run: a simulator, reference servers and one daemon, each a process of its own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

import measures

HERE = os.path.dirname(os.path.abspath(__file__))
HELPERS = (("refserver.c", "refserver", []), ("compat_shim.c", "compat_shim.so", ["-shared", "-fPIC", "-ldl"]))


@dataclass(frozen=True)
class Job:
    """What one_run() needs to know; plain values, so that it can go to another process."""

    name: str
    driver: dict
    scenario_name: str
    scenario: dict
    seed: int
    clknetsim: str
    bindir: str
    base: str
    programs: dict
    keeps: bool


def build_helpers(bindir, clknetsim, compiler):
    """Compiles our two C sources where they are missing or old."""
    os.makedirs(bindir, exist_ok=True)
    for source, product, extra in HELPERS:
        source, product = os.path.join(HERE, source), os.path.join(bindir, product)
        if not os.path.exists(product) or os.path.getmtime(product) < os.path.getmtime(source):
            subprocess.check_call([compiler, "-O2", "-o", product, source] + extra)
    if not (os.access(os.path.join(clknetsim, "clknetsim"), os.X_OK)
            and os.path.exists(os.path.join(clknetsim, "clknetsim.so"))):
        raise SystemExit(f"run.py: no clknetsim and clknetsim.so in {clknetsim}: build it there with make")


def _simulator_conf(sc):
    n = len(sc["servers"]) + 1
    lines = []
    for i, server in enumerate(sc["servers"], 1):
        lines.append(f"node{i}_offset = {server.get('offset', 0)}")
        lines.append(f"node{i}_freq = {server.get('freq', 0)}")
        lines.append(f"node{n}_delay{i} = {server['up']}")
        lines.append(f"node{i}_delay{n} = {server['down']}")
    lines.append(f"node{n}_offset = {sc['offset']}")
    lines.append(f"node{n}_freq = {sc['freq']}")
    return "\n".join(lines) + "\n"


def _client_conf(driver, sc, folder):
    servers = [driver["server"].format(addr=f"192.168.123.{i}", minpoll=sc["minpoll"], maxpoll=sc["maxpoll"],
                                       iburst=" iburst" if sc.get("iburst") else "")
               for i in range(1, len(sc["servers"]) + 1)]
    text = "\n".join([*driver["config"][:-1], *sc.get("config", ()), driver["config"][-1]])
    return text.replace("{dir}", folder).replace("{servers}", "\n".join(servers)) + "\n"


def _environment(job, folder):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("CLKNETSIM_") and k not in ("LISTEN_FDS", "NOTIFY_SOCKET")}
    env.update(CLKNETSIM_SOCKET=os.path.join(folder, "sock"), CLKNETSIM_RANDOM_SEED=str(job.seed),
               CLKNETSIM_CONNECT_TIMEOUT="20", CLKNETSIM_START_DATE=str(measures.START_DATE))
    return env


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class _Processes:
    """Everything that a run starts; ended and closed together."""

    def __init__(self, folder):
        self._folder = folder
        self._started = []
        self._files = []

    def start(self, argv, env, log):
        file = open(os.path.join(self._folder, log), "wb")  # pylint: disable=consider-using-with
        self._files.append(file)
        self._started.append(subprocess.Popen(  # pylint: disable=consider-using-with
            argv, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=self._folder))

    def end(self):
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for file in self._files:
            file.close()


def _start_all(job, folder, env, processes):
    """Starts the servers, then the client; gives the client's node number."""
    preload = os.path.join(job.clknetsim, "clknetsim.so")
    node = 0
    for server in job.scenario["servers"]:
        node += 1
        processes.start([os.path.join(job.bindir, "refserver")] + [str(a) for a in server.get("args", [])],
                        dict(env, LD_PRELOAD=preload, CLKNETSIM_NODE=str(node)), f"server{node}.log")
    node += 1
    if job.driver.get("shim"):
        preload = os.path.join(job.bindir, "compat_shim.so") + ":" + preload
    client_env = dict(env, LD_PRELOAD=preload, CLKNETSIM_NODE=str(node), **job.driver.get("env", {}))
    words = dict(job.programs, conf=os.path.join(folder, "client.conf"), dir=folder)
    command = list(job.driver["command"])
    for word, value in words.items():
        command = [argument.replace("{" + word + "}", value or "") for argument in command]
    processes.start(command, client_env, "client.log")
    return node


def _simulate(job, folder, processes):
    sc = job.scenario
    _write(os.path.join(folder, "sim.conf"), _simulator_conf(sc))
    _write(os.path.join(folder, "client.conf"), _client_conf(job.driver, sc, folder))
    env = _environment(job, folder)
    with subprocess.Popen(
            [os.path.join(job.clknetsim, "clknetsim"), "-l", str(sc["duration"]),
             "-o", os.path.join(folder, "off"), "-f", os.path.join(folder, "freq"),
             "-p", os.path.join(folder, "pkts"), "-s", os.path.join(folder, "sock"),
             os.path.join(folder, "sim.conf"), str(len(sc["servers"]) + 1)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, cwd=folder) as simulator:
        node = _start_all(job, folder, env, processes)
        try:
            _, errors = simulator.communicate(timeout=sc.get("timeout", 900))
        except subprocess.TimeoutExpired as expired:
            simulator.kill()
            simulator.communicate()
            raise RuntimeError("simulation timed out") from expired
    if simulator.returncode != 0:
        raise RuntimeError("simulation failed: " + errors.decode(errors="replace")[-200:].replace("\n", " "))
    return node


def one_run(job):
    """Runs it and gives its record: driver, scenario, seed, wall_s, and metrics or error."""
    folder = tempfile.mkdtemp(prefix=f"{job.name}.{job.scenario_name}.{job.seed}.", dir=job.base)
    begin = time.monotonic()
    record = {"driver": job.name, "scenario": job.scenario_name, "seed": job.seed}
    processes = _Processes(folder)
    node = None
    try:
        node = _simulate(job, folder, processes)
    except (RuntimeError, OSError) as failure:
        record["error"] = str(failure)
    finally:
        processes.end()
    # Only now: what the daemon buffers is written when it ends.
    if node is not None:
        try:
            record["metrics"] = measures.metrics(job.scenario, folder, node)
        except (RuntimeError, OSError, ValueError) as failure:
            record["error"] = str(failure)
    if "error" in record and os.path.exists(os.path.join(folder, "client.log")):
        with open(os.path.join(folder, "client.log"), "rb") as log:
            record["log_tail"] = log.read()[-600:].decode(errors="replace")
    if not job.keeps:
        shutil.rmtree(folder, ignore_errors=True)
    record["wall_s"] = round(time.monotonic() - begin, 2)
    return record

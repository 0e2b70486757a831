# SPDX-License-Identifier: BSD-2-Clause
"""Scenarios for run.py.

Frequencies are fractions (1e-6 = 1 ppm), delays and offsets seconds.  The
expressions use the simulator's documented little language.  `wander W` means
a random walk of frequency with a normal step of W each second.

Keys: title, duration, warm (start of the evaluated part), conv (threshold of
`tconv`), hold, offset and freq of the client, servers (up = client->server
delay, down = server->client), minpoll, maxpoll, iburst, windows (named
[from, to) intervals giving rms_NAME and max_NAME), recover (named
(start, threshold, hold) giving trec_NAME), primary (the metric that counts);
config (further lines of the client's configuration),
only (the drivers that run it; none named: all) and compared_with (the
scenario whose figures of other drivers are put beside it).
"""


def wander(w, base=1e-5):
    return "(+ %g (sum (* %g (normal))))" % (base, w)


def path(delay, jitter):
    return "(+ %g (* %g (exponential)))" % (delay, jitter)


def srv(up, down=None, **kw):
    return dict(up=up, down=down or up, **kw)


# 1 inside |t - mid| <= half, else 0
def during(mid, half, t="time"):
    return "(equal %g %s %g)" % (half, t, mid)


DAY = 86400

SCENARIOS = {
    "hw": dict(
        title="hardware-grade LAN: 10 us + exp 1 us, wander 1e-10, poll 4",
        duration=40000, warm=10000, conv=1e-5, offset=0.001, freq=wander(1e-10),
        servers=[srv(path(10e-6, 1e-6))], minpoll=4, maxpoll=4, iburst=True, primary="rms"),
    "lan": dict(
        title="LAN: 100 us + exp 10 us, wander 1e-9, poll 6",
        duration=80000, warm=20000, conv=1e-4, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(100e-6, 10e-6))], minpoll=6, maxpoll=6, iburst=True, primary="rms"),
    "inet": dict(
        title="Internet: 20 ms + exp 1 ms, wander 1e-9, poll 6",
        duration=80000, warm=20000, conv=1e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(20e-3, 1e-3))], minpoll=6, maxpoll=6, iburst=True, primary="rms"),
    "inet-dflt": dict(
        title="Internet, default polling 6..10: 20 ms + exp 1 ms, wander 1e-9",
        duration=120000, warm=40000, conv=1e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(20e-3, 1e-3))], minpoll=6, maxpoll=10, iburst=True, primary="rms"),
    "pool4": dict(
        title="four Internet servers, default polling 6..10, 8-40 ms, jitter 0.3-3 ms",
        duration=120000, warm=40000, conv=1e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(8e-3, 0.5e-3)), srv(path(15e-3, 1e-3)),
                 srv(path(25e-3, 0.3e-3)), srv(path(40e-3, 3e-3))],
        minpoll=6, maxpoll=10, iburst=True, primary="rms"),
    "poolasym": dict(
        title="four servers, the far ones asymmetric: 3 ms ok, 20 ms +3, 35 ms -5, 60 ms +8; poll 6..10",
        duration=120000, warm=40000, conv=2e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(3e-3, 1e-3)), srv(path(23e-3, 0.3e-3), path(17e-3, 0.3e-3)),
                 srv(path(30e-3, 0.5e-3), path(40e-3, 0.5e-3)),
                 srv(path(68e-3, 0.2e-3), path(52e-3, 0.2e-3))],
        minpoll=6, maxpoll=10, iburst=True, primary="rms"),
    "wifi": dict(
        title="Wi-Fi: 2 ms + exp 5 ms, wander 1e-9, poll 6",
        duration=80000, warm=20000, conv=2e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(2e-3, 5e-3))], minpoll=6, maxpoll=6, iburst=True, primary="rms"),
    "tail": dict(
        title="heavy tail and 20% loss: 15 ms + 1 ms exp*exp*exp, wander 1e-9, poll 6",
        duration=80000, warm=20000, conv=2e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv("(+ 15e-3 (* 1e-3 (exponential) (exponential) (exponential))"
                     " (* -1e3 (equal 0.1 (uniform) 0.1)))")],
        minpoll=6, maxpoll=6, iburst=True, primary="rms"),
    "asymjit": dict(
        title="one-sided jitter: 10 ms up, 10 ms + exp 5 ms down, wander 1e-9, poll 6",
        duration=80000, warm=20000, conv=2e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(10e-3, 20e-6), path(10e-3, 5e-3))],
        minpoll=6, maxpoll=6, iburst=True, primary="rms"),
    "burst": dict(
        title="one-way congestion: +30..70 ms down for 10 min every 2 h on 10 ms + exp 0.5 ms, poll 6",
        duration=80000, warm=20000, conv=1e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(10e-3, 0.5e-3),
                     "(+ 10e-3 (* 0.5e-3 (exponential)) (* "
                     + during(3600, 300, "(% time 7200)") + " (+ 30e-3 (* 40e-3 (uniform)))))")],
        minpoll=6, maxpoll=6, iburst=True, primary="rms"),
    "reroute": dict(
        title="route change: +5 ms each way from 40000 s on 10 ms + exp 0.5 ms, wander 1e-9, poll 6",
        duration=80000, warm=20000, conv=1e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv("(+ 10e-3 (* 0.5e-3 (exponential)) (* 5e-3 " + during(70000, 30000) + "))")],
        minpoll=6, maxpoll=6, iburst=True, windows={"new": (40000, 60000)}, primary="rms"),
    "slowq": dict(
        title="slow queues: 10 ms + 1 ms (1+sine of 40 packets) up, (1+cosine of 90) down, exp 0.2 ms, poll 6",
        duration=80000, warm=20000, conv=2e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv("(+ 11e-3 (* 1e-3 (sine 40)) (* 0.2e-3 (exponential)))",
                     "(+ 11e-3 (* 1e-3 (cosine 90)) (* 0.2e-3 (exponential)))")],
        minpoll=6, maxpoll=6, iburst=True, primary="rms"),
    "false": dict(
        title="3 good servers, 2 falsetickers drifting away at +0.5 and -1 ppm, poll 6",
        duration=80000, warm=5000, conv=1e-3, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(10e-3, 0.5e-3)), srv(path(15e-3, 1e-3)), srv(path(25e-3, 2e-3)),
                 srv(path(2e-3, 0.1e-3), freq=0.5e-6), srv(path(5e-3, 0.2e-3), freq=-1e-6)],
        minpoll=6, maxpoll=6, iburst=True, primary="rms"),
    "fstep": dict(
        title="1 ppm frequency step at 40000 s, 1 ms + exp 100 us, wander 1e-10, poll 6",
        duration=60000, warm=10000, conv=2e-4, offset=0.01,
        freq="(+ 1e-5 (* -0.5e-6 (pulse 40000 40000)) (sum (* 1e-10 (normal))))",
        servers=[srv(path(1e-3, 100e-6))], minpoll=6, maxpoll=6, iburst=True,
        windows={"step": (40000, 47200)}, recover={"step": (40000, 1e-4, 1800)},
        primary="rms_step"),
    "temp": dict(
        title="temperature: 0.5 ppm day sine + 0.05 ppm 40 min triangle, 5 ms + exp 200 us, poll 6..10",
        duration=120000, warm=30000, conv=1e-3, offset=0.01,
        freq="(+ 1e-5 (* 5e-7 (sine 86400)) (* 5e-8 (triangle 2400)) (sum (* 1e-10 (normal))))",
        servers=[srv(path(5e-3, 200e-6))], minpoll=6, maxpoll=10, iburst=True, primary="rms"),
    "holdover": dict(
        title="4 h outage from 40000 s, 10 ms + exp 1 ms, wander 3e-10, poll 6..10",
        duration=70000, warm=20000, conv=1e-3, offset=0.01, freq=wander(3e-10),
        servers=[srv("(+ 10e-3 (* 1e-3 (exponential)) (* -1e3 " + during(47200, 7200) + "))")],
        minpoll=6, maxpoll=10, iburst=True,
        windows={"out": (40000, 54400), "after": (54400, 60000)},
        recover={"out": (54400, 1e-3, 1800)}, primary="max_out"),
    "mobile": dict(
        title="long poll 1024 s: 30 ms + exp 5 ms, wander 1e-9",
        duration=200000, warm=60000, conv=1e-2, hold=7200, offset=0.01, freq=wander(1e-9),
        servers=[srv(path(30e-3, 5e-3))], minpoll=10, maxpoll=10, iburst=True, primary="rms"),
    "laptop": dict(
        title="unstable laptop clock: wander 1e-8, 15 ms + exp 2 ms, poll 6..10",
        duration=80000, warm=20000, conv=5e-3, offset=0.01, freq=wander(1e-8),
        servers=[srv(path(15e-3, 2e-3))], minpoll=6, maxpoll=10, iburst=True, primary="rms"),
    "off100ms": dict(
        title="start 0.1 s off and 50 ppm wrong, 10 ms + exp 0.5 ms: time to stay below 1 ms",
        duration=30000, warm=15000, conv=1e-3, offset=0.1, freq=wander(1e-9, 5e-5),
        servers=[srv(path(10e-3, 0.5e-3))], minpoll=6, maxpoll=10, iburst=True, primary="tconv"),
    "off10s": dict(
        title="start 10 s off and 50 ppm wrong, 4 servers, 10 ms + exp 0.5 ms: time to stay below 1 ms",
        duration=30000, warm=15000, conv=1e-3, offset=-10, freq=wander(1e-9, 5e-5),
        servers=[srv(path(10e-3, 0.5e-3)) for _ in range(4)],
        minpoll=6, maxpoll=10, iburst=True, primary="tconv"),
}

# Ours at the packet rate that the others end at (1024 s, after a start at 64 s as theirs).
EQUAL_PACKETS = ("inet-dflt", "pool4", "poolasym", "temp", "laptop", "holdover")
for _name in EQUAL_PACKETS:
    SCENARIOS[_name + "-eq"] = dict(SCENARIOS[_name], title=SCENARIOS[_name]["title"] + "; 3.6 packets an hour",
                                    config=("tinker packets 3.6",), only=("ours",), compared_with=_name)

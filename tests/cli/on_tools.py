# SPDX-License-Identifier: BSD-2-Clause
"""The tools: what they print, set and say, against our daemon and against servers that lie, stammer or are silent."""

import json
import os
import re
import socket
import struct
import threading
import time

from cli_bench import START_LIMIT_S, eventually, expect, packets
from fake_server import answer, control_answer, played, stamp
from namespaces import ip

STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \([+-]\d{4}\)"
LOG = r"[ \d]\d \w{3} \d\d:\d\d:\d\d ntpdate\[\d+\]: "
SERVED = ("server 127.127.1.0", "fudge 127.127.1.0 stratum 10", "restrict default nomodify noquery")
KEYS = {1: "MD5 asciiMD5key", 6: "SHA1 00112233445566778899aabbccddeeff00112233", 10: "AES128CMAC 2b7e151628aed2a6abf7158809cf4f3c",
        11: "SHA256 sha256key"}
SYSTEM = ('version="ntpd 4.2.8p18-o", processor="x86_64", system="Linux/6.1.0", leap=0, stratum=3, precision=-24, '
          'rootdelay=0.500, rootdisp=10.250, refid=192.0.2.1, peer=31337, tc=6, mintc=3, offset=0.020000\r\n')
# Longer than any tool may take for one question with the time-outs that these tests give.
END_LIMIT_S = 6.0
# The daemon sends one crypto-NAK a second to a prefix.
NAK_SPACING_S = 1.1
# A played server answers when its thread comes to run.
LARGEST_ERROR_S = 0.1


def _tool(bench, name, *options, host=None, env=None, fakes_clock=False):
    """Runs a tool on a host of the lab; (status, stdout, stderr)."""
    environment = dict(os.environ, TZ="UTC", **(env or {}))
    if fakes_clock:
        environment |= {"LD_PRELOAD": str(bench.fake_clock), "FAKE_CLOCK_TELLS": "1", "ASAN_OPTIONS": "verify_asan_link_order=0"}
    return (host or bench.host).run([bench.ntpd.parent / name, *options], env=environment)


def _serve(bench, lines=SERVED):
    """Our daemon, when it serves its local clock."""
    daemon = bench.ours(lines=lines)
    eventually("it is in sync", START_LIMIT_S, lambda: expect(bench.ask().stratum == 11, "not yet"))
    return daemon


def tools_measure_our_daemon(bench):
    """ntpdate -q, sntp and ntptrace print the classic's lines; addresses with ports, both families; JSON can be read."""
    _serve(bench)
    for address, name in (("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("127.0.0.1", "127.0.0.1:123"), ("::1", "[::1]:123")):
        status, said, errors = _tool(bench, "ntpdate", "-q", "-p", "1", name)
        expect(status == 0 and re.fullmatch(rf"server {address}, stratum 11, offset [+-]0\.00\d{{4}}, delay 0\.0\d{{4}}\n"
                                            rf"{LOG}adjust time server {address} offset [+-]0\.00\d{{4}} sec\n", said), said + errors)
        status, said, errors = _tool(bench, "sntp", name)
        expect(status == 0 and re.fullmatch(rf"{STAMP} [+-]0\.00\d{{4}} \+/- \d\.\d{{6}} {address} s11 no-leap\n", said), said + errors)
    status, said, errors = _tool(bench, "ntptrace", "-n", "127.0.0.1")
    expect(status == 0 and said.startswith("127.0.0.1: stratum 11, offset "), said + errors)
    for name, options, stratum in (("sntp", ["-j"], lambda d: d["stratum"]), ("ntptrace", ["--json"], lambda d: d["stratum"]),
                                   ("ntpdate", ["-q", "-p1", "--json"], lambda d: d["servers"][0]["stratum"])):
        status, said, errors = _tool(bench, name, *options, "127.0.0.1")
        expect(status == 0 and stratum(json.loads(said)) == 11, f"{name}: {said}{errors}")


def tools_with_keys(bench):
    """Every type of key; a wrong secret and an untrusted key are told apart from silence."""
    keys = bench.write("ntp.keys", [f"{number} {key}" for number, key in KEYS.items()] + ["3 MD5 ofTheClient"])
    wrong = bench.write("wrong.keys", ["1 MD5 another", "3 MD5 ofTheClient"])
    for path in (keys, wrong):
        path.chmod(0o600)
    trusted = " ".join(map(str, KEYS))
    _serve(bench, [*SERVED, f"keys {keys}", f"trustedkey {trusted}"])
    for number in KEYS:
        for name, options in (("ntpdate", ["-q", "-p", "1"]), ("sntp", [])):
            status, said, errors = _tool(bench, name, *options, "-a", number, "-k", keys, "127.0.0.1")
            expect(status == 0 and ("stratum 11" in said or " s11 " in said), f"{name}, key {number}: {said}{errors}")
    for number, path in ((1, wrong), (3, keys)):
        for name, options in (("ntpdate", ["-q", "-p", "1"]), ("sntp", [])):
            time.sleep(NAK_SPACING_S)
            status, said, errors = _tool(bench, name, *options, "-a", number, "-k", path, "127.0.0.1")
            expect(status == 1 and "crypto-NAK" in errors, f"{name}, key {number}: {status} {said}{errors}")
    status, _, errors = _tool(bench, "sntp", "-a", "99", "-k", keys, "127.0.0.1")
    expect(status == 66 and "99" in errors, f"{status} {errors}")
    status, _, errors = _tool(bench, "ntpdate", "-a", "1", "-k", bench.path("none.keys"), "-q", "127.0.0.1")
    expect(status == 1 and "none.keys" in errors, f"{status} {errors}")


def tools_set_the_clock(bench):
    """Steps beyond 0.5 s, slews below, as -b, -B, -S, -s and -M say; -q and -d never; the clock here is a played one."""
    cases = (("ntpdate", [], 5.0, "step"), ("ntpdate", [], 0.3, "slew"), ("ntpdate", ["-b"], 0.01, "step"), ("ntpdate", ["-B"], -5.0, "slew"),
             ("ntpdate", ["-b", "-s"], -70.0, "step"), ("ntpdate", ["-q"], 5.0, None), ("ntpdate", ["-d"], 5.0, None),
             ("sntp", ["-S"], 0.2, "step"), ("sntp", ["-s"], 0.2, "slew"), ("sntp", [], 5.0, None),
             ("sntp", ["-S", "-s", "-M", "500"], 0.3, "slew"), ("sntp", ["-S", "-s", "-M", "500"], 0.7, "step"))
    for name, options, ahead_s, wanted in cases:
        with played(bench.host, lambda request, _: [answer(request, ahead_s)], port=1123):
            quick = ["-p", "1"] if name == "ntpdate" else []
            status, said, errors = _tool(bench, name, *options, *quick, "127.0.0.1:1123", fakes_clock=True)
        told = re.findall(r"fake clock: (\w+) ([+-]\d+\.\d+)", errors)
        expect(status == 0 and [how for how, _ in told] == ([wanted] if wanted else []), f"{name} {options}, {ahead_s} s: {status} {said}{errors}")
        expect(all(abs(float(amount_s) - ahead_s) < LARGEST_ERROR_S for _, amount_s in told), f"{name} {options}, {ahead_s} s: {errors}")
    with played(bench.host, lambda request, _: [answer(request, 5.0)], port=1123):
        status, said, errors = _tool(bench, "ntpdate", "-p", "1", "127.0.0.1:1123", fakes_clock=True)
        expect(status == 0 and re.fullmatch(rf"{LOG}step time server 127\.0\.0\.1 offset \+[45]\.\d{{6}} sec\n", said), said + errors)
        status, said, errors = _tool(bench, "sntp", "-j", "-S", "127.0.0.1:1123", fakes_clock=True)
        expect(status == 0 and json.loads(said)["adjusted"] is True, said + errors)


def tools_without_the_right_to_set(bench):
    """They say by how much the clock is off, and that they may not set it; beside a daemon ntpdate doesn't even begin."""
    with played(bench.host, lambda request, _: [answer(request, 5.0)], port=1123):
        for name, options in (("ntpdate", ["-b", "-p", "1"]), ("ntpdate", ["-B", "-p", "1"]), ("sntp", ["-S"]), ("sntp", ["-s"])):
            status, said, errors = _tool(bench, name, *options, "127.0.0.1:1123")
            expect(status == 1 and "can't set the clock, which is +" in errors and "CAP_SYS_TIME" in errors, f"{name}: {said}{errors}")
        status, said, _ = _tool(bench, "ntpdate", "--json", "-b", "-p", "1", "127.0.0.1:1123")
        result = json.loads(said)
        expect(status == 1 and result["action"] == "step" and result["done"] is False and "CAP_SYS_TIME" in result["error"], result)
    daemon = _serve(bench)
    status, _, errors = _tool(bench, "ntpdate", "-b", "-p", "1", "127.0.0.1")
    expect(status == 1 and "the NTP socket is in use, exiting" in errors, errors)
    status, said, errors = _tool(bench, "ntpdate", "-b", "-u", "-p", "1", "127.0.0.1", fakes_clock=True)
    expect(status == 0 and "step time server 127.0.0.1" in said, said + errors)
    status, _, errors = _tool(bench, "sntp", "-r", "127.0.0.1")
    expect(status == 1 and "in use" in errors, errors)
    bench.end(daemon)


def sntp_from_the_reserved_port(bench):
    """sntp -r asks from port 123, one server after another; -I from an address of ours."""
    lab = bench.lab("peer")
    with played(lab["peer"], lambda request, _: [answer(request)], "10.99.1.2") as asked:
        status, said, errors = _tool(bench, "sntp", "-r", "10.99.1.2", "10.99.1.2:123")
        expect(status == 0 and [port for _, port in asked.remotes] == [123, 123], f"{asked.remotes} {said}{errors}")
        bench.host.add_address("peer", "10.99.1.9")
        status, said, errors = _tool(bench, "sntp", "-I", "10.99.1.9", "10.99.1.2")
        expect(status == 0 and asked.remotes[-1][0] == "10.99.1.9" and asked.remotes[-1][1] != 123, f"{asked.remotes} {said}{errors}")


def servers_that_lie_stammer_or_sleep(bench):
    """Whatever comes back: each tool ends in time, fails, sets nothing and says what was wrong."""
    def wrong_origin(request, _):
        return [answer(request, origin=7)] * 3
    evil = b"\x24" + b"\xff" * 47
    cases = {
        "silent": (lambda request, _: [], "no answer"),
        "garbage": (lambda request, _: [b"", b"\x00", os.urandom(47), os.urandom(1000), request], "no answer: what came"),
        "wrong origin": (wrong_origin, "answers no request of ours"),
        "late": (lambda request, _: [(1.5, answer(request))], "no answer"),
        "denied": (lambda request, _: [answer(request, leap=3, stratum=0, refid=b"DENY")], "DENY"),
        "too often": (lambda request, _: [answer(request, leap=3, stratum=0, refid=b"RATE")], "RATE"),
        "not in sync": (lambda request, _: [answer(request, leap=3, stratum=16)], "not synchronised"),
        "escape in the code": (lambda request, _: [answer(request, leap=3, stratum=0, refid=b"\x1b[2J")], "not synchronised"),
        "all ones": (lambda request, _: [evil[:24] + request[40:48] + evil[32:]] if len(request) == 48 else [], ""),
        "far away": (lambda request, _: [answer(request, root_delay=0xffffffff, root_dispersion=0xffffffff)], "makes no sense"),
        "backwards": (lambda request, _: [answer(request, transmit=stamp(-100))], "makes no sense"),
        "of 1900": (lambda request, _: [answer(request, receive=0, transmit=0)], "not synchronised"),
        "flood": (lambda request, _: [answer(request, origin=7)] * 2000, "no answer"),
    }
    for what, (answers, words) in cases.items():
        for name, options in (("ntpdate", ["-u", "-b", "-p", "2", "-t", "0.2"]), ("sntp", ["-S", "-t", "0.3"])):
            with played(bench.host, answers, port=1123):
                begin_s = time.monotonic()
                status, said, errors = _tool(bench, name, *options, "127.0.0.1:1123", fakes_clock=True)
                took_s = time.monotonic() - begin_s
            expect(status == 1 and words in errors and "fake clock" not in errors, f"{name}, {what}: {status} {said}{errors}")
            expect(took_s < END_LIMIT_S and "\x1b" not in said + errors, f"{name}, {what}: {took_s:.1f} s {said}{errors}")


def _control(texts, status=0x0615):
    return lambda request, _: [control_answer(request, texts, status)]


def tools_that_ask_a_daemon(bench):
    """ntpstat, ntp-wait, ntptrace and ntpsweep with a daemon's variables: lines and exit codes."""
    texts = {0: SYSTEM, 31337: "srcadr=10.99.1.2, srcport=123, stratum=2\r\n"}
    peer = bench.lab("peer")["peer"]
    with played(bench.host, _control(texts)), played(peer, lambda request, _: [answer(request, stratum=1, refid=b"GPS\0")], "10.99.1.2"):
        done = _tool(bench, "ntpstat", "-h", "127.0.0.1")
        expect(done == (0, "synchronised to NTP server (10.99.1.2) at stratum 3\n   time correct to within 11 ms\n"
                           "   polling server every 64 s\n", ""), done)
        expect(_tool(bench, "ntpstat", "-m", "10.4", "127.0.0.1")[0] == 1, "10.5 ms are within 10.4 ms")
        expect(_tool(bench, "ntpstat", "-m", "10.6", "127.0.0.1")[0] == 0, "10.5 ms are not within 10.6 ms")
        done = _tool(bench, "ntp-wait", "-n", "1", "-v", "127.0.0.1")
        expect(done == (0, "Waiting for ntpd to synchronise... OK!\n", ""), done)
        status, said, errors = _tool(bench, "ntptrace", "-n", "-t", "0.3", "127.0.0.1")
        expect(status == 0 and re.fullmatch(r"127\.0\.0\.1: stratum 3, offset 0\.000020, synch distance 0\.010500\n"
                                            r"10\.99\.1\.2: stratum 1, offset -?0\.0\d+, synch distance 0\.0\d+, refid 'GPS' "
                                            r"\(by its time alone\)\n", said), said + errors)
        status, said, errors = _tool(bench, "ntpsweep", "-n", "-p", "-t", "0.3", "-l", "127.0.0.1")
        rows = said.splitlines()
        expect(status == 0 and rows[2] == "127.0.0.1                         3     0.000 4.2.8p18-o  Linux/6.1.0  x86_64", said)
        expect(re.fullmatch(r" 10\.99\.1\.2 {23} 1 +-?0\.0\d\d", rows[3]) and len(rows) == 4, said + errors)
    starting = SYSTEM.replace("stratum=3", "stratum=16").replace("leap=0", "leap=3")
    with played(bench.host, _control({0: starting}, 0xc011)):
        status, said, _ = _tool(bench, "ntpstat", "127.0.0.1")
        expect((status, said) == (1, "unsynchronised\n   time server re-starting\n   polling server every 64 s\n"), said)
        status, said, _ = _tool(bench, "ntp-wait", "-n", "3", "-s", "0.05", "-v", "127.0.0.1")
        expect(status == 1 and "did not synchronise in 3 tries" in said, said)
    status, said, errors = _tool(bench, "ntpstat", "127.0.0.1")
    expect(status == 2 and not said and "is it running?" in errors, said + errors)
    status, said, _ = _tool(bench, "ntp-wait", "-n", "2", "-s", "0.05", "-v", "127.0.0.1")
    expect(status == 2 and "no contact" in said, said)
    expect(_tool(bench, "ntptrace", "127.0.0.1")[0] == 1 and _tool(bench, "ntpsweep", "127.0.0.1")[0] == 1, "silence is no failure")


def tools_ask_our_daemon(bench):
    """The same with ours: from its own host, from one that may query, from a stranger, and from one that gets the time alone."""
    peer = bench.lab("peer")["peer"]
    lines = (*SERVED[:2], "restrict default nomodify", "restrict 10.99.1.2 nomodify", "restrict fd99:1::2 nomodify noquery", "restrict 127.0.0.1")
    _serve(bench, lines)
    done = _tool(bench, "ntpstat", "127.0.0.1")
    expect(done[0] == 0 and re.fullmatch(r"synchronised to local net at stratum 11\n   time correct to within \d+ ms\n"
                                         r"   polling server every \d+ s\n", done[1]), done)
    done = _tool(bench, "ntp-wait", "-n", "1", "-v", "127.0.0.1")
    expect(done[0] == 0 and done[1].endswith("OK!\n"), done)
    peer.add_address("ours", "10.99.1.7")
    ip("-n", peer.netns, "route", "replace", "10.99.1.0/24", "dev", "to0", "src", "10.99.1.7")
    for host, address, tail in ((bench.host, "127.0.0.1", ""), (peer, "10.99.1.1", ""), (peer, "fd99:1::1", r" \(by its time alone\)")):
        status, said, errors = _tool(bench, "ntptrace", "-n", "-t", "0.5", address, host=host)
        expect(status == 0 and re.fullmatch(rf"{address}: stratum 11, offset -?0\.\d{{6}}, synch distance 0\.\d{{6}}{tail}\n", said),
               f"{address}: {said}{errors}")
        status, said, errors = _tool(bench, "ntpsweep", "-n", "-t", "0.5", address, host=host)
        expect(status == 0 and re.search(rf"\n{address} +11 +-?0\.\d{{3}}" + ("\n" if tail else r" \S+ +Linux"), said), said + errors)


def daemons_that_answer_nonsense(bench):
    """Control answers that are cut, endless, contradictory or full of escapes: bounded time, no octet for the terminal."""
    def cut(request, _):
        return [(control_answer(request, {0: SYSTEM}) or b"")[:20]]

    def endless(request, _):
        head = control_answer(request, {0: "x" * 400})
        if head is None:
            return []
        return [head[:1] + bytes([head[1] | 0x20]) + head[2:8] + struct.pack(">HH", i * 400, 400) + head[12:] for i in range(160)]
    odd = SYSTEM.replace("rootdelay=0.500", "rootdelay=nan").replace("tc=6", "tc=99").replace("stratum=3", "stratum=1e9")
    escapes = 'stratum=3, offset=0, rootdelay=0, rootdisp=0, refid="\x1b[2J\x07", version="a \x1b]0;x\x07", system="\r\x9b2J", peer=0\r\n'
    cases = {"cut": cut, "endless": endless, "odd numbers": _control({0: odd}), "escapes": _control({0: escapes}),
             "error": _control({}), "not ours": lambda request, _: [os.urandom(480), request], "circle": _control({
                 0: SYSTEM, 31337: "srcadr=127.0.0.1, srcport=123"})}
    for what, answers in cases.items():
        with played(bench.host, answers):
            for name, options in (("ntpstat", ["-t", "0.2"]), ("ntp-wait", ["-n", "1", "-s", "0.1", "-v"]), ("ntptrace", ["-n", "-t", "0.2"]),
                                  ("ntpsweep", ["-n", "-p", "-t", "0.2"])):
                begin_s = time.monotonic()
                status, said, errors = _tool(bench, name, *options, "127.0.0.1")
                expect(time.monotonic() - begin_s < END_LIMIT_S, f"{name}, {what}: too long")
                expect(status in (0, 1, 2) and said + errors, f"{name}, {what}: {status}")
                expect(not re.search(r"[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]", said + errors), f"{name}, {what}: {(said + errors)!r}")
                if name == "ntptrace" and what == "circle":
                    expect("in a circle" in errors and said.count("\n") == 1, said + errors)


def sntp_hears_a_broadcast(bench):
    """sntp -b: one broadcast is a line, silence ends after -B, what is no broadcast doesn't count, and -S wants a key."""
    with bench.host.socket(socket.AF_INET) as sock:
        def send(mode, count=40):
            for _ in range(count):
                sock.sendto(packets.Header(mode=mode, stratum=2, precision=-20, reference=stamp(-5), transmit=stamp(3.0)).encode(),
                            ("127.0.0.1", 1123))
                time.sleep(0.05)
        for mode, wanted in ((5, (0, rf"{STAMP} \+[23]\.\d{{6}} \+/- 0\.\d{{6}} 127\.0\.0\.1 s2 no-leap\n")), (4, (1, ""))):
            sender = threading.Thread(target=send, args=(mode,))
            sender.start()
            status, said, errors = _tool(bench, "sntp", "-b", "127.0.0.1:1123", "-B", "1.5")
            sender.join()
            expect(status == wanted[0] and re.fullmatch(wanted[1], said) and ("no answer" in errors) == bool(status), f"{status} {said}{errors}")
    status, _, errors = _tool(bench, "sntp", "-b", "127.0.0.1:1123", "-S")
    expect(status == 64 and "needs -a" in errors, errors)


def sntp_keeps_kisses(bench):
    """sntp -K: a server that denied access is not asked again; without the file it is."""
    file = bench.path("kisses")
    with played(bench.host, lambda request, _: [answer(request, leap=3, stratum=0, refid=b"DENY")], port=1123) as asked:
        for wanted in ("it denies access (kiss code DENY)", "prior KoD for 127.0.0.1, skipping"):
            status, _, errors = _tool(bench, "sntp", "-K", file, "127.0.0.1:1123")
            expect(status == 1 and wanted in errors, errors)
        expect(len(asked) == 1 and re.fullmatch(r"[0-9a-f]+ DENY 127\.0\.0\.1\n", file.read_text("utf-8")), file.read_text("utf-8"))
        _tool(bench, "sntp", "127.0.0.1:1123")
        expect(len(asked) == 2, "it wasn't asked without the file")


def liars_are_outvoted(bench):
    """Of three servers the one that lies is left out; three that contradict each other set nothing; of two, one is warned of."""
    def serve(ahead_s, stratum=2):
        return lambda request, _: [answer(request, ahead_s, stratum=stratum)]
    with played(bench.host, serve(100, 1), port=1123), played(bench.host, serve(2), port=1124), played(bench.host, serve(2), port=1125), \
            played(bench.host, serve(-50), port=1126):
        quick = ["-u", "-p", "1"]
        hosts = [f"127.0.0.1:{port}" for port in (1123, 1124, 1125, 1126)]
        status, said, errors = _tool(bench, "ntpdate", *quick, *hosts[:3], fakes_clock=True)
        expect(status == 0 and "fake clock: step +" in errors and re.search(r"offset \+[12]\.\d", said), said + errors)
        status, said, errors = _tool(bench, "ntpdate", *quick, hosts[0], hosts[1], hosts[3], fakes_clock=True)
        expect(status == 1 and "contradict each other" in errors and "fake clock" not in errors, said + errors)
        status, said, errors = _tool(bench, "ntpdate", *quick, hosts[1], hosts[3], fakes_clock=True)
        expect(status == 0 and "warning: two servers contradict each other" in errors, said + errors)


def tools_given_wrong_words(bench):
    """Each tool's exit status for wrong options, with one line that names them."""
    for name, status in (("ntpdate", 2), ("sntp", 64), ("ntptrace", 2), ("ntpstat", 3), ("ntp-wait", 2), ("ntpsweep", 2)):
        for words, message in ((["--frobnicate"], "'--frobnicate' is no option"), (["-4", "-6", "x"], "-4 and -6 exclude each other")):
            done = bench.run(*words, program=bench.ntpd.parent / name)
            expect(done[0] == status and message in done[2] and len(done[2].splitlines()) == 1, f"{name} {words}: {done}")


def output_that_gets_nowhere(bench):
    """A full disk or a closed output is a failure with a message for each tool, whatever it prints; a reader who has enough is none."""
    _serve(bench, (*SERVED[:2], "enable mode7"))
    tools = (("ntpq", "-c rv"), ("ntpdc", "-c sysinfo"), ("ntpdate", "-q -p 1"), ("sntp", ""), ("ntptrace", "-n"), ("ntpstat", ""),
             ("ntp-wait", "-v -n 1"), ("ntpsweep", "-n"))
    for name, options in tools:
        words = f"{bench.ntpd.parent / name} {options} 127.0.0.1".replace("-c rv", "-c 'rv 0'")
        for command in (words, f"{bench.ntpd.parent / name} --version"):
            for target, reason in (("/dev/full", "No space left on device"), ("&-", "Bad file descriptor")):
                status, said, errors = bench.host.run(["sh", "-c", f"{command} >{target}"])
                expect(0 < status < 128 and not said and f"{name}: standard output can't be written" in errors, f"{command} >{target}: {status} {errors}")
                expect(errors.rstrip().endswith((reason, "written")), errors)
            status, said, errors = bench.host.run(["sh", "-c", f"{command}"])
            expect(status == 0 and said and not errors, f"{command}: {status} {said}{errors}")
            status, said, errors = bench.host.run(["sh", "-c", f"{command} | true"])
            expect(status == 0 and not errors, f"{command} | true: {status} {errors}")


CASES = (tools_measure_our_daemon, tools_with_keys, tools_set_the_clock, tools_without_the_right_to_set, sntp_from_the_reserved_port,
         servers_that_lie_stammer_or_sleep, tools_that_ask_a_daemon, tools_ask_our_daemon, daemons_that_answer_nonsense, sntp_hears_a_broadcast, sntp_keeps_kisses, liars_are_outvoted,
         tools_given_wrong_words, output_that_gets_nowhere)

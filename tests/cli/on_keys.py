# SPDX-License-Identifier: BSD-2-Clause
"""Keys files: what --check-config says of them, what the daemon does with them, and where it keeps the keys."""

import hashlib
import json
import os
import pathlib
import re
import signal

from cli_bench import FAMILIES, LOCAL_CLOCK, START_LIMIT_S, eventually, expect

NOBODY = 65534
AS_NOBODY = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
GOOD = "1 MD5 secret\n2 SHA1 another\n3 AES128CMAC third\n"

FIGURE_1 = pathlib.Path(__file__).resolve().parents[2] / "fuzz/corpus/keys_file/figure1"
REQUEST = bytes([0x23]) + bytes(39) + bytes.fromhex("0123456789abcdef")
# The MAC of REQUEST by each key of FIGURE_1: by hashlib (MD5, SHA1), openssl (MD4, RIPEMD160), cryptography (AES128CMAC), and
# plain Python after RFC 1319 (MD2) and over its DES (MDC2).
MACS = (
    (1, "0ddcd8f5cabee9112a1ad9f32c06399a"),
    (2, "3b387a81d65df0d66db741b05273c849"),
    (3, "bcc4a43488714292fbde350e28a5832d"),
    (4, "0ef72c9fd8146977c623247a23407be3"),
    (5, "a06e9a2277846495a1972639809b484b"),
    (6, "595ef3d4a4bcbbf29b620e37589ef20b"),
    (7, "abed2bb991d7fd35821c25a21809954b"),
    (8, "e4284219ce35dd714829be08f5ebad62"),
    (9, "32e1e45fbcec2237cb0d2198ba931c44"),
    (10, "565ef2080bf4e087d4c070720b5895db"),
    (11, "cc40c6de46077f4aea9f336697c5eb7d7d1d5f3a"),
    (12, "1e22ccf51fc55556a4be42bec90d7b6499772649"),
    (13, "e509ae02950472e311548bacc29136be87bd937a"),
    (14, "1d74502e675012a2ab2ff4d8823e575d0e4c2883"),
    (15, "91427d3be9d57171422fe367e9bc19e5"),
    (16, "7046b32cf2bb84190176a75f86eb635c"),
    (17, "5a361ae2b5fc3af4f119e64a57518696"),
    (18, "d3ed4944a8d9b4ae1e47516660fd4b7c"),
    (19, "b392f2718c887f90b4a98f802b32831c26d61771"),
    (20, "91009aa96068bd2b9aa894b3f3c434c3"),
)


def keys_file(bench, name, content, mode=0o600):
    """A keys file with these rights."""
    path = bench.write(name, content)
    path.chmod(mode)
    return path


def config_lines(*files, trusted="1 2 3"):
    """A configuration with these keys files."""
    return [*LOCAL_CLOCK, "restrict default kod limited nomodify nopeer noquery", *(f"keys {path}" for path in files),
            f"trustedkey {trusted}"]


def check_config_reads_keys(bench):
    """--check-config tells what is wrong in the keys files too, with file, line and column."""
    good = bench.write("good.conf", config_lines(keys_file(bench, "good.keys", GOOD)))
    expect(bench.run("--check-config", "-c", good) == (0, f"{good}: good\n", ""), bench.run("--check-config", "-c", good))

    faulty = keys_file(bench, "faulty.keys", "# keys\n1 MD5 secret\n65536 MD5 other\n2 SHA265 third\n")
    path = bench.write("faulty.conf", config_lines(faulty, trusted="1"))
    status, output, _ = bench.run("--check-config", "-c", path)
    expect(status == 1 and f"{faulty}:3:1: error: 65536: expected the number of a key, 1 to 65535\n" in output, output)
    expect(f"{faulty}:4:3: error: key 2 is left out: key type SHA265 is not known" in output, output)
    expect(output.endswith("ntpd refuses to start with it\n"), output)
    _, output, _ = bench.run("--check-config", "--json", "-c", path)
    expect([(m["line"], m["column"], m["refuses_start"]) for m in json.loads(output)["messages"]] ==
           [(3, 1, True), (4, 3, False)], output)

    world = keys_file(bench, "world.keys", GOOD, 0o644)
    status, output, _ = bench.run("--check-config", "-c", bench.write("world.conf", config_lines(world)))
    expect(status == 0 and f"{world}: warning: everybody on this machine may read the keys (mode 0644)" in output, output)
    status, output, _ = bench.run("--check-config", "-c", bench.write("absent.conf", config_lines(bench.path("absent.keys"))))
    expect(status == 1 and "absent.keys: error: this keys file is not there" in output, output)


def faulty_keys_refuse_start(bench):
    """A malformed line refuses the start and is named; a key never is."""
    faulty = keys_file(bench, "faulty.keys", "1 MD5 sEcrEt\n2 MD5 my sEcrEt\n")
    status, said = bench.refused(lines=config_lines(faulty))
    expect(status == 1 and f"{faulty}:2:10: error: what follows the key is no address" in said, f"{status}: {said}")
    expect("sEcrEt" not in said, said)


def keys_that_nobody_may_read(bench):
    """Without the right to read them: the check leaves them out and says so, the start is refused and says what to do."""
    secret = keys_file(bench, "secret.keys", GOOD)
    config = bench.write("ours.conf", [*config_lines(secret), "controlkey 2", "server 192.0.2.1 key 1"])
    status, output, errors = bench.run(*AS_NOBODY[1:], bench.ntpd, "--check-config", "-c", config, program=AS_NOBODY[0])
    expect((status, output) == (0, f"{secret}: warning: this keys file may not be read by this user: it was not checked\n"
                                   f"{config}: good\n"), f"{status}: {output}{errors}")
    status, output, errors = bench.run(*AS_NOBODY[1:], bench.ntpd, "-n", "--any-port", "-c", config, program=AS_NOBODY[0])
    expect(status == 1 and f"{secret}: error: this keys file can't be read: Permission denied; ntpd runs as group " in errors
           and f" && chmod g+r {secret}\n" in errors, f"{status}: {output}{errors}")


def keys_are_kept_from_swap_and_dumps(bench):
    """Keys lie in locked memory, the process leaves no core file, and a limit that is too small is said once."""
    path = keys_file(bench, "ntp.keys", GOOD)
    daemon = bench.ours(lines=config_lines(path))
    maps = pathlib.Path(f"/proc/{daemon.pid}/smaps").read_text()
    locked = [flags for flags in re.findall(r"^VmFlags: (.*)$", maps, re.MULTILINE) if {"lo", "dd"} <= set(flags.split())]
    expect(locked, "no mapping is locked and kept out of dumps")
    expect("swapped out" not in daemon.log_text(), daemon.log_text())
    bench.end(daemon)

    # A process that may not be dumped belongs to root in /proc, whoever runs it.
    for path_or_folder in (path, bench.work):
        os.chown(path_or_folder, NOBODY, NOBODY)
    argv = ["prlimit", "--memlock=0", *AS_NOBODY, *bench.command(["--any-port"], config_lines(path), "small", user=None)]
    daemon = bench.start(argv, name="small")
    bench.await_log(daemon, "serving on port ")
    bench.await_log(daemon, "the keys may be swapped out: raise the limit of locked memory, which is 0 kB")
    eventually("it serves its clock", START_LIMIT_S, lambda: expect(bench.state("small")["stratum"] == 11, "not yet"))
    expect(daemon.log_text().count("swapped out") == 1, daemon.log_text())
    expect(pathlib.Path(f"/proc/{daemon.pid}/smaps").stat().st_uid == 0, "the process can be dumped")
    bench.end(daemon)


def every_type_authenticates(bench):
    """The keys of the classic's Figure 1, as they stand: a request of each type is answered with a MAC of the same key."""
    daemon = bench.ours(lines=config_lines(keys_file(bench, "ntp.keys", FIGURE_1.read_bytes()), trusted="(1 ... 20)"))
    eventually("it is in sync", START_LIMIT_S, lambda: expect(bench.ask().stratum == 11, "not yet"))
    secrets = {int(line.split()[0]): line.split()[2] for line in FIGURE_1.read_text().splitlines() if line[:1].isdigit()}
    with bench.host.socket(FAMILIES["ipv4"]) as sock:
        sock.settimeout(1)
        for key, mac in MACS:
            signed = REQUEST + key.to_bytes(4, "big") + bytes.fromhex(mac)
            sock.sendto(signed, ("127.0.0.1", 123))
            answer = sock.recv(2048)
            expect(len(answer) == len(signed) and answer[48:52] == signed[48:52], f"key {key}: {answer.hex()}")
            secret = secrets[key].encode() if len(secrets[key]) <= 20 else bytes.fromhex(secrets[key])
            hashes = {**dict.fromkeys((*range(1, 11), 17), "md5"), **dict.fromkeys(range(11, 15), "sha1")}
            if key in hashes:
                expect(hashlib.new(hashes[key], secret + answer[:48]).digest() == answer[52:], f"key {key}: {answer.hex()}")
        sock.sendto(signed[:-1] + bytes([signed[-1] ^ 1]), ("127.0.0.1", 123))
        answer = sock.recv(2048)
        expect(len(answer) == 52 and answer[48:] == bytes(4), f"a wrong MAC is answered by {answer.hex()}")
    bench.end(daemon)


def _signs(bench, key, secret):
    """Whether the daemon takes and uses this MD5 key."""
    signed = REQUEST + key.to_bytes(4, "big") + hashlib.md5(secret + REQUEST).digest()
    with bench.host.socket(FAMILIES["ipv4"]) as sock:
        sock.settimeout(1)
        sock.sendto(signed, ("127.0.0.1", 123))
        try:
            answer = sock.recv(2048)
        except TimeoutError:  # of crypto-NAKs there are only so many
            return False
    return answer[48:] == key.to_bytes(4, "big") + hashlib.md5(secret + answer[:48]).digest()


def _hangup(bench, daemon, verdict):
    """What the daemon says of a hangup, up to the line with this."""
    before = len(daemon.log_text())
    os.kill(daemon.pid, signal.SIGHUP)
    eventually(f"it says '{verdict}'", START_LIMIT_S,
               lambda: expect(verdict in daemon.log_text()[before:], f"it said: {daemon.log_text()}"))
    return daemon.log_text()[before:]


def keys_again(bench):
    """SIGHUP reads the keys files again, whole or not at all, and says which; the keys in force are those that sign."""
    old, new = b"oldSecret", b"newSecret"
    path = keys_file(bench, "ntp.keys", "1 MD5 oldSecret\n")
    daemon = bench.ours(lines=config_lines(path, trusted="1"))
    expect(_signs(bench, 1, old), "the key doesn't sign")

    doubles = "1 MD5 newSecret\n" * 12
    keys_file(bench, "ntp.keys", doubles + "4 MD5\n")
    said = _hangup(bench, daemon, "the old configuration stays, see above")
    expect(f"{path}:13:6: error: key 4: expected a type and a key after the number" in said, said)
    expect("read again" not in said and _signs(bench, 1, old), said)
    path.unlink()
    said = _hangup(bench, daemon, "the old configuration stays, see above")
    expect(f"{path}: error: this keys file is not there" in said and _signs(bench, 1, old), said)

    keys_file(bench, "ntp.keys", "1 MD5 newSecret\n")
    said = _hangup(bench, daemon, "read again: ")
    expect("changed: keys\n" in said, said)
    expect(_signs(bench, 1, new) and not _signs(bench, 1, old), said)
    said = _hangup(bench, daemon, "read again: ")
    expect("nothing has changed" in said, said)
    bench.end(daemon)


def _memory_has(daemon, octets):
    """Whether these octets stand anywhere in what the process may write to."""
    with open(f"/proc/{daemon.pid}/maps", encoding="ascii") as maps, open(f"/proc/{daemon.pid}/mem", "rb", 0) as memory:
        for line in maps:
            first, last = (int(end, 16) for end in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                memory.seek(first)
                if octets in memory.read(last - first):
                    return True
    return False


def old_keys_are_wiped(bench):
    """A secret that no keys file has any more is nowhere in the process, with and without workers."""
    for name, options in (("alone", []), ("workers", ["--workers", "2"])):
        path = keys_file(bench, f"{name}.keys", "1 MD5 q8Zr5Wk2xY7c\n")
        daemon = bench.ours(options, lines=config_lines(path, trusted="1"), name=name)
        expect(_memory_has(daemon, b"q8Zr5Wk2xY7c"), f"{name}: the key in force is not to be found")
        keys_file(bench, f"{name}.keys", "1 MD5 another\n")
        _hangup(bench, daemon, "changed: keys")
        eventually("it is wiped", START_LIMIT_S, lambda: expect(not _memory_has(daemon, b"q8Zr5Wk2xY7c"), "still there"))
        bench.end(daemon)


def keys_closed_to_the_daemon(bench):
    """Once its privileges are gone the daemon may not read the keys: the secrets stay, and what the configuration says of them
    holds. When it may read them it does.
    """
    path = keys_file(bench, "ntp.keys", "1 MD5 first\n2 MD5 second\n")
    daemon = bench.ours(lines=config_lines(path, trusted="1 2"), user="nobody:nogroup")
    expect(_signs(bench, 1, b"first") and _signs(bench, 2, b"second"), "the keys don't sign")
    keys_file(bench, "ntp.keys", "1 MD5 first\n2 MD5 third\n")
    bench.write("ours.conf", config_lines(path, trusted="2"))
    said = _hangup(bench, daemon, "read again: ")
    expect(f"chgrp nogroup {path} && chmod g+r {path}" in said and "hangup: the old keys stay" in said, said)
    expect("changed: trusted keys, keys\n" in said, said)
    expect(not _signs(bench, 1, b"first") and _signs(bench, 2, b"second"), said)
    said = _hangup(bench, daemon, "read again: ")
    expect("nothing has changed" in said, said)
    os.chown(path, 0, NOBODY)
    path.chmod(0o640)
    said = _hangup(bench, daemon, "read again: ")
    expect("changed: keys\n" in said and "old keys stay" not in said, said)
    expect(not _signs(bench, 2, b"second") and _signs(bench, 2, b"third"), said)
    bench.end(daemon)


CASES = (check_config_reads_keys, faulty_keys_refuse_start, keys_that_nobody_may_read,
         keys_are_kept_from_swap_and_dumps, every_type_authenticates, keys_again, old_keys_are_wiped, keys_closed_to_the_daemon)

# SPDX-License-Identifier: BSD-2-Clause
"""Control messages: who is answered and how much, what a proven change does, and what can't be changed from afar."""

import os
import re
import signal
import time

import control
from cli_bench import FAMILIES, LOCAL_CLOCK, START_LIMIT_S, eventually, expect
from control import Key

HERE = "127.0.0.1"
US = "10.99.1.1"
PEER = "10.99.1.2"
SECOND = "10.99.2.2"
KEY = Key(5, "SHA1", b"control_secret!")
OTHER = Key(6, "MD5", b"other")
OPEN = "restrict default"
OK = "Config Succeeded"
CHANGES = 1000
WARM_UP = 200
MOST_GROWTH_KB = 1024


def _keys(bench):
    path = bench.write("ours.keys", "5 SHA1 control_secret!\n6 MD5 other\n")
    path.chmod(0o600)
    return path


def _lines(bench, *more):
    return [*LOCAL_CLOCK, f"keys {_keys(bench)}", "trustedkey 5 6", "controlkey 5", "restrict default noquery", *more]


class _Operator:
    """Somebody who asks the daemon from one host, with a sequence number that counts."""

    def __init__(self, host, address=HERE):
        self.sock = host.socket(FAMILIES["ipv4"])
        self.address = address
        self.sequence = 0

    def ask(self, opcode, data="", key=None, timeout_s=1.0, **more):
        """The answer; None without one."""
        self.sequence = self.sequence % 60000 + 1
        return control.ask(self.sock, self.address, opcode, data, timeout_s, key=key, sequence=self.sequence, **more)

    def say(self, text, key=KEY, with_nonce=False):
        """What the server says to this configuration; an error's number if it is one."""
        if with_nonce:
            text = f"#nonce={control.nonce(self.sock, self.address)}\n{text}"
        answer = self.ask(control.CONFIGURE, text, key)
        expect(answer is not None, f"no answer to {text!r}")
        return answer.error or answer.text.strip()

    def variables(self, association=0, names=""):
        """What READVAR says; None without an answer."""
        answer = self.ask(control.READ_VARIABLES, names, association=association)
        return answer.text if answer else None

    def send(self, datagram):
        """These octets; the datagrams that come back."""
        self.sock.sendto(datagram, (self.address, control.PORT))
        return control.receive(self.sock, 0.5)


def control_who_is_answered(bench):
    """This host sees everything; strangers nothing, on an open server one datagram no longer than their own; a line of one's own
    opens the rest. With and without workers."""
    peer, second = (bench.lab("first", "second")[name] for name in ("first", "second"))
    for name, options in (("alone", []), ("workers", ["--workers", "2"])):
        daemon = bench.ours(options, lines=[*LOCAL_CLOCK, "restrict default limited kod nomodify noquery"], name=name)
        text = _Operator(bench.host).variables()
        expect(text and 'version="ntpd ' in text and "stratum=" in text, f"{name}: {text}")
        expect(_Operator(peer, US).send(control.request(control.READ_VARIABLES)) == [], f"{name}: noquery")
        bench.end(daemon)

        daemon = bench.ours(options, lines=[*LOCAL_CLOCK, OPEN, f"restrict {PEER} limited kod"], name=name)
        expect((_Operator(peer, US).variables() or "").count("=") > 10, f"{name}: a line of its own")
        own = _Operator(bench.host, US).variables()
        expect(own and "stratum=" in own, f"{name}: this host by its other address: {own}")
        stranger = _Operator(second, "10.99.2.1")
        for opcode in range(32):
            for size in (0, 4, 100, 468):
                asked = control.request(opcode, b" " * size)
                got = stranger.send(asked) if size in (0, 468) or opcode < 13 else []
                expect(len(got) <= 1 and sum(map(len, got)) <= len(asked), f"{name}: op {opcode}, {len(asked)}: {got}")
        padded = stranger.ask(control.READ_VARIABLES, " " * 464)
        expect(padded and "stratum=" in padded.text, f"{name}: {padded}")
        expect(bench.ask("10.99.2.1", second) is not None, f"{name}: time")
        bench.end(daemon)


def control_configures(bench):
    """A proven change takes effect at once, is logged with its sender, is whole or not at all, and a hangup takes it back."""
    daemon = bench.ours(lines=_lines(bench))
    here = _Operator(bench.host)
    expect(here.say("setvar token = abc default") == OK, "setvar")
    expect('token=abc' in here.variables().replace('"', ""), here.variables())
    expect(here.say("server 192.0.2.1\ntos minsane 2") == OK, "server")
    expect(sorted(s["name"] for s in eventually("it is there", START_LIMIT_S, lambda: _two_sources(bench))) ==
           ["127.127.1.0", "192.0.2.1"], bench.state())
    expect(here.say("tos minsane 1") == OK, "tos")
    bench.await_log(daemon, '127.0.0.1 says "tos minsane 1"')

    said = here.say("bogus directive")
    expect(said.startswith("column 0 syntax error"), said)
    said = here.say("tos minsane 7\nserver 192.0.2.2 minpol 3")
    expect(said.startswith("line 2 column 17 syntax error"), said)
    before = here.variables()
    for line in ("driftfile /tmp/x", "logfile /tmp/x", "includefile /etc/ntp.conf", "enable mode7", "controlkey 6x", "controlkey 9"):
        said = here.say(line)
        expect(said != OK and str(said).startswith("column "), f"{line}: {said}")
    expect("token" in before and here.say("trustedkey 6\ncontrolkey 6") == OK, "controlkey")
    expect(here.say("tos minsane 1") == control.PERMISSION, "the old key proves nothing now")
    expect(here.say("tos minsane 1", OTHER) == OK, "the new one does")

    os.kill(daemon.pid, signal.SIGHUP)
    bench.await_log(daemon, "read again:")
    expect("token" not in here.variables(), here.variables())
    expect(here.say("tos minsane 1") == OK, "the old key is the key again")
    bench.end(daemon)


def _two_sources(bench):
    sources = bench.state()["sources"]
    expect(len(sources) == 2, sources)
    return sources


def control_proofs(bench):
    """Without a MAC, with a wrong one, with a key that is not the control key, or forbidden by nomodify: nothing happens."""
    bench.lab("first")
    daemon = bench.ours(lines=_lines(bench, f"restrict {PEER} nomodify"))
    here = _Operator(bench.host)
    wrong = Key(5, "SHA1", b"a guess")
    for opcode, text in ((control.CONFIGURE, "setvar a=b default"), (control.SAVE, "x.conf"), (control.WRITE_VARIABLES, "a=b")):
        for key in (None, wrong, OTHER, Key(77, "SHA1", b"control_secret!")):
            answer = here.ask(opcode, text, key)
            expect(answer and answer.error == control.PERMISSION and answer.data == b"", f"{opcode} {key}: {answer}")
    there = _Operator(bench.lab()["first"], US)
    prohibited = "runtime configuration prohibited by restrict ... nomodify"
    for with_nonce in (False, True):
        said = there.say("setvar a=b default", with_nonce=with_nonce)
        expect(said in (prohibited, control.PERMISSION), said)
    expect(" a=" not in here.variables() and "says" not in daemon.log_text(), daemon.log_text())
    bench.end(daemon)


def control_replays(bench):
    """The same octets within 16 s get the remembered answer: a change is made once, whoever sends it again (CVE-2015-8140)."""
    daemon = bench.ours(lines=_lines(bench))
    here = _Operator(bench.host)
    asked = control.request(control.CONFIGURE, "unpeer 127.127.1.0", key=KEY, sequence=9)
    again = control.request(control.CONFIGURE, "server 127.127.1.0", key=KEY, sequence=10)
    first = here.send(asked)
    expect(control.assemble(first).text.strip() == OK, first)
    expect(control.assemble(here.send(again)).text.strip() == OK, "it comes back")
    for _ in range(3):
        expect(here.send(asked) == first, "not the remembered answer")
    expect(daemon.log_text().count('says "unpeer') == 1, daemon.log_text())
    eventually("the source is there", START_LIMIT_S, lambda: expect(len(bench.state()["sources"]) == 1, bench.state()))
    bench.end(daemon)


def control_from_elsewhere(bench):
    """From another host a change needs a fresh nonce of this server, unless the line for the host says replayable."""
    lab = bench.lab("first", "second")
    daemon = bench.ours(lines=_lines(bench, f"restrict {PEER}", f"restrict {SECOND} replayable"))
    there, old_tool = _Operator(lab["first"], US), _Operator(lab["second"], "10.99.2.1")
    expect(there.say("setvar a=b") == control.PERMISSION, "without a nonce")
    expect(there.say("setvar a=b", with_nonce=True) == OK, "with a nonce")
    expect(there.say("#nonce=0123456789abcdef01234567\nsetvar a=c") == control.PERMISSION, "with a nonce of its own")
    nonce = control.nonce(old_tool.sock, old_tool.address)
    expect(there.say(f"#nonce={nonce}\nsetvar a=c") == control.PERMISSION, "another host's nonce")
    expect(old_tool.say("setvar a=d") == OK, "replayable")
    expect("a=d" in _Operator(bench.host).variables(names="a").replace('"', ""), "who was last")
    expect(f'{PEER} says "setvar a=b"' in daemon.log_text() and f'{SECOND} says "setvar a=d"' in daemon.log_text(),
           daemon.log_text())
    bench.end(daemon)


def control_unpeer(bench):
    """Associations go by number, address and name."""
    daemon = bench.ours(lines=_lines(bench, "server 192.0.2.1", "server 192.0.2.2", "server 192.0.2.3"))
    here = _Operator(bench.host)
    status = eventually("all are there", START_LIMIT_S, lambda: _four(here))
    numbers = [int.from_bytes(status[i:i + 2], "big") for i in range(0, len(status), 4)]
    by_address = {re.search(r"srcadr=([^,\s]+)", here.variables(n))[1]: n for n in numbers}
    expect(here.say(f"unpeer {by_address['192.0.2.2']}") == OK, by_address)
    expect(here.say("unpeer 192.0.2.3") == OK, "by address")
    said = here.say(f"unpeer {by_address['192.0.2.2']}")
    expect("no such association" in said, said)
    expect(here.variables(by_address["192.0.2.1"]) and len(here.ask(control.READ_STATUS).data) == 8, "two stay")
    bench.end(daemon)


def _four(here):
    answer = here.ask(control.READ_STATUS)
    expect(answer and len(answer.data) == 16, answer)
    return answer.data


def control_saves(bench):
    """saveconfig makes new files in one folder, with plain names; what it writes is a configuration (CVE-2015-7976)."""
    folder = bench.path("saved")
    folder.mkdir()
    daemon = bench.ours(lines=_lines(bench, f"saveconfigdir {folder}"))
    here = _Operator(bench.host)

    def save(name):
        return here.ask(control.SAVE, name, KEY).text.strip()
    expect(here.say("tos minsane 3") == OK, "tos")
    expect(save("test.conf") == "Configuration saved to 'test.conf'", "saved")
    time.sleep(0.01)
    expect(save("test.conf ") == "Unable to save configuration to file 'test.conf': File exists", "twice")
    expect(save("../x.conf") == "saveconfig rejects unsafe file name '../x.conf'", "unsafe")
    for name in ("/etc/x", "a/b", "..", ".x", "-x", "a b", "%F/x", "x;y", "\x1b[2J"):
        expect(save(name).startswith("saveconfig rejects unsafe file name '"), name)
    expect(re.fullmatch(r"Configuration saved to 'at-\d{8}\.conf'", save("at-%Y%m%d.conf")), "conversions")
    os.symlink(bench.path("target"), folder / "link")
    expect("File exists" in save("link") and not bench.path("target").exists(), "a link")
    expect(len(list(folder.iterdir())) == 3, list(folder.iterdir()))
    status, out, err = bench.run("--check-config", "-c", folder / "test.conf")
    expect("minsane 3" in (folder / "test.conf").read_text("utf-8") and status == 0, (out, err))
    bench.end(daemon)
    daemon = bench.ours(lines=_lines(bench), name="without")
    expect(save("test2.conf").startswith("saveconfig prohibited"), "without a folder")
    bench.end(daemon)


def control_traps(bench):
    """Whom a trap line names is told of events: an association that comes while the daemon runs, and what becomes of it."""
    daemon = bench.ours(lines=_lines(bench, f"trap {HERE} port 18999"))
    with bench.host.socket(FAMILIES["ipv4"]) as trap:
        trap.bind((HERE, 18999))
        here = _Operator(bench.host)
        expect(here.say("server 192.0.2.9") == OK and here.say("unpeer 192.0.2.9") == OK, "a source comes and goes")
        expect(here.say("server 192.0.2.10") == OK, "another one comes")
        told = control.receive(trap, START_LIMIT_S)
    expect(told, "nothing was told")
    for datagram in told:
        expect(datagram[0] & 7 == 6 and datagram[1] & ~control.MORE == control.RESPONSE | control.TELL, datagram)
    expect(any(b"192.0.2." in datagram for datagram in told), told)
    bench.end(daemon)


def control_mode7(bench):
    """Mode 7 is silent unless it is enabled, and answers this host then."""
    for lines, is_answered in ((LOCAL_CLOCK, False), ([*LOCAL_CLOCK, "enable mode7"], True)):
        daemon = bench.ours(lines=[*lines, OPEN])
        here = _Operator(bench.host)
        for code in (0, 4, 42):
            got = here.send(control.private_request(code))
            expect(bool(got) == is_answered, f"{lines}, code {code}: {got}")
        bench.end(daemon)


def control_changes_make_nothing_grow(bench):
    """A thousand proven changes while clients ask: no answer is lost, and memory and descriptors stay."""
    daemon = bench.ours(lines=_lines(bench))
    here = _Operator(bench.host)
    texts = ("setvar a=b default", "restrict 192.0.2.7 limited", "tos minsane 1", "server 192.0.2.1", "unpeer 192.0.2.1",
             "logconfig =syncall", "trustedkey 5", "interface listen 127.0.0.1", "unrestrict 192.0.2.7 limited", "fudge 127.127.1.0 stratum 9")

    def grown():
        status = dict(line.split(":", 1) for line in open(f"/proc/{daemon.pid}/status", encoding="ascii"))
        return int(status["VmRSS"].split()[0]), len(os.listdir(f"/proc/{daemon.pid}/fd"))

    def change(count):
        for i in range(count):
            expect(here.say(texts[i % len(texts)]) == OK, texts[i % len(texts)])
            if i % 10 == 0:
                expect(bench.ask() is not None, "no time meanwhile")
    change(WARM_UP)
    before = grown()
    change(CHANGES)
    after = grown()
    expect(after[0] - before[0] <= MOST_GROWTH_KB and after[1] == before[1], f"from {before} kB, descriptors to {after}")
    bench.end(daemon)


CASES = (control_who_is_answered, control_configures, control_proofs, control_replays, control_from_elsewhere, control_unpeer,
         control_saves, control_traps, control_mode7, control_changes_make_nothing_grow)

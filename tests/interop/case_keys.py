# SPDX-License-Identifier: BSD-2-Clause
"""Symmetric keys with other implementations, as their client and as their server, and every key type with ourselves."""

import re

import views
from bench import SYNC_LIMIT_S, START_LIMIT_S, eventually, expect, local_clock_lines
from case_client import chronyd_server_lines

# Number: type and secret, in hexadecimal digits or as characters.
KEYS = {
    1: ("MD5", "2late4Me"),
    2: ("SHA1", "2b7736fe24fef5ba85ae11594132ab5d6f6daba9"),
    3: ("AES128CMAC", "2b7e151628aed2a6abf7158809cf4f3c"),
}
CHRONY_TYPES = {"AES128CMAC": "AES128"}
NTPSEC_TYPES = {"AES128CMAC": "AES"}
# Published in the classic's documentation of authentication as a typical keys file; nobody's secret.
FIGURE_1 = """\
1  MD5 L";Nw<`.I<f4U0)247"i  # MD5 key
2  MD5 &>l0%XXK9O'51VwV<xq~  # MD5 key
3  MD5 lb4zLW~d^!K:]RsD'qb6  # MD5 key
4  MD5 Yue:tL[+vR)M`n~bY,'?  # MD5 key
5  MD5 B;fxlKgr/&4ZTbL6=RxA  # MD5 key
6  MD5 4eYwa`o}3i@@V@..R9!l  # MD5 key
7  MD5 `A.([h+;wTQ|xfi%Sn_!  # MD5 key
8  MD5 45:V,r4]l6y^JH6"Sh?F  # MD5 key
9  MD5 3-5vcn*6l29DS?Xdsg)*  # MD5 key
10 MD5 2late4Me              # MD5 key
11 SHA1 a27872d3030a9025b8446c751b4551a7629af65c  # SHA1 key
12 SHA1 21bc3b4865dbb9e920902abdccb3e04ff97a5e74  # SHA1 key
13 SHA1 2b7736fe24fef5ba85ae11594132ab5d6f6daba9  # SHA1 key
14 SHA  a5332809c8878dd3a5b918819108a111509aeceb  # SHA  key
15 MD2  2fe16c88c760ff2f16d4267e36c1aa6c926e6964  # MD2  key
16 MD4  b2691811dc19cfc0e2f9bcacd74213f29812183d  # MD4  key
17 MD5  e4d6735b8bdad58ec5ffcb087300a17f7fef1f7c  # MD5  key
18 MDC2 a8d5e2315c025bf3a79174c87fbd10477de2eabc  # MDC2 key
19 RIPEMD160 77ca332cafb30e3cafb174dcd5b80ded7ba9b3d2  # RIPEMD160 key
20 AES128CMAC f92ff73eee86c1e7dc638d6489a04e4e555af878  # AES128CMAC key
"""
FIGURE_1_KEYS = range(1, 21)


def _is_hex(secret):
    return len(secret) > 20


def _keys_file(bench, name, keys, types=None):
    """A keys file of three fields, as ntpd reads it; NTPsec has names of its own for some types."""
    lines = [f"{number} {(types or {}).get(kind, kind)} {secret}" for number, (kind, secret) in keys.items()]
    path = bench.factory.write(name, lines)
    path.chmod(0o600)
    return path


def _chrony_keys_file(bench, name, keys):
    """The same keys as chrony writes them: the type has another name for AES-CMAC, and cuts or pads nothing."""
    lines = []
    for number, (kind, secret) in keys.items():
        prefix = "HEX" if _is_hex(secret) else "ASCII"
        lines.append(f"{number} {CHRONY_TYPES.get(kind, kind)} {prefix}:{secret}")
    path = bench.factory.write(name, lines)
    path.chmod(0o600)
    return path


def _key_lines(path, trusted):
    return [f"keys {path}", f"trustedkey {' '.join(map(str, trusted))}"]


def _more_addresses(host, peer, count):
    """`count` IPv4 addresses of this host on its link to that peer: one server may be asked with one key at each."""
    first = host.addresses[peer]["ipv4"]
    others = [f"{first.rsplit('.', 1)[0]}.{100 + i}" for i in range(count - 1)]
    for address in others:
        host.add_address(peer, address)
    return [first, *others]


def _source_of(state, address):
    for source in state["sources"]:
        if source["remote"] == address:
            return source
    raise AssertionError(f"no source {address} in {state}")


def _await_authenticated(bench, ours, key_of):
    """Every source of our client answers with MACs of its key: reachable, authenticated, nothing refused."""
    def all_are():
        state = bench.our_state(ours)
        for address, number in key_of.items():
            source = _source_of(state, address)
            expect(source["reach"] != 0 and source["authenticated"], f"key {number}: {source}")
            expect(source["key_id"] == number and source["bad_auth"] == 0, f"key {number}: {source}")
        expect(state["leap"] != 3, f"not in sync: {state}")
    eventually(f"authenticated by keys {', '.join(map(str, key_of.values()))}", SYNC_LIMIT_S, all_are)


def _client_lines(key_of):
    return [f"server {address} iburst key {number}" for address, number in key_of.items()]


def _follow_with_keys(bench, addresses):
    """Our client asks each address with another key."""
    key_of = dict(zip(addresses, KEYS))
    lines = _key_lines(_keys_file(bench, "ours.keys", KEYS), KEYS)
    ours = bench.ours([*lines, *_client_lines(key_of)])
    _await_authenticated(bench, ours, key_of)


def client_of_chronyd(bench):
    """chronyd answers our requests with MD5, SHA1 and AES-CMAC, and we believe it."""
    peer = bench.lab["peer"]
    addresses = _more_addresses(peer, "ours", len(KEYS))
    keys = _chrony_keys_file(bench, "chrony.keys", KEYS)
    bench.factory.chronyd("chronyd", peer, [*chronyd_server_lines(), f"keyfile {keys}"]).start()
    _follow_with_keys(bench, addresses)


def client_of_ntpsec(bench):
    """NTPsec answers our requests with MD5, SHA1 and AES-CMAC, and we believe it."""
    peer = bench.lab["peer"]
    addresses = _more_addresses(peer, "ours", len(KEYS))
    keys = _keys_file(bench, "ntpsec.keys", KEYS, NTPSEC_TYPES)
    bench.factory.ntpsec("ntpsec", peer, [*local_clock_lines(is_ntpsec=True), *_key_lines(keys, KEYS)]).start()
    bench.await_followable(bench.host, addresses[0], "NTPsec has selected its local clock")
    _follow_with_keys(bench, addresses)


def _our_keyed_server(bench, trusted):
    """Our daemon serves its local clock and trusts these keys; gives its addresses towards the peer."""
    addresses = _more_addresses(bench.host, "peer", len(KEYS))
    keys = _keys_file(bench, "ours.keys", KEYS)
    bench.ours([*local_clock_lines(bench.subject.stand_in), *_key_lines(keys, trusted)])
    bench.await_followable(bench.lab["peer"], addresses[0], "our daemon serves its local clock")
    return addresses


def chronyd_client(bench):
    """chronyd, which takes authenticated replies alone where it has a key, misses none of ours."""
    addresses = _our_keyed_server(bench, KEYS)
    keys = _chrony_keys_file(bench, "chrony.keys", KEYS)
    lines = [f"server {address} key {number} iburst minpoll 0 maxpoll 0" for address, number in zip(addresses, KEYS)]
    client = bench.factory.chronyd("chronyd", bench.lab["peer"], [f"keyfile {keys}", *lines]).start()

    def all_answer():
        sources = views.chrony_sources(bench.peers, client)
        expect([source["reach"] for source in sources] == [0o377] * len(KEYS), f"sources {sources}")
        expect(views.chrony_tracking(bench.peers, client)["leap"] == "Normal", "chronyd is not in sync")
    eventually("chronyd takes our authenticated replies", SYNC_LIMIT_S, all_answer)


def ntpsec_client(bench):
    """NTPsec shows each of our addresses as reachable and its authentication as ok."""
    addresses = _our_keyed_server(bench, KEYS)
    keys = _keys_file(bench, "ntpsec.keys", KEYS, NTPSEC_TYPES)
    lines = [*_key_lines(keys, KEYS), *_client_lines(dict(zip(addresses, KEYS)))]
    client = bench.factory.ntpsec("ntpsec", bench.lab["peer"], lines).start()

    def all_answer():
        ntpq = [*bench.peers.python("ntpq"), "-n", "-c", "associations", "127.0.0.1"]
        status, text, errors = client.host.run(ntpq, env=bench.peers.environment())
        rows = re.findall(r"^\s*\d+\s+\d+\s+[0-9a-f]{4}\s+yes\s+(\w+)\s+(\w+)\s", text, re.M)
        expect(status == 0 and rows == [("yes", "ok")] * len(KEYS), f"{text} {errors}")
    eventually("NTPsec takes our authenticated replies", SYNC_LIMIT_S, all_answer)


def untrusted_and_wrong_keys(bench):
    """A key that we don't trust, and one of another secret, get crypto-NAKs: chronyd never selects us by them."""
    addresses = _our_keyed_server(bench, [1, 3])
    theirs = {1: KEYS[1], 2: KEYS[2], 3: ("AES128CMAC", "00" * 16)}
    keys = _chrony_keys_file(bench, "chrony.keys", theirs)
    lines = [f"server {address} key {number} iburst minpoll 0 maxpoll 0" for address, number in zip(addresses, theirs)]
    client = bench.factory.chronyd("chronyd", bench.lab["peer"], [f"keyfile {keys}", *lines]).start()

    def one_answers():
        reach = [source["reach"] for source in views.chrony_sources(bench.peers, client)]
        expect(reach == [0o377, 0, 0], f"reach {reach}: trusted, untrusted, another secret")
        expect(views.chrony_tracking(bench.peers, client)["address"] == addresses[0], "it follows another source")
    eventually("chronyd follows us by the trusted key alone", SYNC_LIMIT_S, one_answers)


def server_with_another_secret(bench):
    """A server whose key has another secret refuses us by crypto-NAKs: counted, said once, and never followed.

    The server is ours: NTPsec and chronyd drop such requests and say nothing.
    """
    peer = bench.lab["peer"]
    keys = _keys_file(bench, "server.keys", {2: ("SHA1", "ff" * 20)})
    bench.factory.ntpd("server", peer, bench.subject.program, [*local_clock_lines(False), *_key_lines(keys, [2])],
                       ["-u", "root"]).start()
    address = bench.peer_address("ipv4")
    bench.await_followable(bench.host, address, "our other daemon serves its local clock")
    ours = bench.ours([*_key_lines(_keys_file(bench, "ours.keys", KEYS), KEYS), f"server {address} iburst key 2"])

    def is_refused():
        source = _source_of(bench.our_state(ours), address)
        expect(source["bad_auth"] >= 3, f"source {source}")
        expect(source["reach"] == 0 and not source["authenticated"], f"source {source}")
    eventually("its packets are refused", START_LIMIT_S * 3, is_refused)
    expect(bench.our_state(ours)["leap"] == 3, "in sync with a server that proves nothing")
    expect(ours.log_text().count("bad_auth") == 1, f"the log says it {ours.log_text().count('bad_auth')} times")


def every_key_type_between_ours(bench):
    """Each key of the published example file authenticates exchanges between two of our daemons."""
    peer = bench.lab["peer"]
    addresses = _more_addresses(peer, "ours", len(FIGURE_1_KEYS))
    keys = bench.factory.write("figure1.keys", FIGURE_1.splitlines())
    keys.chmod(0o600)
    lines = _key_lines(keys, ["(1", "...", "20)"])
    server = bench.factory.ntpd("server", peer, bench.subject.program, [*local_clock_lines(False), *lines], ["-u", "root"])
    server.start()
    bench.await_followable(bench.host, addresses[0], "our other daemon serves its local clock")
    key_of = dict(zip(addresses, FIGURE_1_KEYS))
    ours = bench.ours([*lines, "tos maxclock 30", *_client_lines(key_of)])
    _await_authenticated(bench, ours, key_of)

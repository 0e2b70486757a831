# SPDX-License-Identifier: BSD-2-Clause
"""Datagrams that a hostile or broken host may send: random octets, valid packets of all modes, and mutations of them."""

import struct

from packets import HEADER_OCTETS, Header

LONGEST_OCTETS = 600
DIGEST_OCTETS = (0, 4, 12, 16, 20, 24, 28, 32, 64)


def _octets(rng, count):
    return rng.getrandbits(8 * count).to_bytes(count, "big") if count else b""


def _header(rng, mode):
    """A plausible header: what a parser would go on reading after."""
    return Header(leap=rng.randrange(4), version=rng.choice((1, 2, 3, 4, 4, 4, 0, 5, 6, 7)), mode=mode,
                  stratum=rng.choice((0, 1, 2, 15, 16, 255)), poll=rng.choice((-128, -1, 0, 3, 6, 10, 17, 127)),
                  precision=rng.choice((-128, -20, 0, 127)), root_delay=rng.getrandbits(32),
                  root_dispersion=rng.getrandbits(32), refid=_octets(rng, 4), reference=rng.getrandbits(64),
                  origin=rng.choice((0, rng.getrandbits(64))), receive=rng.choice((0, rng.getrandbits(64))),
                  transmit=rng.choice((0, (1 << 64) - 1, rng.getrandbits(64)))).encode()


def _extension_field(rng):
    """A field of RFC 7822; its length now and then lies (0, odd, past the end)."""
    body = _octets(rng, 4 * rng.randrange(0, 24))
    kind = rng.choice((0x0104, 0x0204, 0x0304, 0x0404, 0x2005, 0x8202, 0xF323, rng.getrandbits(16)))
    claimed = rng.choice((4 + len(body),) * 4 + (0, 2, 3, 5, 0xFFFF, rng.getrandbits(10)))
    return struct.pack(">HH", kind, claimed) + body


def _control(rng):
    """Mode 6: 12 octets of header, offset and count that may lie, then text, then perhaps a MAC."""
    text = rng.choice((b"", b"version,system", b"mru nonce=0", _octets(rng, rng.randrange(1, 200))))
    count = rng.choice((len(text), len(text), 0xFFFF, rng.getrandbits(9)))
    first = 0x06 | rng.randrange(8) << 3 | rng.randrange(4) << 6
    return struct.pack(">BBHHHHH", first, rng.getrandbits(8), rng.getrandbits(16), 0, rng.getrandbits(16),
                       rng.choice((0, 0, rng.getrandbits(16))), count) + text + bytes(-len(text) % 4)


def _private(rng):
    """Mode 7: the old private requests, the monitor list of amplification fame (codes 20 and 42) among them."""
    head = struct.pack(">BBBBHH", 0x07 | rng.choice((2, 3, 4)) << 3, rng.getrandbits(8), rng.choice((2, 3)),
                       rng.choice((0, 1, 16, 20, 42, rng.getrandbits(8))), rng.getrandbits(4), rng.getrandbits(9))
    return head + _octets(rng, rng.choice((0, 40, 184, rng.randrange(200))))


def valid(rng):
    """A well-formed packet of any mode, most often with extension fields and a MAC."""
    mode = rng.randrange(8)
    if mode == 6:
        return _control(rng)
    if mode == 7:
        return _private(rng)
    packet = _header(rng, mode)
    for _ in range(rng.choice((0, 0, 1, 2, 4))):
        packet += _extension_field(rng)
    if rng.random() < 0.5:
        packet += struct.pack(">I", rng.choice((0, 1, rng.getrandbits(32)))) + _octets(rng, rng.choice(DIGEST_OCTETS))
    return packet[:LONGEST_OCTETS]


def mutated(rng):
    """A valid packet with a few octets changed, cut or repeated."""
    packet = bytearray(valid(rng))
    for _ in range(rng.randrange(1, 5)):
        kind = rng.randrange(4)
        at = rng.randrange(len(packet)) if packet else 0
        if kind == 0 and packet:
            packet[at] ^= 1 << rng.randrange(8)
        elif kind == 1 and packet:
            packet[at] = rng.choice((0, 0x7F, 0x80, 0xFF))
        elif kind == 2:
            del packet[at:]
        else:
            packet[at:at] = packet[at:at + rng.randrange(64)]
    return bytes(packet[:LONGEST_OCTETS])


def datagram(rng):
    """One hostile datagram of 0 to 600 octets."""
    kind = rng.randrange(4)
    if kind == 0:
        return _octets(rng, rng.randrange(LONGEST_OCTETS + 1))
    if kind == 1:
        tail = _octets(rng, rng.randrange(LONGEST_OCTETS + 1 - HEADER_OCTETS))
        return _header(rng, rng.randrange(8)) + tail
    return valid(rng) if kind == 2 else mutated(rng)

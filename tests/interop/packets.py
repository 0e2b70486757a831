# SPDX-License-Identifier: BSD-2-Clause
"""NTP datagrams as the tests see them (RFC 5905 section 7.3), and one client request."""

import collections
import dataclasses
import hashlib
import ipaddress
import os
import select
import struct
import time

HEADER_OCTETS = 48
NTP_PORT = 123
UNSYNCHRONISED = 3

Answer = collections.namedtuple("Answer", "header address octets")


@dataclasses.dataclass
class Header:
    """The fixed header; stamps are the raw 64 bits."""

    leap: int = 0
    version: int = 4
    mode: int = 3
    stratum: int = 0
    poll: int = 0
    precision: int = 0
    root_delay: int = 0
    root_dispersion: int = 0
    refid: bytes = bytes(4)
    reference: int = 0
    origin: int = 0
    receive: int = 0
    transmit: int = 0

    def encode(self):
        """The 48 octets."""
        first = self.leap << 6 | self.version << 3 | self.mode
        return struct.pack(">BBbbII4sQQQQ", first, self.stratum, self.poll, self.precision, self.root_delay,
                           self.root_dispersion, self.refid, self.reference, self.origin, self.receive, self.transmit)

    @classmethod
    def decode(cls, datagram):
        """The header of a datagram of at least 48 octets."""
        first, *rest = struct.unpack(">BBbbII4sQQQQ", datagram[:HEADER_OCTETS])
        return cls(first >> 6, first >> 3 & 7, first & 7, *rest)


def client_request(version=4):
    """A request that says nothing but its random transmit stamp (data minimisation)."""
    return Header(version=version, transmit=int.from_bytes(os.urandom(8), "big"))


def exchange(sock, address, timeout_s=1.0):
    """One request to address, port 123. Gives the Answer to exactly this request, or None when it doesn't come in time."""
    request = client_request()
    sock.setblocking(False)
    deadline_s = time.monotonic() + timeout_s
    try:
        sock.sendto(request.encode(), (address, NTP_PORT))
        while (left_s := deadline_s - time.monotonic()) > 0:
            if not select.select([sock], [], [], left_s)[0]:
                return None
            datagram, source = sock.recvfrom(2048)
            if len(datagram) >= HEADER_OCTETS:
                header = Header.decode(datagram)
                if header.mode == 4 and header.origin == request.transmit:
                    return Answer(header, source[0], len(datagram))
    except (ConnectionRefusedError, OSError):
        return None
    return None


def refid_of(address):
    """What a client puts in its refid for a source: the IPv4 address, or the first octets of MD5 over the IPv6 address."""
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return parsed.packed
    return hashlib.md5(parsed.packed, usedforsecurity=False).digest()[:4]

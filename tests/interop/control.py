# SPDX-License-Identifier: BSD-2-Clause
"""Control messages (mode 6, RFC 9327; mode 7): requests with and without a MAC, and what comes back, whole or in pieces."""

import dataclasses
import hashlib
import struct
import time

READ_STATUS, READ_VARIABLES, WRITE_VARIABLES, READ_CLOCK = 1, 2, 3, 4
SET_TRAP, TELL, CONFIGURE, SAVE, READ_CLIENTS, READ_LIST, REQUEST_NONCE, UNSET_TRAP = 6, 7, 8, 9, 10, 11, 12, 31
RESPONSE, ERROR, MORE = 0x80, 0x40, 0x20
HEADER = struct.Struct(">BBHHHHH")
PORT = 123
DATAGRAM_LIMIT = 4096
PERMISSION = 1


@dataclasses.dataclass(frozen=True)
class Key:
    """A key whose MAC is a digest of key and message."""
    number: int
    kind: str
    secret: bytes

    def sign(self, message):
        """What follows the message."""
        digest = hashlib.new(self.kind.lower(), self.secret + message).digest()
        return struct.pack(">I", self.number) + digest


@dataclasses.dataclass(frozen=True)
class Reply:
    """All pieces of an answer, or its error."""
    error: int  # 0: none
    status: int
    data: bytes
    datagrams: tuple

    @property
    def text(self):
        return self.data.decode("latin-1")

    @property
    def octets(self):
        """Of all datagrams."""
        return sum(map(len, self.datagrams))


def request(opcode, data=b"", association=0, key=None, sequence=1, version=2, offset=0):
    """A request as octets; proven ones are padded so that the MAC begins at a multiple of eight."""
    if isinstance(data, str):
        data = data.encode("latin-1")
    message = HEADER.pack(version << 3 | 6, opcode, sequence, 0, association, offset, len(data)) + data
    if key is None:
        return message + b"\0" * (-len(message) % 4)
    message += b"\0" * (-len(message) % 8)
    return message + key.sign(message)


def is_whole(datagrams):
    """True if nothing is missing up to a piece that says that it is the last."""
    heads = [HEADER.unpack_from(datagram) for datagram in datagrams]
    at = 0
    for _, flags, _, _, _, offset, count in sorted(heads, key=lambda head: head[5]):
        if offset != at:
            return False
        at += count
        if not flags & MORE:
            return True
    return False


def receive(sock, timeout_s=1.0, quiet_s=0.05, stops_at_last=False):
    """Datagrams until none comes for a while; the first may take longer."""
    datagrams = []
    deadline = time.monotonic() + timeout_s
    while (left := deadline - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            datagrams.append(sock.recv(DATAGRAM_LIMIT))
        except (TimeoutError, ConnectionError, BlockingIOError):
            break
        if stops_at_last and is_whole(datagrams):
            break
        deadline = time.monotonic() + quiet_s
    return datagrams


def assemble(datagrams):
    """The pieces of one answer, in any order."""
    pieces = {}
    status = error = 0
    for datagram in datagrams:
        _, flags, _, status, _, offset, count = HEADER.unpack_from(datagram)
        assert flags & RESPONSE, datagram
        if flags & ERROR:
            error = status >> 8
        pieces[offset] = datagram[HEADER.size:HEADER.size + count]
    data = b"".join(pieces[offset] for offset in sorted(pieces))
    return Reply(error, status, data, tuple(datagrams))


def ask(sock, address, opcode, data=b"", timeout_s=1.0, port=PORT, **more):
    """The answer to one request; None without one."""
    sock.sendto(request(opcode, data, **more), (address, port))
    datagrams = receive(sock, timeout_s, quiet_s=timeout_s / 4, stops_at_last=True)
    return assemble(datagrams) if datagrams else None


def nonce(sock, address):
    """A fresh nonce, as the server writes it."""
    answer = ask(sock, address, REQUEST_NONCE)
    assert answer and answer.text.startswith("nonce="), answer
    return answer.text.strip()[len("nonce="):]


def private_request(code, data=b"", implementation=3, length=48, version=2):
    """A request of mode 7 without a MAC."""
    return (bytes((version << 3 | 7, 0, implementation, code)) + data).ljust(length, b"\0")

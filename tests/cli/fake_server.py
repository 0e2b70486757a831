# SPDX-License-Identifier: BSD-2-Clause
"""A time server that a test plays: what it answers is a function of the request."""

import contextlib
import select
import struct
import threading
import time

from cli_bench import FAMILIES, packets

UNIX_EPOCH = 2208988800
CONTROL = ">BBHHHHH"
READ_STATUS, READ_VARIABLES = 1, 2


def stamp(ahead_s=0.0):
    """Now, as a time stamp of a clock that is so far ahead."""
    return int((time.time() + UNIX_EPOCH + ahead_s) * 2**32) & 0xffffffffffffffff


def answer(request, ahead_s=0.0, **changes):
    """The datagram of a good answer; None to a request of another mode."""
    if len(request) < packets.HEADER_OCTETS or request[0] & 7 != 3:
        return None
    asked = packets.Header.decode(request)
    now = stamp(ahead_s)
    fields = {"mode": 4, "version": asked.version, "stratum": 2, "precision": -20, "refid": bytes([192, 0, 2, 1]),
              "reference": stamp(ahead_s - 10), "origin": asked.transmit, "receive": now, "transmit": now}
    return packets.Header(**(fields | changes)).encode()


def control_answer(request, texts, status=0x0615):
    """The answer to a control message: `texts` holds {association: variables}; 0 is the system, its keys the associations."""
    if len(request) < 12 or request[0] & 7 != 6:
        return None
    first, operation, sequence, _, association, _, _ = struct.unpack(CONTROL, request[:12])
    if operation & 31 == READ_STATUS:
        data = b"".join(struct.pack(">HH", number, 0x961a) for number in texts if number)
    elif operation & 31 == READ_VARIABLES and association in texts:
        data = texts[association].encode("latin-1")
    else:
        return struct.pack(CONTROL, first, 0xc0 | operation & 31, sequence, 4 << 8, association, 0, 0)
    head = struct.pack(CONTROL, first, 0x80 | operation & 31, sequence, status, association, 0, len(data))
    return head + data + bytes(-len(data) % 4)


class Asked(list):
    """The requests that came, and from where."""

    def __init__(self):
        super().__init__()
        self.remotes = []


@contextlib.contextmanager
def played(host, answers, address="127.0.0.1", port=packets.NTP_PORT):
    """Runs answers(request, number), which gives datagrams (or (delay, datagram)), behind a socket of that host."""
    ended = threading.Event()
    asked = Asked()
    with host.socket(FAMILIES["ipv6" if ":" in address else "ipv4"]) as sock:
        sock.bind((address, port))

        def serve():
            while not ended.is_set():
                if not select.select([sock], [], [], 0.05)[0]:
                    continue
                with contextlib.suppress(ConnectionError):
                    request, remote = sock.recvfrom(2048)
                    asked.append(request)
                    asked.remotes.append(remote)
                    for one in answers(request, len(asked)):
                        delay_s, datagram = one if isinstance(one, tuple) else (0, one)
                        if datagram is not None:
                            ended.wait(delay_s)
                            sock.sendto(datagram, remote)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield asked
        finally:
            ended.set()
            thread.join()

# SPDX-License-Identifier: BSD-2-Clause
"""A server of control messages that is slow, and has more sources than any real one."""

import contextlib
import struct
import threading
import time

from cli_bench import FAMILIES

READ_STATUS, READ_VARIABLES = 1, 2
UNKNOWN_VARIABLE, BAD_OPCODE = 5, 3
MOST_DATA = 468
SECONDS_TO_1970 = 2208988800
SYSTEM_PEER, CANDIDATE = 0x9614, 0x9414


def _stamp(unix_s):
    return f"0x{int(unix_s) + SECONDS_TO_1970:08x}.{int(unix_s % 1 * 2**32):08x}"


def _fragments(request, status, data):
    sequence, association = struct.unpack_from("!H2xH", request, 2)
    for offset in range(0, max(len(data), 1), MOST_DATA):
        part = data[offset:offset + MOST_DATA]
        more = 0x20 if offset + MOST_DATA < len(data) else 0
        head = struct.pack("!BBHHHHH", 0x16, 0x80 | more | request[1] & 31, sequence, status, association, offset, len(part))
        yield head + part + bytes(-len(part) % 4)


def _error(request, code):
    sequence, association = struct.unpack_from("!H2xH", request, 2)
    return [struct.pack("!BBHHHHH", 0x16, 0xc0 | request[1] & 31, sequence, code << 8, association, 0, 0)]


class ControlServer(contextlib.AbstractContextManager):
    """Answers on a host's loopback address, each question after `delay_s`."""

    def __init__(self, host, sources, delay_s=0.0):
        self.sources = sources
        self.delay_s = delay_s
        self._socket = host.socket(FAMILIES["ipv4"])
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.1)
        self.place = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._has_ended = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __exit__(self, *_):
        self._has_ended = True
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while not self._has_ended:
            try:
                request, asker = self._socket.recvfrom(2048)
            except TimeoutError:
                continue
            time.sleep(self.delay_s)
            for fragment in self._answer(request):
                self._socket.sendto(fragment, asker)

    def _answer(self, request):
        opcode = request[1] & 31
        association, count = struct.unpack_from("!H2xH", request, 6)
        names = request[12:12 + count].strip()
        now = time.time()
        if opcode == READ_STATUS:
            statuses = [SYSTEM_PEER] + [CANDIDATE] * (self.sources - 1)
            return _fragments(request, 0x0615, b"".join(struct.pack("!HH", i + 1, s) for i, s in enumerate(statuses)))
        if opcode != READ_VARIABLES:
            return _error(request, BAD_OPCODE)
        if names:
            return _error(request, UNKNOWN_VARIABLE)
        if association == 0:
            text = f'version="a slow server", leap=0, stratum=3, refid=10.9.0.1, rootdelay=1, rootdisp=2, clock={_stamp(now)}'
        else:
            text = (f"srcadr=10.9.{association // 250}.{association % 250 + 1}, stratum=2, refid=GPS, rec={_stamp(now - 3)}, "
                    f"reach=0xff, hmode=3, hpoll=6, ppoll=6, flash=0x0, offset={association}.5, delay=1.25, jitter=0.1")
        return _fragments(request, CANDIDATE, text.encode())

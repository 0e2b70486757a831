# SPDX-License-Identifier: BSD-2-Clause
"""A capture of one host's NTP traffic for debugging, as a pcap file; needs no tool on the machine."""

import select
import socket
import struct
import threading
import time

ETH_P_ALL = 0x0003
LINKTYPE_ETHERNET = 1
MAGIC_MICROSECONDS = 0xA1B2C3D4
SNAP_OCTETS = 65535


class Capture:
    """A context manager: everything that passes the host's links between enter and exit is in the file."""

    def __init__(self, host, path):
        self._sock = host.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._path = path
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        self._thread.join()
        self._sock.close()
        print(f"capture: {self._path}")

    def _write(self):
        with open(self._path, "wb") as out:
            out.write(struct.pack("=IHHiIII", MAGIC_MICROSECONDS, 2, 4, 0, 0, SNAP_OCTETS, LINKTYPE_ETHERNET))
            while not self._ending.is_set():
                if not select.select([self._sock], [], [], 0.2)[0]:
                    continue
                frame, source = self._sock.recvfrom(SNAP_OCTETS)
                if source[0] == "lo":
                    continue
                now_ns = time.time_ns()
                out.write(struct.pack("=IIII", now_ns // 10**9, now_ns % 10**9 // 1000, len(frame), len(frame)) + frame)

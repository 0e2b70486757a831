# SPDX-License-Identifier: BSD-2-Clause
"""The other implementations: Debian's packages, downloaded and unpacked into the build folder, never installed.

They conflict with one another (each wants to be the machine's time service), so each gets a folder of its own.
Shared libraries that this machine lacks are fetched the same way, one folder for all, found by LD_LIBRARY_PATH.
"""

import fcntl
import json
import os
import pathlib
import shutil
import subprocess

from namespaces import Unavailable

# Package: why it is here.
PACKAGES = {
    "chrony": "chronyd as server and client, chronyc to ask it",
    "ntpsec": "NTPsec's ntpd as server and client, ntpq to ask it",
    "ntpsec-ntpdig": "ntpdig, the one-shot client",
    "nmap": "the scanner, for its scripts ntp-info and ntp-monlist",
    "nmap-common": "those scripts",
    "python3-ntp": "the Python modules and libntpc that ntpq and ntpdig load",
    "openntpd": "OpenNTPD as client, ntpctl to ask it",
}

# Shared object that the programs above may miss: its package (Debian 12).
LIBRARIES = {
    "libblas.so.3": "libblas3",
    "libbsd.so.0": "libbsd0",
    "libcap.so.2": "libcap2",
    "libcrypto.so.3": "libssl3",
    "libedit.so.2": "libedit2",
    "libffi.so.8": "libffi8",
    "libgmp.so.10": "libgmp10",
    "libgnutls.so.30": "libgnutls30",
    "libhogweed.so.6": "libhogweed6",
    "libidn2.so.0": "libidn2-0",
    "liblinear.so.4": "liblinear4",
    "liblua5.3-lpeg.so.2": "lua-lpeg",
    "liblua5.3.so.0": "liblua5.3-0",
    "libmd.so.0": "libmd0",
    "libnettle.so.8": "libnettle8",
    "libp11-kit.so.0": "libp11-kit0",
    "libpcap.so.0.8": "libpcap0.8",
    "libseccomp.so.2": "libseccomp2",
    "libssh2.so.1": "libssh2-1",
    "libssl.so.3": "libssl3",
    "libtasn1.so.6": "libtasn1-6",
    "libtinfo.so.6": "libtinfo6",
    "libunistring.so.2": "libunistring2",
}

PROGRAMS = {
    "chronyd": "chrony/usr/sbin/chronyd",
    "chronyc": "chrony/usr/bin/chronyc",
    "ntpsec": "ntpsec/usr/sbin/ntpd",
    "ntpq": "ntpsec/usr/bin/ntpq",
    "ntpdig": "ntpsec-ntpdig/usr/bin/ntpdig",
    "openntpd": "openntpd/usr/sbin/ntpd",
    "ntpmon": "ntpsec/usr/bin/ntpmon",
    "ntptrace": "ntpsec/usr/bin/ntptrace",
    "nmap": "nmap/usr/bin/nmap",
    "ntpctl": "openntpd/usr/sbin/ntpctl",
}


class Peers:
    """Where the unpacked programs are, and the environment they need."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.stamp = self.folder / "complete.json"

    def program(self, name):
        """The path of one program of PROGRAMS."""
        path = self.folder / PROGRAMS[name]
        if not path.exists():
            raise Unavailable(f"{name} is missing ({path}); run: interop.py --fetch-peers --peers {self.folder}")
        return path

    def python(self, name):
        """The command of a program written in Python: Debian's modules belong to Debian's interpreter."""
        return ["/usr/bin/python3", self.program(name)]

    def _library_folders(self):
        patterns = ("lib/usr/lib/*-linux-gnu", "lib/lib/*-linux-gnu", "lib/usr/lib/*-linux-gnu/blas",
                    "python3-ntp/usr/lib/*-linux-gnu/ntp")
        return [path for pattern in patterns for path in self.folder.glob(pattern)]

    def environment(self):
        """The variables that let the unpacked programs find their libraries and modules."""
        libraries = self._library_folders()
        return {**os.environ, "LC_ALL": "C", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONPATH": str(self.folder / "python3-ntp/usr/lib/python3/dist-packages"),
                "NMAPDIR": str(self.folder / "nmap-common/usr/share/nmap"),
                "PATH": f"{self.folder / 'ntpsec/usr/bin'}:{os.environ['PATH']}",
                "LD_LIBRARY_PATH": ":".join(map(str, libraries))}

    def fetch(self):
        """Downloads and unpacks what is missing; quick when all is there already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._is_complete():
                return print(f"peers: complete in {self.folder}")
            for package in PACKAGES:
                self._unpack(package, package)
            while missing := self._missing_libraries():
                for package in missing:
                    self._unpack(package, "lib")
            self.stamp.write_text(json.dumps(sorted(PACKAGES)), encoding="ascii")
            print(f"peers: {', '.join(PACKAGES)} unpacked in {self.folder}")

    def _is_complete(self):
        return (self.stamp.exists() and json.loads(self.stamp.read_text("ascii")) == sorted(PACKAGES)
                and not self._missing_libraries())

    def _unpack(self, package, target):
        download = self.folder / "download" / package
        shutil.rmtree(download, ignore_errors=True)
        download.mkdir(parents=True)
        # The unprivileged user that apt would download as can't enter a private build folder.
        fetch = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package]
        done = subprocess.run(fetch, cwd=download, capture_output=True, text=True)
        if done.returncode != 0:
            subprocess.run(["apt-get", "update", "-qq"], capture_output=True)
            done = subprocess.run(fetch, cwd=download, capture_output=True, text=True)
        if done.returncode != 0:
            raise Unavailable(f"package {package} can't be downloaded: {done.stderr.strip()}")
        for archive in download.glob("*.deb"):
            subprocess.run(["dpkg", "-x", archive, self.folder / target], check=True)
        shutil.rmtree(download)

    def _missing_libraries(self):
        """Packages of the shared objects that the loader doesn't find, over all programs (ldd walks the whole tree)."""
        objects = [self.program(name) for name in PROGRAMS]
        objects += self.folder.glob("python3-ntp/usr/lib/*/ntp/libntpc.so.*")
        packages = set()
        for path in objects:
            listing = subprocess.run(["ldd", path], capture_output=True, text=True, env=self.environment()).stdout
            for line in listing.splitlines():
                if "not found" not in line:
                    continue
                soname = line.split()[0]
                if soname not in LIBRARIES:
                    raise Unavailable(f"{path.name} needs {soname}, and peers.py doesn't know its package")
                packages.add(LIBRARIES[soname])
        return sorted(packages)

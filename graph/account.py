"""Finds out which account of this machine has opened a connection, where the operating system tells."""

import asyncio
import os
import socket
import struct
import sys
from pathlib import Path

from starlette.types import Scope

Address = tuple[str, int]
TABLES = Path("/proc/net")

_SOCK_DIAG, _BY_FAMILY, _REQUEST, _ERROR, _LISTENS = 4, 20, 1, 2, 10
# what a user namespace shows instead of every account that it does not know (the kernel's default)
_NOBODY = 65534


async def is_ours(scope: Scope) -> bool | None:
    """Whether the client of this connection is a program of the same account as the server; None where nobody can tell.

    The server must not believe the headers of proxies: they would put another address into the scope.
    """
    client, server = scope.get("client"), scope.get("server")
    if sys.platform != "linux" or not client or not server or not server[1] or os.geteuid() == _NOBODY:
        return None
    there, here = (client[0], client[1]), (server[0], server[1])
    try:
        owner = _asked(there, here)
        if owner is None:
            # not there, or the kernel was built without an answer; the table is slow to read where it is large
            owner = await asyncio.to_thread(_listed, there, here)
    except OSError:
        return None
    return owner == os.geteuid()


def _asked(local: Address, remote: Address) -> int | None:
    """The owner of the socket between these addresses, by the kernel's own look-up (sock_diag(7))."""
    family = _family(local)
    sockid = struct.pack("!HH16s16s", local[1], remote[1], _packed(local), _packed(remote)) + bytes(4) + b"\xff" * 8
    request = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF) + sockid
    header = struct.pack("=IHHII", 16 + len(request), _BY_FAMILY, _REQUEST, 0, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _SOCK_DIAG) as kernel:
            kernel.sendto(header + request, (0, 0))
            answer = kernel.recv(4096)  # it is there at once
    except OSError:
        return None
    (kind,) = struct.unpack_from("=H", answer, 4)
    if kind == _ERROR or answer[17] == _LISTENS or answer[20:24] != sockid[:4]:
        return None
    uid, inode = struct.unpack_from("=II", answer, 80)
    return _owner(uid, inode)


def _listed(local: Address, remote: Address) -> int | None:
    """The owner of the socket between these addresses, from the list of all sockets. Raises OSError without one."""
    pair = [_hexadecimal(local), _hexadecimal(remote)]
    table = "tcp6" if _family(local) == socket.AF_INET6 else "tcp"
    with (TABLES / table).open(encoding="ascii") as lines:
        for line in lines:
            columns = line.split()
            if columns[1:3] == pair:
                return _owner(int(columns[7]), int(columns[9]))
    return None


def _owner(uid: int, inode: int) -> int | None:
    # a socket that its program has closed has no inode, and seems to be root's, whoever's it was
    return uid if inode else None


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def _packed(address: Address) -> bytes:
    return socket.inet_pton(_family(address), address[0])


def _hexadecimal(address: Address) -> str:
    packed = _packed(address)
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    return f"{''.join(f'{word:08X}' for word in words)}:{address[1]:04X}"

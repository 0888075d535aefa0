"""Asks an authoritative name server for addresses, over UDP, with nothing in between that could cache."""

import itertools
import random
import socket
import struct

_TIMEOUT_S = 0.4
_turn = itertools.count()


class DnsError(OSError):
    """No server answered for the name."""


def _question(name, number):
    header = struct.pack(">HHHHHH", number, 0, 1, 0, 0, 0)
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return header + labels + b"\0" + struct.pack(">HH", 1, 1)


def _skip_name(answer, place):
    while True:
        length = answer[place]
        if length & 0xC0:
            return place + 2
        place += 1
        if length == 0:
            return place
        place += length


def _addresses(answer, number):
    answer_number, flags, questions, count = struct.unpack_from(">HHHH", answer)
    if answer_number != number or flags & 0x000F or not flags & 0x8000:
        return []
    place = 12
    for _ in range(questions):
        place = _skip_name(answer, place) + 4
    found = []
    for _ in range(count):
        place = _skip_name(answer, place)
        kind, _, _, length = struct.unpack_from(">HHIH", answer, place)
        place += 10
        if kind == 1 and length == 4:
            found.append(socket.inet_ntoa(answer[place : place + 4]))
        place += length
    return found


def resolve(name, servers):
    """Every address of the name, from the first server that answers; a different one goes first each time."""
    first = next(_turn)
    for offset in range(len(servers)):
        server = servers[(first + offset) % len(servers)]
        number = random.randrange(65536)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(_TIMEOUT_S)
            try:
                sock.sendto(_question(name, number), (server, 53))
                found = _addresses(sock.recv(2048), number)
            except (OSError, struct.error, IndexError):
                continue
            if found:
                return found
    raise DnsError(f"no name server answered for {name}")

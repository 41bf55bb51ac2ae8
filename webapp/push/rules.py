"""Which push services a browser may name: whoever can name any address can make this server call it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

_PLAIN_HOST = re.compile(r"[a-z0-9.-]+")


def is_trusted(endpoint: str, hosts: Sequence[str]) -> bool:
    """True for an https address on one of the hosts or below it, without a port, a user or a password of its own.

    A host written with its scheme (`http://127.0.0.1:1234`) allows just that origin: for tests.
    """
    try:
        address = urlsplit(endpoint)
        host, port = (address.hostname or "").lower(), address.port
    except ValueError:
        return False
    if urlunsplit(address) != endpoint or not _PLAIN_HOST.fullmatch(host):  # other readers may see another host in it
        return False
    if f"{address.scheme}://{address.netloc}" in hosts:
        return True
    plain = address.scheme == "https" and port in (None, 443) and "@" not in address.netloc
    return plain and any(host == known or host.endswith("." + known) for known in hosts if "/" not in known)

"""What views need from the running application: its settings, its seams, the time, and who is asking."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Address, ip_address, ip_network

from flask import current_app, request

from webapp.core.clock import Clock
from webapp.core.settings import Settings
from webapp.ports.seams import Seams


def settings() -> Settings:
    """The settings of this application."""
    found: Settings = current_app.extensions["settings"]
    return found


def seams() -> Seams:
    """The outside parties of this application."""
    found: Seams = current_app.extensions["seams"]
    return found


def now() -> datetime:
    """The present, by the application's clock (which a test may set)."""
    clock: Clock = current_app.extensions["clock"]
    return clock()


def client() -> str:
    """The asker's network address, for limits; of IPv6 the /64 network, all of which one household or one attacker has."""
    address = request.remote_addr or "unknown"
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def browser() -> str:
    """What the asker's browser says it is, cut to what a column holds."""
    return (request.user_agent.string or "unknown")[:160]


def once_token() -> str:
    """The one-time token that came with this form; empty when it came without."""
    return request.form.get("once", "")

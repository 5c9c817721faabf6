"""Where a request comes from."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import request

PREFIX = {4: 24, 6: 56}  # with IPv6 what one home has: 256 networks of /64 (RIPE-690)


def network() -> str | None:
    """The IP range of the visitor: /24, or /56 with IPv6; None if it is not known."""
    try:
        address = ip_address(_address())
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ip_network((address, PREFIX[address.version]), strict=False))


def _address() -> str:
    """The visitor's address. What a request says of it is believed only if our own distribution
    has sent the request: it puts the visitor's last, before its own."""
    peer = _peer()
    if not request.environ.get("lanyard.front"):
        return peer
    said = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",")]
    return next((one for one in reversed(said) if one != peer), peer)


def _peer() -> str:
    """Who has called: as API Gateway saw it, on a laptop as the server did. Zappa's REMOTE_ADDR
    is what the visitor says."""
    event: dict[str, Any] | None = request.environ.get("lambda.event")
    if event is None:
        return request.remote_addr or ""
    context = event.get("requestContext", {})
    caller = context.get("http") or context.get("identity") or {}
    return str(caller.get("sourceIp", ""))

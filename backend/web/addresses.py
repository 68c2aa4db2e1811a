"""Where a request comes from, believing only proxies that the operator named (S-58)."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

from backend.core.config import get_settings

_Address = IPv4Address | IPv6Address
IPV6_HOUSEHOLD = 64
"""One connection usually holds a whole /64, so that is what counts as one caller."""
IPV4_NETWORK, IPV6_NETWORK = 24, 48
"""What one party can usually come from; for what costs money."""


def client_address(request: HTTPConnection) -> str:
    """Return the address of the caller: the last hop that is not one of our own proxies."""
    direct = request.client.host if request.client else ""
    proxies = _networks(tuple(get_settings().trusted_proxies))
    hops = [*request.headers.get("x-forwarded-for", "").split(","), direct]
    found = direct
    for hop in reversed(hops):
        address = _parse(hop)
        if address is None:
            break
        found = _household(address)
        if not any(address in network for network in proxies):
            break
    return found


def client_network(request: HTTPConnection) -> str:
    """Return the neighbourhood of the caller's address: /24, or /48 in IPv6 (S-06)."""
    caller = client_address(request)
    address = _parse(caller.partition("/")[0])
    if address is None:
        return caller
    size = IPV4_NETWORK if isinstance(address, IPv4Address) else IPV6_NETWORK
    return str(ip_network((address, size), strict=False))


def is_this_machine(network: str) -> bool:
    """Whether `network` is the machine's own, as for whoever tries the demo city."""
    try:
        return ip_network(network).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=8)
def _networks(names: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(name, strict=False) for name in names)


def _parse(text: str) -> _Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _household(address: _Address) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_HOUSEHOLD), strict=False))
    return str(address)

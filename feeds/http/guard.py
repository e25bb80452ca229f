"""The address policy. Every spelling of an IP address is parsed to its number, and the number is checked.

Hosts are parsed as browsers do (WHATWG URL: percent-encoding, compatibility forms, IPv4 in octal, hexadecimal or fewer
parts), so that what is checked is what is connected to. Which addresses are public comes from the IANA special-purpose
registries (RFC 6890), not from `ipaddress.is_global`, which calls fec0::1 and 192.0.0.8 public in Python 3.11. Names
are checked by what they resolve to, at the moment of connecting.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from feeds.errors import AddressRefused, BadUrl, DnsFailed
from feeds.urls.parsing import parse_url

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str], Sequence[str]]
"""Returns the IP addresses of a host name; raises OSError or returns none when there are none. May block."""

_REFUSED_4 = tuple(
    ipaddress.IPv4Network(n)
    for n in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, metadata of a cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # a public number that is a cloud's internal service
        "169.254.0.0/16",  # link-local, metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments, metadata of another cloud
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_6 = tuple(
    ipaddress.IPv6Network(n)
    for n in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "3fff::/20",  # documentation
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_TRUSTED_4 = tuple(
    ipaddress.IPv4Network(n) for n in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
_TRUSTED_6 = (ipaddress.IPv6Network("fc00::/7"), ipaddress.IPv6Network("::1/128"))
# Metadata services inside private ranges: nobody publishes a feed there.
_NEVER = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254", "fd20:ce::254")))

_PRIVATE_SUFFIXES = (".localhost", ".localdomain", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
_PRIVATE_NAMES = frozenset({"localhost", "localhost6", "ip6-localhost", "ip6-loopback", "metadata", "instance-data"})

# Ports on which a request line could be read as another protocol's command (Fetch standard, "bad port").
# fmt: off
_BAD_PORTS = frozenset(
    {
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
        109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
        526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
        3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211,
    }
)
# fmt: on

_UNSAFE_TARGET = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~|]")


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed URL: `host` in ASCII lower case, `address` if the host is one, `target` path and query.

    `credentials` is the decoded user name and password of the URL, never part of anything printed.
    """

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None = None
    credentials: tuple[str, str] | None = None

    @property
    def authority(self) -> str:
        """The Host header: the host, and the port unless it is the scheme's default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port. Credentials are sent to one origin only."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        """The URL without credentials."""
        return f"{self.scheme}://{self.authority}{self.target}"


def is_public(address: Address | str) -> bool:
    """Whether an address is on the public internet. Addresses inside mapped, 6to4 and NAT64 forms are checked too."""
    number = _number(address)
    return number is not None and _is_public(number)


def _number(address: Address | str) -> Address | None:
    """Return the address; None for text that is none."""
    try:
        return ipaddress.ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return None


def _is_public(number: Address) -> bool:
    if isinstance(number, ipaddress.IPv4Address):
        return not any(number in network for network in _REFUSED_4)
    if number.scope_id is not None:
        return False  # an address with a zone is link-local
    inner = _embedded(number)
    if inner is not None:
        return _is_public(inner)
    return number in _GLOBAL_6 and not any(number in network for network in _REFUSED_6)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a translated address leads to."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def is_permitted(address: Address | str, *, allow_private: bool = False) -> bool:
    """Whether to connect to an address. Link-local, multicast and metadata addresses are never permitted."""
    number = _number(address)
    if number is None or _is_public(number):
        return number is not None
    if not allow_private:
        return False
    if isinstance(number, ipaddress.IPv6Address):
        number = _embedded(number) or number
    if number in _NEVER:
        return False
    if isinstance(number, ipaddress.IPv4Address):
        return any(number in network for network in _TRUSTED_4)
    return any(number in network for network in _TRUSTED_6)


def parse_target(url: str) -> Target:
    """Parse an http(s) URL. Raises BadUrl, and AddressRefused for ports of other protocols."""
    parts = parse_url(url)
    if parts is None:
        raise BadUrl("not a valid URL", url=printable_url(url))
    scheme = parts.protocol.removesuffix(":")
    if scheme not in ("http", "https"):
        raise BadUrl("not an http or https URL", url=printable_url(url))
    host, address = _host(parts.hostname)
    port = int(parts.port) if parts.port else (443 if scheme == "https" else 80)
    if port in _BAD_PORTS or port == 0:
        raise AddressRefused(f"port {port} belongs to another protocol")
    credentials = (unquote(parts.username), unquote(parts.password)) if parts.username or parts.password else None
    return Target(scheme, host, port, _escaped(parts.pathname + parts.search), address, credentials)


def _host(hostname: str) -> tuple[str, Address | None]:
    """Return a host without its final dot, and its address if it is one. Raises BadUrl."""
    if hostname.startswith("["):
        address = ipaddress.IPv6Address(hostname[1:-1])
        return str(address), address
    host = hostname.removesuffix(".")
    if not host or len(host) > 253 or any(not label or len(label) > 63 for label in host.split(".")):
        raise BadUrl("the host name is empty or too long")
    try:
        number = ipaddress.IPv4Address(host)
    except ValueError:
        return host, None
    return host, number


def _escaped(target: str) -> str:
    """Percent-encode what HTTP does not allow in a request target, such as quotes and braces."""
    return _UNSAFE_TARGET.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "replace")), target)


def printable_url(url: str) -> str:
    """Return a URL for a message: short, printable, without its password."""
    text = re.sub(r"//[^/@]*@", "//", url[:200])
    return "".join(c if c.isprintable() else "?" for c in text)


def literal_address(host: str, *, allow_private: bool = False) -> list[str] | None:
    """Return the address if the host is one, else None. Raises AddressRefused when it is not permitted."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    _check(host, [address], allow_private=allow_private)
    return [str(address)]


def permitted(host: str, addresses: Iterable[str], *, allow_private: bool = False) -> list[str]:
    """Return the addresses of a name in their order, without repeats.

    One refused address refuses the host: its DNS zone is broken, or it is a rebinding attack.
    Raises DnsFailed when there is none, AddressRefused when the name or an address is not permitted.
    """
    if not allow_private:
        refuse_name(host)
    return _checked(host, addresses, allow_private=allow_private)


def _checked(host: str, addresses: Iterable[str], *, allow_private: bool) -> list[str]:
    found = list(dict.fromkeys(addresses))
    if not found:
        raise DnsFailed(f"{host} has no address")
    _check(host, found, allow_private=allow_private)
    return found


def _check(host: str, addresses: Iterable[Address | str], *, allow_private: bool) -> None:
    for address in addresses:
        if not is_permitted(address, allow_private=allow_private):
            raise AddressRefused(f"{host} is not on the public internet")


def refuse_name(host: str) -> None:
    """Raise AddressRefused for names of this machine and of private networks (RFC 6761, 8375)."""
    if host in _PRIVATE_NAMES or host.endswith(_PRIVATE_SUFFIXES):
        raise AddressRefused(f"{host} is a name of a private network")


def system_resolver(host: str) -> list[str]:
    """Return the addresses that the operating system finds for a name. Blocks; raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


def allowed(url: str, resolver: Resolver = system_resolver) -> bool:
    """Whether a fetch of `url` would connect: it is http(s), and its host resolves to public addresses only."""
    try:
        host = parse_target(url).host
        if literal_address(host) is None:
            permitted(host, resolver(host))
    except (BadUrl, AddressRefused, DnsFailed, OSError, UnicodeError):
        return False
    return True

"""Resolving addresses the way browsers do (WHATWG URL Standard), so that a feed's odd links lead where its readers go."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

import idna

SPECIAL = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_EDGES = "".join(map(chr, range(0x21)))  # C0 controls and space
_DROPPED = str.maketrans("", "", "\t\n\r")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
PLAIN_HOST = rf"(?:(?:[a-z0-9-]+\.)+[a-z]{{2,}}|{_OCTET}(?:\.{_OCTET}){{3}})(?::[1-9]\d{{3}})?"
# The common case needs no work at all: lower-case host, no escapes to add, no dot segments, no usual port.
PLAIN = re.compile(
    rf"https?://{PLAIN_HOST}(?:/(?!\.|%2[eE])[A-Za-z0-9_~!$&()*+,;=:@%.-]*)+(?:\?[A-Za-z0-9_~!$&()*+,;=:@%./?-]*)?\Z"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORBIDDEN_HOST = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")
_SAFE_PATH = "!$%&'()*+,-./:;=@[\\]_|~"
_SAFE_QUERY = "!$%&()*+,-./:;=?@[\\]^_`{|}~"
_SAFE_FRAGMENT = "!#$%&'()*+,-./:;=?@[\\]^_{|}~"
_SAFE_USER = "!$%&'()*+,-._~"
_SINGLE_DOT = frozenset({".", "%2e"})
_DOUBLE_DOT = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})
MAX_URL = 8000  # characters; longer addresses are no links anyone follows


def resolve(base: str, ref: str) -> str | None:
    """Make `ref` absolute against `base`, any scheme; None if a browser would refuse it.

    Follows https://url.spec.whatwg.org for http(s) bases. Never raises.
    """
    ref = ref.strip(_EDGES)
    if PLAIN.match(ref):
        return ref
    if len(ref) > MAX_URL:
        return None
    ref, base = _scalar(ref.translate(_DROPPED)), _scalar(base)
    found = _SCHEME.match(ref)
    if found is None:
        return _relative(base, ref)
    scheme, rest = found[1].lower(), ref[found.end() :]
    if scheme == "file":
        return _file(rest)
    if scheme not in SPECIAL:
        return _opaque(scheme, rest)
    if base[: base.find(":")].lower() == scheme and not re.match(r"[/\\]{2}", rest):
        return _relative(base, rest)
    return _absolute(scheme, rest.lstrip("/\\"))


def _scalar(text: str) -> str:
    """Without lone surrogates, which no address can carry."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _relative(base: str, ref: str) -> str | None:
    """A reference without a scheme of its own."""
    found = _SCHEME.match(base)
    if found is None or found[1].lower() not in SPECIAL:
        return None
    scheme = found[1].lower()
    if re.match(r"[/\\]{2}", ref):
        return _absolute(scheme, ref.lstrip("/\\"))
    whole = _absolute(scheme, base[found.end() :].strip(_EDGES).lstrip("/\\"))
    if whole is None:
        return None
    origin, path, query = _pieces(whole)
    if not ref:
        return origin + path + query
    if ref[0] == "#":
        return origin + path + query + "#" + quote(ref[1:], safe=_SAFE_FRAGMENT)
    if ref[0] == "?":
        return origin + path + _tail(ref)
    if ref[0] in "/\\":
        return origin + _path_and_tail(ref)
    return origin + _path_and_tail(path[: path.rfind("/") + 1] + ref)


def _pieces(whole: str) -> tuple[str, str, str]:
    """Origin, path and query of an address that is already normal; the fragment is dropped."""
    whole = whole.partition("#")[0]
    start = whole.index("/", whole.index("//") + 2)
    path, mark, query = whole[start:].partition("?")
    return whole[:start], path, mark + query


def _absolute(scheme: str, rest: str) -> str | None:
    """`rest` starts at the authority."""
    end = next((i for i, char in enumerate(rest) if char in "/\\?#"), len(rest))
    authority, tail = rest[:end], rest[end:]
    user, at, host_port = authority.rpartition("@")
    host, port = _split_port(host_port)
    if host is None or port is None:
        return None
    clean = _host(host)
    if not clean:
        return None
    number = f":{int(port)}" if port and int(port) != SPECIAL[scheme] else ""
    return f"{scheme}://{_userinfo(user) if at else ''}{clean}{number}{_path_and_tail(tail)}"


def _userinfo(user: str) -> str:
    """Name and password, escaped as the standard has it; nothing when both are empty."""
    name, colon, password = user.partition(":")
    name, password = quote(name, safe=_SAFE_USER), quote(password, safe=_SAFE_USER)
    if not name and not password:
        return ""
    return f"{name}{colon if password else ''}{password}@"


def _split_port(text: str) -> tuple[str | None, str | None]:
    """Host and port; a port of None is a mistake, an empty one is none given."""
    if text.startswith("["):
        end = text.find("]")
        if end < 0 or text[end + 1 : end + 2] not in ("", ":"):
            return None, None
        host, port = text[: end + 1], text[end + 2 :]
    else:
        host, _, port = text.partition(":")
    if port and not (port.isascii() and port.isdigit() and len(port.lstrip("0")) <= 5 and int(port) <= 65535):
        return host, None
    return host, port


def _host(host: str) -> str | None:
    """The host in its one normal form: punycode, lower case, numbers as dotted IPv4."""
    if host.startswith("["):
        return _ipv6(host[1:-1])
    try:
        host = unquote_to_bytes(host).decode("utf-8")
    except UnicodeDecodeError:
        return None
    name = host.lower() if host.isascii() else _to_ascii(host)
    if not name or _FORBIDDEN_HOST.search(name) or len(name) > 255:
        return None
    last = name.rstrip(".").rpartition(".")[2] if name.endswith(".") else name.rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        return _ipv4(name)
    return name


def _to_ascii(host: str) -> str | None:
    """UTS 46 mapping, then punycode; without the registry's rules, as browsers do."""
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        labels = (
            label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in mapped.split(".")
        )
        return ".".join(labels)
    except (idna.IDNAError, UnicodeError):
        return None


def _ipv4(name: str) -> str | None:
    """Browsers read 0x7f.1 as an address; so must the guard against private ones."""
    parts = name.split(".")
    if parts[-1] == "":
        parts.pop()
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) > 4 or any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    value = numbers[-1] + sum(number << 8 * (3 - place) for place, number in enumerate(numbers[:-1]))
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def _number(part: str) -> int:
    """One part of an IPv4 address: decimal, 0octal or 0xhexadecimal."""
    if not part or not part.isascii() or len(part) > 64:
        raise ValueError(part)
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    if "_" in part or part[0] in "+-":
        raise ValueError(part)
    return int(part, 8) if len(part) > 1 and part[0] == "0" else int(part)


def _ipv6(text: str) -> str | None:
    """The compressed form in brackets; an embedded IPv4 tail is written in hexadecimal."""
    from ipaddress import AddressValueError, IPv6Address  # 10 ms, and hardly ever needed

    if "%" in text:
        return None
    try:
        packed = int(IPv6Address(text))
    except AddressValueError:
        return None
    groups = [f"{packed >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    runs = re.finditer(r"(?:(?<=,)|^)0(?:,0)+(?=,|$)", ",".join(groups))
    longest = max(runs, key=lambda run: len(run[0]), default=None)
    joined = ",".join(groups)
    if longest:
        joined = joined[: longest.start()].rstrip(",") + "::" + joined[longest.end() :].lstrip(",")
    return "[" + joined.replace(",", ":") + "]"


def _path_and_tail(text: str) -> str:
    """Path, query and fragment, escaped, without dot segments."""
    end = next((i for i, char in enumerate(text) if char in "?#"), len(text))
    return _path(text[:end]) + _tail(text[end:])


def _path(path: str) -> str:
    segments = path.replace("\\", "/").split("/")[1:]  # nothing stands before the first slash
    out: list[str] = []
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        lowered = segment.lower()
        if lowered in _DOUBLE_DOT:
            del out[-1:]
        elif lowered not in _SINGLE_DOT:
            out.append(quote(segment, safe=_SAFE_PATH))
            continue
        if last:
            out.append("")
    return "/" + "/".join(out)


def _tail(text: str) -> str:
    """Query and fragment, each with its mark."""
    query, hash_mark, fragment = text.partition("#")
    return quote(query, safe=_SAFE_QUERY) + hash_mark + quote(fragment, safe=_SAFE_FRAGMENT)


def _file(rest: str) -> str:
    """Only so that it is recognised as what it is; nothing here opens files."""
    return "file://" + _path("/" + rest.lstrip("/\\"))


def _opaque(scheme: str, rest: str) -> str:
    """mailto:, tel: and the like: kept as they are, controls escaped."""
    if rest.startswith("/") and not rest.startswith("//"):
        return f"{scheme}:{_path_and_tail(rest)}"
    return f"{scheme}:{quote(rest, safe=''.join(map(chr, range(0x20, 0x7F))))}"

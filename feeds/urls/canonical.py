"""The canonical URL of an article, which is stored and shown, and its key for comparison."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

from feeds.urls.parsing import PLAIN_HOST, resolve_url
from feeds.urls.tracking import is_tracking, keep_fragment

_SPLIT = re.compile(r"(https?)://(?:([^/?#@]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?\Z", re.DOTALL)
_WEB = re.compile(r"\s*https?:", re.IGNORECASE)
# Not after a bare `%` or an incomplete escape, which the decoded character could complete: `%%30e` stays.
_ESCAPE = re.compile(r"(?<!%)(?<!%[0-9A-Fa-f])%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Redirectors with the target in a parameter: host pattern, path pattern, parameter names.
_WRAPPERS: tuple[tuple[re.Pattern[str], re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"(?:www|news)\.google\.[a-z.]+"), re.compile(r"/(?:url|news/url)\Z"), ("url", "q")),
    (re.compile(r"(?:l|lm|www|m)\.facebook\.com|l\.instagram\.com"), re.compile(r"/l\.php\Z|/?\Z"), ("u",)),
    (re.compile(r"(?:www\.)?youtube\.com"), re.compile(r"/redirect\Z"), ("q",)),
    (re.compile(r"(?:www\.)?bing\.com"), re.compile(r"/news/apiclick\.aspx\Z"), ("url",)),
    (re.compile(r"out\.reddit\.com|(?:www\.)?vk\.com|away\.vk\.com"), re.compile(r"/?\Z|/away\.php\Z|/t3_\w+\Z"),
    ("url", "to")),
    (re.compile(r"(?:www\.)?linkedin\.com"), re.compile(r"/redir(?:ect)?(?:/redirect)?\Z"), ("url",)),
    (re.compile(r"steamcommunity\.com"), re.compile(r"/linkfilter/?\Z"), ("url", "u")),
    (re.compile(r"(?:www\.)?duckduckgo\.com|html\.duckduckgo\.com"), re.compile(r"/l/?\Z"), ("uddg",)),
    (re.compile(r"go\.redirectingat\.com|go\.skimresources\.com"), re.compile(r"/?\Z"), ("url",)),
    (re.compile(r"(?:[a-z]+\.)?feedsportal\.com|rss\.feedsportal\.com|da\.feedsportal\.com"), re.compile(r"/r\Z|/c/.*"),
    ("u", "url")),
    (re.compile(r"[a-z0-9]+\.safelinks\.protection\.outlook\.com"), re.compile(r"/?\Z"), ("url",)),
)  # fmt: skip
_YAHOO = re.compile(
    r"https?://(?:r\.search\.yahoo\.com/|[a-z.]*yahoo\.com/.*/\*?)(?:.*?/RU=|\*)(https?(?:%3a|:).*)",
    re.IGNORECASE | re.DOTALL,
)
_AMP_CACHE = re.compile(
    r"https?://(?:[a-z0-9-]+\.cdn\.ampproject\.org|www\.google\.[a-z.]+/amp)/(?:[cvi]/)?s/(.+)",
    re.IGNORECASE | re.DOTALL,
)
_MAX_UNWRAPS = 4
# A URL that is canonical already.
_DONE = re.compile(rf"https?://{PLAIN_HOST}/(?!\.)(?:[A-Za-z0-9_~!$&()*+,;=:@.-]|/(?!\.))*\Z")
_MAY_WRAP = ("http", "/s/", "/i/", "/r/", "ru=")  # every URL that contains another has one of these


def join_url(base: str, ref: str) -> str | None:
    """Make `ref` absolute as browsers do; None if the result is not an http(s) URL."""
    found = resolve_url(base, ref)
    return found if found is not None and found.startswith(("http://", "https://")) else None


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """Return the URL without the parts that do not select the article; it still leads to the article.

    Redirect wrappers are unwrapped; tracking parameters, tracking fragments and user names are removed; case, escapes,
    default port and dot segments are normalized; parameters are sorted. An http(s) URL that a browser would refuse
    gives ""; any other text is stripped. Idempotent.
    """
    if _DONE.match(url) and "/s/" not in url:
        return url
    whole = resolve_url("", url)
    for _ in range(_MAX_UNWRAPS):
        inner = _unwrap(whole) if whole and any(map(whole[8:].lower().__contains__, _MAY_WRAP)) else None
        if inner is None:
            break
        url, whole = inner, resolve_url("", inner)
    if whole is None:
        return "" if _WEB.match(url) else url.strip()
    parts = _SPLIT.match(whole)
    return _normal(whole, parts) if parts else url.strip()


@lru_cache(maxsize=4096)
def key(url: str) -> str:
    """Return what all URLs of one article share: `canonical` without scheme, www., double and trailing slashes.

    It is for comparison only and need not be a URL. "" for text that is not an http(s) URL.
    """
    url = canonical_url(url)
    if _DONE.match(url) and "//" not in url[8:]:
        return url.partition("//")[2].removeprefix("www.").rstrip("/")
    parts = _SPLIT.match(url)
    if parts is None:
        return ""
    host = parts[3].removeprefix("www.").removesuffix(".")
    path = re.sub(r"/{2,}", "/", parts[4]).rstrip("/")
    query = "&".join(sorted(f"{quote(name)}={quote(value)}" for name, value in _pairs(parts[5] or "")))
    return host + path + ("?" + query if query else "") + ("#" + parts[6] if parts[6] else "")


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _unwrap(url: str) -> str | None:
    """Return the target inside the URL of a redirector, None for other URLs."""
    cached = _AMP_CACHE.match(url)
    if cached:
        return "https://" + cached[1]
    parts = _SPLIT.match(url)
    if parts is None:
        return None
    for host, path, names in _WRAPPERS:
        if parts[5] and host.fullmatch(parts[3]) and path.match(parts[4]):
            given = dict(_pairs(parts[5]))
            for name in names:
                target = given.get(name, "")
                if target.startswith(("http://", "https://")):
                    return target
    yahoo = _YAHOO.match(url) if "yahoo.com/" in url else None
    return unquote(yahoo[1]).partition("/RK=")[0] if yahoo else None


def _normal(url: str, parts: re.Match[str]) -> str:
    if "%" not in url and "#" not in url and "@" not in url:  # the common case
        start, _, query = url.partition("?")
        kept = _query(query) if query else ""
        return f"{start}?{kept}" if kept else start
    scheme, _user, host, path, query, fragment = parts.groups()
    text = f"{scheme}://{host}{_escapes(path)}"
    if query:
        kept = _query(query)
        text += "?" + kept if kept else ""
    fragment = keep_fragment(fragment) if fragment else ""
    return text + ("#" + fragment if fragment else "")


def _query(query: str) -> str:
    """Keep the parameters that select the article, sorted by name. Equal names and bare queries keep their order."""
    kept = []
    for part in query.split("&"):
        name, mark, value = part.partition("=")
        if "%" not in part:
            if part and not is_tracking(name, value):
                kept.append((name, mark, value))
        elif not is_tracking(unquote(name), unquote(value)):
            kept.append((_escapes(name), mark, _escapes(value)))
    if len(kept) > 1 and all(mark for _, mark, _ in kept):
        kept.sort(key=lambda part: part[0])
    return "&".join("".join(part) for part in kept)


def _escapes(text: str) -> str:
    """Write escapes in upper case, and decode those of letters, digits and -._~ (RFC 3986, 6.2.2)."""
    if "%" not in text:
        return text
    return _ESCAPE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()

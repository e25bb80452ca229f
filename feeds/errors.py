"""Every way an intake can fail, drawn once.

    FeedError
    ├── FetchError                     the address gave no usable answer
    │   ├── AddressRefused             ssrf        the address is private, loopback or otherwise not public
    │   ├── BadAddress                 bad-url     not an http(s) URL
    │   ├── DnsFailed                  dns         the host name has no address
    │   ├── ConnectFailed              connect     nobody listens, or the connection broke
    │   ├── TlsFailed                  tls         certificate or handshake
    │   ├── TimedOut                   timeout     the deadline for the whole fetch passed
    │   ├── TooLarge                   too-large   more bytes than allowed, before or after decoding
    │   ├── BadEncoding                encoding    the content coding is unknown or broken
    │   ├── TooManyRedirects           redirects   longer than allowed, or a loop
    │   ├── ProtocolFailed             protocol    not HTTP as the standard has it
    │   ├── HttpStatus                 http-NNN    an error status
    │   │   ├── Gone                   gone        410: the publisher withdrew the feed
    │   │   └── RateLimited            rate-limit  429, or 503 with Retry-After
    │   └── RobotsRefused              robots      the site asks robots not to read this page
    ├── ParseError                     the answer is no feed we can read
    │   ├── NotAFeed                   not-a-feed  a web page, an image, nothing at all
    │   ├── NotAList                   not-opml    no OPML file
    │   ├── ParseTimedOut              parse-time  parsing took more processor time than allowed
    │   └── ParseCrashed               parse-crash the parser died or ran out of memory
    ├── ExtractFailed                  extract     the program that finds a page's article failed
    └── Unexpected                     unexpected  an error that the program does not know

The class docstring is the default message, `code` is stable, `hint` says what a person can do.
"""

from __future__ import annotations


class FeedError(Exception):
    """the feed could not be read"""

    code = "feed"
    hint = "look at the address in a browser"

    def __init__(self, message: str | None = None, *, url: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.url = url
        super().__init__(self.message)


class FetchError(FeedError):
    """the address gave no usable answer"""

    code = "fetch"


class AddressRefused(FetchError, PermissionError):
    """the address is not on the public internet"""

    code = "ssrf"
    hint = "if the feed is on your own network and you trust it, set allow_private = true for it"


class BadAddress(FetchError, ValueError):
    """this is not an http or https address"""

    code = "bad-url"
    hint = "write the full address, such as https://example.org/feed.xml"


class DnsFailed(FetchError, OSError):
    """the host name has no address"""

    code = "dns"
    hint = "check the spelling of the host; if it is right, the site may have closed"


class ConnectFailed(FetchError, ConnectionError):
    """the server did not answer"""

    code = "connect"
    hint = "usually passes by itself; if it stays, the site may have closed"


class TlsFailed(FetchError, ConnectionError):
    """the secure connection failed"""

    code = "tls"
    hint = "the site's certificate is broken or out of date; tell the publisher"


class TimedOut(FetchError, TimeoutError):
    """the whole fetch took longer than allowed"""

    code = "timeout"
    hint = "usually passes by itself; raise [fetch] timeout if the site is always slow"


class TooLarge(FetchError, ValueError):
    """the answer is larger than allowed"""

    code = "too-large"
    hint = "raise [fetch] max_bytes if the feed really is that large"


class BadEncoding(FetchError, ValueError):
    """the answer is compressed in a way that cannot be undone"""

    code = "encoding"
    hint = "the server is broken; tell the publisher"


class TooManyRedirects(FetchError, ValueError):
    """the address redirects in a circle or too often"""

    code = "redirects"
    hint = "open the address in a browser and subscribe to where it leads"


class ProtocolFailed(FetchError, ConnectionError):
    """the server does not speak HTTP correctly"""

    code = "protocol"
    hint = "the server is broken; tell the publisher"


class RobotsRefused(FetchError, PermissionError):
    """the site asks robots not to read this page"""

    code = "robots"
    hint = "set full_text = false for this feed; its own text is used"


class HttpStatus(FetchError, OSError):
    """the server answered with an error"""

    code = "http"
    hint = "look at the address in a browser; the feed may have moved"

    def __init__(
        self, status: int, message: str | None = None, *, url: str | None = None, retry_after: float | None = None
    ) -> None:
        self.status = status
        self.retry_after = retry_after  # seconds from now, as the server asked
        super().__init__(message or f"the server answered {status}", url=url)
        if type(self) is HttpStatus:
            self.code = f"http-{status}"


class Gone(HttpStatus):
    """the publisher withdrew the feed"""

    code = "gone"
    hint = "it is not asked again; remove it, or add the site's new feed"


class RateLimited(HttpStatus):
    """the server asks us to come back later"""

    code = "rate-limit"
    hint = "passes by itself: the wait that the server asked for is kept"


class ParseError(FeedError, ValueError):
    """the answer is no feed we can read"""

    code = "parse"
    hint = "look at the address in a browser; the site may be under maintenance"


class NotAFeed(ParseError):
    """this is not a feed"""

    code = "not-a-feed"
    hint = "use `aggregator add` with the site's address: it finds the feed behind it"


class NotAList(ParseError):
    """this is not a subscription list"""

    code = "not-opml"
    hint = "export the list from your reader as OPML and import that file"


class ParseTimedOut(ParseError, TimeoutError):
    """parsing took more processor time than allowed"""

    code = "parse-time"
    hint = "the feed is broken or hostile; tell the publisher or remove it"


class ParseCrashed(ParseError, RuntimeError):
    """the parser ran out of memory or died"""

    code = "parse-crash"
    hint = "the feed is broken or hostile; tell the publisher or remove it"


class ExtractFailed(FeedError):
    """the article on the page could not be extracted"""

    code = "extract"
    hint = "`aggregator doctor` says whether a package is missing"


class Unexpected(FeedError):
    """an error that the program does not know"""

    code = "unexpected"
    hint = "report it with the message; `aggregator fetch -vv` shows where it happened"

    @classmethod
    def of(cls, error: Exception, url: str) -> Unexpected:
        """Name an error by its class and message."""
        return cls(f"unexpected {type(error).__name__}: {error}"[:300], url=url)

"""The errors of fetching and parsing.

    FeedError
    ├── FetchError                     the URL gave no usable response
    │   ├── AddressRefused             ssrf        the IP address is private, loopback or otherwise not public
    │   ├── BadUrl                     bad-url     not an http(s) URL
    │   ├── DnsFailed                  dns         the host name has no IP address
    │   │   └── NoNetwork              network     no name server answered
    │   ├── ConnectFailed              connect     no connection, or it broke
    │   ├── TlsFailed                  tls         certificate or handshake
    │   │   ├── UnknownAuthority       tls-authority  the certificate's issuer is unknown
    │   │   └── NoTls                  no-tls      the server speaks plain HTTP at this port
    │   ├── ProxyFailed                proxy       the proxy cannot be reached or refuses
    │   ├── SecretAbsent               secret      a password, header or cookie is not available
    │   ├── TimedOut                   timeout     the deadline of the whole fetch passed
    │   ├── TooLarge                   too-large   more bytes than allowed, before or after decoding
    │   ├── BadEncoding                encoding    the content coding is unknown or broken
    │   ├── TooManyRedirects           redirects   more than allowed, or a loop
    │   ├── ProtocolFailed             protocol    not valid HTTP
    │   ├── HttpStatus                 http-NNN    an error status
    │   │   ├── AccessRefused          http-NNN    401, 403, or a robot check
    │   │   ├── Gone                   gone        410: the publisher removed the feed
    │   │   └── RateLimited            rate-limit  429, or 503 with Retry-After
    │   └── RobotsRefused              robots      robots.txt disallows the page
    ├── ParseError                     the response cannot be parsed as a feed
    │   ├── NotAFeed                   not-a-feed  a web page or an image
    │   │   ├── EmptyResponse          empty       nothing at all
    │   │   ├── RobotCheck             robot-check a page that checks for robots
    │   │   └── NotNews                not-news    a sitemap without news
    │   ├── NoItems                    no-items    the selectors of a page find no item
    │   ├── NotNewsletter              not-newsletter  a mail that is no newsletter
    │   ├── NotAList                   not-opml    not an OPML file
    │   ├── AccountFailed              account     the account at another aggregator cannot be read
    │   ├── ParseTimedOut              parse-time  parsing took more processor time than allowed
    │   └── ParseCrashed               parse-crash the parser died or ran out of memory
    ├── ExtractFailed                  extract     the extraction of an article from a page failed
    ├── PollEndsProcess                poll-ends-process  polling the feed ended or stopped the program again and again
    └── Unexpected                     unexpected  an error of no known kind

The class docstring is the default message, `code` is stable, `hint` says what a person can do.
"""

from __future__ import annotations


class FeedError(Exception):
    """the feed could not be read"""

    code = "feed"
    hint = "open the URL in a browser"

    def __init__(self, message: str | None = None, *, url: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.url = url
        super().__init__(self.message)


class FetchError(FeedError):
    """the URL gave no usable response"""

    code = "fetch"


class AddressRefused(FetchError, PermissionError):
    """the IP address is not on the public internet"""

    code = "ssrf"
    hint = "if the feed is on your own network and you trust it, set allow_private = true for it"


class BadUrl(FetchError, ValueError):
    """this is not an http or https URL"""

    code = "bad-url"
    hint = "write the full URL, such as https://example.org/feed.xml"


class DnsFailed(FetchError, OSError):
    """the host name has no IP address"""

    code = "dns"
    hint = "check the spelling of the host name; if it is right, the site may have closed"


class NoNetwork(DnsFailed):
    """no name server answered"""

    code = "network"
    hint = "check this machine's network and name server; if only this feed fails, the site's name server is down"


class ConnectFailed(FetchError, ConnectionError):
    """the server did not answer"""

    code = "connect"
    hint = "usually temporary; if it stays, the site may have closed"


class TlsFailed(FetchError, ConnectionError):
    """the secure connection failed"""

    code = "tls"
    hint = "the site's certificate is invalid or expired; write to the publisher"


class UnknownAuthority(TlsFailed):
    """nobody that this program trusts signed the site's certificate"""

    code = "tls-authority"
    hint = "if it is your own server, set ca_file to the certificate of its authority; else write to the publisher"


class NoTls(TlsFailed):
    """the server does not offer a secure connection at this port"""

    code = "no-tls"
    hint = "write http:// in place of https://, or give the port of the secure site"


class ProxyFailed(FetchError, ConnectionError):
    """the proxy cannot be used"""

    code = "proxy"
    hint = "check proxy and proxy_password_env in the configuration"


class SecretAbsent(FetchError, LookupError):
    """a password, header or cookie named in the configuration is missing"""

    code = "secret"
    hint = "set the environment variable, or write the file, that the configuration names"


class TimedOut(FetchError, TimeoutError):
    """the whole fetch took longer than allowed"""

    code = "timeout"
    hint = "usually temporary; raise [fetch] timeout if the site is always slow"


class TooLarge(FetchError, ValueError):
    """the response is larger than allowed"""

    code = "too-large"
    hint = "raise [fetch] max_bytes if the feed really is that large"


class BadEncoding(FetchError, ValueError):
    """the response is compressed in an unknown or invalid way"""

    code = "encoding"
    hint = "the server is broken; write to the publisher"


class TooManyRedirects(FetchError, ValueError):
    """the URL redirects in a loop or too often"""

    code = "redirects"
    hint = "open the URL in a browser and subscribe to the URL that it ends at"


class ProtocolFailed(FetchError, ConnectionError):
    """the server sent invalid HTTP"""

    code = "protocol"
    hint = "the server is broken; write to the publisher"


class RobotsRefused(FetchError, PermissionError):
    """robots.txt does not allow this page"""

    code = "robots"
    hint = "set full_text = false for this feed; its own text is used"


class HttpStatus(FetchError, OSError):
    """the server answered with an error"""

    code = "http"
    hint = "open the URL in a browser; the feed may have moved"

    def __init__(
        self, status: int, message: str | None = None, *, url: str | None = None, retry_after: float | None = None
    ) -> None:
        self.status = status
        self.retry_after = retry_after  # seconds from now, as the server asked
        super().__init__(message or f"the server answered {status}", url=url)
        if type(self) is HttpStatus:
            self.code = f"http-{status}"


class AccessRefused(HttpStatus):
    """the server refuses the request"""

    code = "refused"
    hint = "open the URL in a browser; for this feed a user_agent, cookies or a password can be set"

    def __init__(self, status: int, message: str | None = None, *, url: str | None = None) -> None:
        super().__init__(status, message, url=url)
        self.code = f"http-{status}"


class Gone(HttpStatus):
    """the publisher removed the feed"""

    code = "gone"
    hint = "it is not polled again; remove it, or add the site's new feed"


class RateLimited(HttpStatus):
    """the server limits how often it may be asked"""

    code = "rate-limit"
    hint = "temporary: the program waits as long as the server asked"


class ParseError(FeedError, ValueError):
    """the response cannot be parsed as a feed"""

    code = "parse"
    hint = "open the URL in a browser; the site may be under maintenance"


class NotAFeed(ParseError):
    """this is not a feed"""

    code = "not-a-feed"
    hint = "use `aggregator add` with the site's URL: it finds the feed"


class EmptyResponse(NotAFeed):
    """the response is empty"""

    code = "empty"
    hint = "temporary as a rule; if it stays so, open the URL in a browser"


class RobotCheck(NotAFeed):
    """the server sent a page that checks for robots, and no feed"""

    code = "robot-check"
    hint = "open the URL in a browser; for this feed a user_agent or cookies can be set, or write to the publisher"


class NotNews(NotAFeed):
    """the sitemap lists pages and no news: it has no news:news elements"""

    code = "not-news"
    hint = "look in the site's robots.txt for a news sitemap, or read a page by selectors: `aggregator add URL --page`"


class NoItems(ParseError):
    """the selectors find no item on the page"""

    code = "no-items"
    hint = "the page has changed or a selector is wrong: `aggregator add URL --page` proposes selectors for [feed.page]"


class NotNewsletter(ParseError):
    """the mail is no newsletter"""

    code = "not-newsletter"
    hint = "add the sender to [newsletters] senders if its mails are for everybody"


class NotAList(ParseError):
    """this is not a subscription list"""

    code = "not-opml"
    hint = "export OPML from the other feed reader and import that file"


class AccountFailed(ParseError):
    """the subscriptions of the account cannot be read"""

    code = "account"
    hint = "check the URL, the user and the token; the API may have to be switched on in the program's settings"


class ParseTimedOut(ParseError, TimeoutError):
    """parsing took more processor time than allowed"""

    code = "parse-time"
    hint = "the feed is broken or hostile; write to the publisher or remove it"


class ParseCrashed(ParseError, RuntimeError):
    """the parser ran out of memory or died"""

    code = "parse-crash"
    hint = "the feed is broken or hostile; write to the publisher or remove it"


class ExtractFailed(FeedError):
    """the article on the page could not be extracted"""

    code = "extract"
    hint = "`aggregator doctor` shows whether a package is missing"


class ExtractLimit(ExtractFailed):
    """extracting the article took more time or memory than allowed"""

    code = "extract-limit"
    hint = "the page is broken or hostile; it is not read again for days"


class PollEndsProcess(FeedError):
    """polling the feed ended or stopped the program again and again"""

    code = "poll-ends-process"
    hint = "report it with the log, as the program is at fault; the feed is tried again in an hour, later once a day"


class Unexpected(FeedError):
    """an error of no known kind"""

    code = "unexpected"
    hint = "report it with the message; `aggregator fetch -vv` shows where it happened"

    @classmethod
    def of(cls, error: Exception, url: str) -> Unexpected:
        """Return an error described by its class and message."""
        return cls(f"unexpected {type(error).__name__}: {error}"[:300], url=url)

"""Checks between the values of a configuration: unique names, references, and settings that need each other."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.access import AccessKeys
from aggregator.config.errors import Place
from aggregator.config.matching import AlertTable
from aggregator.config.schema import Config
from aggregator.config.sections import Digest, MailSettings
from digests.channels.kinds import CHANNEL_KINDS, Channels, is_loopback, on_own_network
from digests.channels.recipient import EXAMPLES, parse_recipient, split_recipient
from digests.reasons import Phrase, _
from feeds.model import NEWSLETTER_SCHEME

_PATH = re.compile(
    r"(?!https?:)[^\s]*[/.][A-Za-z]{2,5}"
)  # an example that is a file name: one word with an extension is no text
ONE_OF = _("one of {list}")
_DIGEST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


@dataclass(frozen=True, slots=True)
class Violation:
    """A problem at a place of the file. `near` is where to report it when the file does not have the place."""

    place: Place
    wrong: str
    expected: str = ""
    hint: str = ""
    near: Place = ()


def check(config: Config) -> list[Violation]:
    """Return all violations in a configuration."""
    mail = (_recipients, _mail, _bounces, _mailboxes)
    feeds = (_access, _newsletter_feeds)
    rest = (_secrets, *feeds, _summaries, _web, _read_later, _cluster, _intervals, missing_files)
    return [finding for part in (_names, _references, _alerts, _rules, *mail, *rest) for finding in part(config)]


def closest(word: str, choices: Iterable[str]) -> str:
    """Return the most similar choice, quoted, or an empty text; case does not matter."""
    from difflib import get_close_matches  # imported late: only a word that is wrong needs it

    by_lower = {choice.lower(): choice for choice in choices}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f'"{by_lower[found[0]]}"' if found else ""


def _names(config: Config) -> Iterator[Violation]:
    yield from _duplicates("feed", "url", [feed.url for feed in config.feeds])
    yield from _duplicates("feed", "name", [feed.name for feed in config.feeds])
    for table, items in (
        ("topic", config.topics),
        ("interest", config.interests),
        ("rule", config.rules),
        ("digest", config.digests),
        ("alert", config.alerts),
        ("read_later", config.read_later),
    ):
        yield from _duplicates(table, "name", [item.name for item in items])
    for place, output in _outputs(config):
        if not _DIGEST_NAME.fullmatch(output.name):
            wrong = Phrase(_('"{name}" cannot be used in a List-Id'), name=output.name)
            expected = Phrase(_("letters, digits, - and _, at most 63; the title may have any characters"))
            yield Violation((*place, "name"), wrong, expected)


def _outputs(config: Config) -> Iterator[tuple[Place, Digest | AlertTable]]:
    """Yield each digest and alert with its place in the file."""
    yield from ((("digest", index), digest) for index, digest in enumerate(config.digests))
    yield from ((("alert", index), alert) for index, alert in enumerate(config.alerts))


def _alerts(config: Config) -> Iterator[Violation]:
    digests, interests = {digest.name for digest in config.digests}, [one.name for one in config.interests]
    rules = [rule.name for rule in config.rules]
    for index, alert in enumerate(config.alerts):
        place = ("alert", index)
        if alert.name in digests:
            wrong = Phrase(_('"{name}" is also the name of a digest'), name=alert.name)
            yield Violation((*place, "name"), wrong, Phrase(_("a name of its own")))
        if sum(map(bool, (alert.interest, alert.rule, alert.query.strip()))) != 1:
            wrong = Phrase(_("an alert needs one thing that stories match"))
            yield Violation(place, wrong, Phrase(_("an interest, a rule or a query")))
        for kind, name, known in (("interest", alert.interest, interests), ("rule", alert.rule, rules)):
            if name and name not in known:
                yield Violation((*place, kind), _no(kind, name), _of_this_file(kind), closest(name, known))


def _duplicates(table: str, key: str, values: Sequence[str]) -> Iterator[Violation]:
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value and first.setdefault(value, index) != index:
            wrong = Phrase(_('"{name}" is used twice: also in {place}'), name=value, place=f"{table}[{first[value]}]")
            yield Violation((table, index, key), wrong, Phrase(_("each once")))


def _references(config: Config) -> Iterator[Violation]:
    topics, interests = config.topic_names(), [interest.name for interest in config.interests]
    for index, digest in enumerate(config.digests):
        yield from _unknown_names(("digest", index, "topics"), "topic", digest.topics, topics)
        yield from _unknown_names(("digest", index, "interests"), "interest", digest.interests, interests)
    if config.opml:
        return  # an OPML file may define the names of feeds
    feeds = [name for feed in config.feeds for name in (feed.name, feed.url) if name]
    for index, topic in enumerate(config.topics):
        yield from _unknown_names(("topic", index, "feeds"), "feed", topic.feeds, feeds)


def _unknown_names(place: Place, kind: str, names: Sequence[str], known: Sequence[str]) -> Iterator[Violation]:
    for index, name in enumerate(names):
        if name not in known:
            listed = ", ".join(known) if len(known) <= 16 else ""
            expected = Phrase(ONE_OF, list=listed) if listed else _of_this_file(kind)
            yield Violation((*place, index), _no(kind, name), expected, closest(name, known))


def _no(kind: str, name: str) -> Phrase:
    return Phrase(_('there is no {kind} "{name}"'), kind=kind, name=name)


def _of_this_file(kind: str) -> Phrase:
    return Phrase(_("a {kind} of this file"), kind=kind)


def _rules(config: Config) -> Iterator[Violation]:
    for index, rule in enumerate(config.rules):
        problem = rule.value_problem()
        if problem:
            yield Violation(("rule", index, "value"), *problem)


def _recipients(config: Config) -> Iterator[Violation]:
    for place, output in _outputs(config):
        for position, text in enumerate(output.to):
            try:
                recipient = parse_recipient(text, config.folder)
                if recipient.channel == Channels.SITE and place[0] == "alert":
                    wrong = Phrase(_("a site has the editions of digests, not alerts"))
                    yield Violation(
                        (*place, "to", position), wrong, Phrase(_("the recipients of a digest, or folder:"))
                    )
                if recipient.channel == Channels.MAIL and not _reaches(config.mail, recipient.address):
                    wrong = Phrase(
                        _('"{address}" is on this machine or its network, and the mail server is not'),
                        address=recipient.address,
                    )
                    wanted = Phrase(_("{setting}, or a host on this machine"), setting='transport = "sendmail"')
                    yield Violation((*place, "to", position), wrong, wanted)
            except ValueError as error:
                channel = split_recipient(text).channel
                yield Violation(
                    (*place, "to", position),
                    error.args[0],
                    Phrase(_("such as {examples}"), examples=EXAMPLES),
                    "" if channel in CHANNEL_KINDS else closest(channel, CHANNEL_KINDS),
                )


def _reaches(mail: MailSettings, address: str) -> bool:
    """Whether the configured server can deliver to an address: one of the own network needs a server there."""
    domain = address.rpartition("@")[2]
    if not on_own_network(domain) or mail.transport != "smtp" or not mail.host or is_loopback(mail.host):
        return True
    return not domain.endswith(("localhost", "localdomain")) and (
        on_own_network(mail.host) or _private(mail.host) or "." not in mail.host
    )


def _private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _mail(config: Config) -> Iterator[Violation]:
    mail = config.mail
    by_mail = _first_mail_recipient(config)
    if by_mail and not mail.sender:
        wrong = "is missing, and a digest goes by mail"
        yield Violation(
            ("mail", "sender"), wrong, 'the From address, such as sender = "news@example.org"', near=by_mail
        )
    if by_mail and mail.transport == "smtp" and not mail.host:
        wrong = "is missing, and a digest goes by mail"
        yield Violation(("mail", "host"), wrong, 'your mail server, such as host = "smtp.example.org"', near=by_mail)
    if mail.user and not (mail.password_env or mail.password_file):
        yield Violation(("mail", "user"), "there is a user and no password", "password_env or password_file")
    if not mail.user and (mail.password_env or mail.password_file):
        yield Violation(("mail", "user"), "is missing: there is a password and no user", "the login name")
    if mail.user and mail.security == "none" and not is_loopback(mail.host):
        yield Violation(("mail", "security"), "would send the password in the clear", '"starttls" or "tls"')
    for index, digest in enumerate(config.digests):
        if digest.open and not config.web.public_url:
            yield Violation(
                ("digest", index, "open"),
                "needs pages that recipients can reach",
                "[web] public_url, such as https://news.example.org",
            )
    if len(mail.dkim_selector) != len(mail.dkim_key_file):
        yield Violation(
            ("mail", "dkim_selector"),
            "DKIM needs both dkim_selector and dkim_key_file",
            "both or neither, as many of each",
        )


def _bounces(config: Config) -> Iterator[Violation]:
    bounces = config.bounces
    if bounces.has_mailbox and not bounces.address:
        yield Violation(("bounces", "address"), "is missing", "the mailbox's address, such as bounces@example.org")
    if bounces.address and not bounces.address.isascii():
        yield Violation(("bounces", "address"), "must be ASCII", "an address to which every mail server can send")
    if len(bounces.address.rpartition("@")[0]) > 24:  # 64 in all (RFC 5321 4.5.3.1.1), 38 of them for the token
        yield Violation(("bounces", "address"), "is too long before the @", "at most 24 characters there")


def _mailboxes(config: Config) -> Iterator[Violation]:
    for table, box in (("bounces", config.bounces), ("newsletters", config.newsletters)):
        if box.imap_host and not (box.imap_user and (box.password_env or box.password_file)):
            yield Violation((table, "imap_user"), "IMAP needs a login", "imap_user, and password_env or password_file")


def _first_mail_recipient(config: Config) -> Place:
    """Return the place of the first mail address in any `to`; empty if there is none."""
    for place, output in _outputs(config):
        for position, text in enumerate(output.to):
            if split_recipient(text).channel == Channels.MAIL:
                return (*place, "to", position)
    return ()


def _secrets(config: Config) -> Iterator[Violation]:
    places: list[tuple[Place, object, str]] = [((table,), getattr(config, table), key) for table, key in SECRETS]
    places += [
        (("feed", n), feed, key) for n, feed in enumerate(config.feeds) for key in ("password", "proxy_password")
    ]
    places += [(("read_later", n), one, key) for n, one in enumerate(config.read_later) for key in READ_LATER_SECRETS]
    for place, section, key in places:
        if getattr(section, f"{key}_env") and getattr(section, f"{key}_file"):
            yield Violation((*place, f"{key}_file"), f"{key}_env is given too", "one of the two")


SECRETS = (
    ("storage", "password"), ("fetch", "password"), ("fetch", "proxy_password"),
    ("stories", "embeddings_key"), ("summaries", "api_key"), ("mail", "password"),
    ("bounces", "password"), ("newsletters", "password"), ("webhook", "secret"), ("web", "token"), ("web", "secret"),
)  # fmt: skip
"""Every secret of a table that occurs once: the table, and the keys without `_env` and `_file`."""


READ_LATER_SECRETS = ("token", "password", "client_secret")
"""The secrets of a service that keeps articles, without `_env` and `_file`."""
_READ_LATER_KEYS = {  # that a kind needs; those of a secret without `_env`
    "wallabag": ("user", "password", "client_id", "client_secret"),
    "readeck": ("token",),
    "linkding": ("token",),
    "instapaper": ("user",),
}


def _read_later(config: Config) -> Iterator[Violation]:
    for index, one in enumerate(config.read_later):
        place = ("read_later", index)
        if one.kind != "instapaper" and "url" not in one.given:
            yield Violation((*place, "url"), "is missing", f"the URL of {one.kind}", near=place)
        for key in _READ_LATER_KEYS[one.kind]:
            if key not in READ_LATER_SECRETS and not getattr(one, key):
                yield Violation((*place, key), f"is missing, and {one.kind} needs it", near=place)
            elif key in READ_LATER_SECRETS and not (getattr(one, f"{key}_env") or getattr(one, f"{key}_file")):
                wrong = f"is missing, and {one.kind} needs it"
                yield Violation((*place, f"{key}_env"), wrong, f"{key}_env or {key}_file", near=place)


def _access(config: Config) -> Iterator[Violation]:
    sections: list[tuple[Place, AccessKeys]] = [(("fetch",), config.fetch)]
    sections += [(("feed", index), feed) for index, feed in enumerate(config.feeds)]
    for place, section in sections:
        yield from _login(place, section)
        for key in ("headers", "cookies"):
            yield from _given_twice(place, section, key)


def _newsletter_feeds(config: Config) -> Iterator[Violation]:
    for index, feed in enumerate(config.feeds):
        if feed.url.startswith(NEWSLETTER_SCHEME):
            for key in sorted(feed.given - _OF_NEWSLETTERS):
                yield Violation(
                    ("feed", index, key), "has no effect on a newsletter, which comes by mail", "no such key"
                )


_OF_NEWSLETTERS = {"url", "name", "topic", "weight", "language", "enabled"}


def _login(place: Place, section: AccessKeys) -> Iterator[Violation]:
    password = section.password_env or section.password_file
    if section.user and not password:
        yield Violation((*place, "user"), "there is a user and no password", "password_env or password_file")
    if password and not section.user:
        yield Violation((*place, "user"), "is missing: there is a password and no user", "the login name")
    if ":" in section.user:
        yield Violation((*place, "user"), "contains a colon", "a name without one (RFC 7617)")
    if (section.proxy_password_env or section.proxy_password_file) and "@" not in section.proxy:
        wrong = "has no user, and there is a proxy password"
        yield Violation((*place, "proxy"), wrong, "such as http://user@proxy.example.org:3128")


def _given_twice(place: Place, section: AccessKeys, key: str) -> Iterator[Violation]:
    seen: dict[str, str] = {}
    for table in (key, f"{key}_env", f"{key}_file"):
        for name in getattr(section, table):
            same = name.lower() if key == "headers" else name
            if same in seen:
                yield Violation((*place, table, name), f"{name} is given twice: also in {seen[same]}", "each once")
            seen[same] = table


def _summaries(config: Config) -> Iterator[Violation]:
    settings = config.summaries
    if settings.method != "chat":
        return
    for key in ("endpoint", "model"):
        if not getattr(settings, key):
            yield Violation(
                ("summaries", key),
                'is missing, and method is "chat"',
                "the URL and the model of an OpenAI-compatible service",
            )


def _web(config: Config) -> Iterator[Violation]:
    web = config.web
    if web.enabled and not is_loopback(web.host) and not (web.token_env or web.token_file):
        yield Violation(
            ("web", "listen"),
            "is open to other machines without a token",
            'token_env or token_file, or listen = "127.0.0.1:8440"',
        )
    if web.public_url and not web.public_url.startswith(("https://", "http://")):
        yield Violation(
            ("web", "public_url"),
            f'"{web.public_url}" is not a web URL',
            "a full URL, such as https://news.example.org",
        )


def _cluster(config: Config) -> Iterator[Violation]:
    if config.cluster.enabled and not config.storage.url.startswith("postgresql"):
        yield Violation(
            ("cluster", "enabled"),
            "needs a PostgreSQL database",
            'a [storage] url such as "postgresql://aggregator@db.example.org/aggregator"',
        )


def _intervals(config: Config) -> Iterator[Violation]:
    if config.fetch.min_interval > config.fetch.max_interval:
        yield Violation(("fetch", "min_interval"), "is longer than max_interval", "the shorter of the two")


def _is_there(path: Path, kind: str) -> bool:
    try:
        return path.is_dir() if kind == "folder" else path.is_file()
    except OSError:  # longer than a file name may be, or in a folder that may not be searched
        return False


def missing_files(config: Config) -> Iterator[Violation]:
    """Yield the files and folders that are not there: the only check whose result changes while the file does not."""
    wanted: list[tuple[Place, str, str]] = [
        (("opml", i, "file"), opml.file, "file") for i, opml in enumerate(config.opml)
    ]
    wanted += [(("fetch", "ca_file"), config.fetch.ca_file, "file")]
    wanted += [(("feed", i, "ca_file"), feed.ca_file, "file") for i, feed in enumerate(config.feeds)]
    wanted += [(("mail", "dkim_key_file"), file, "file") for file in config.mail.dkim_key_file]
    wanted += [(("digest", i, "template_folder"), d.template_folder, "folder") for i, d in enumerate(config.digests)]
    wanted += [
        (("interest", i, key, n), example, "file")
        for i, table in enumerate(config.interests)
        for key, examples in (("examples", table.examples), ("unlike", table.unlike))
        for n, example in enumerate(examples)
        if _PATH.fullmatch(example)
    ]
    for place, name, kind in wanted:
        path = config.resolve(name)
        if name and not _is_there(path, kind):
            wrong = Phrase(_("there is no {kind} {path}"), kind=kind, path=path)
            expected = Phrase(_("a {kind}; relative paths start from {folder}"), kind=kind, folder=config.folder)
            yield Violation(place, wrong, expected)

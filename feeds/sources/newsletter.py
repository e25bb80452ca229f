"""Reads newsletters: mails of a list or of an allowed sender, as entries without the boilerplate of mail.

A mail that is for its recipient alone (a confirmation, a receipt, a password, a reply) is never an entry, nor is one
whose sender is forged. No link is followed.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html import escape
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from feeds.errors import NotNewsletter
from feeds.model import Newsletter
from feeds.parse.build import build_parsed
from feeds.parse.page_tree import page_tree
from feeds.sources.raw import Markup, RawEntry, RawFeed, RawLink, TextKind
from feeds.text import one_line
from feeds.urls import canonical_url

MAX_PART = 2_000_000  # characters of the part with the text
_MAX_PARTS = 200
_ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@([A-Za-z0-9.-]{1,255}\.[A-Za-z]{2,63}|localhost)\Z")
_LIST_ID = re.compile(r"<\s*([^<>\s]{1,255})\s*>\s*\Z")
# Mails for one person, by their subjects: confirmations, receipts, passwords, codes, invoices.
_PERSONAL = re.compile(
    r"\b(?:confirm (?:your|you|e-?mail|subscription)|verify your|verification code|security code|"
    r"one-time (?:code|password)|activate your|reset (?:your|the) password|"
    r"password reset (?:request|link|code|instructions)|sign[- ]in (?:link|code)|log[- ]?in (?:link|code)|magic link|"
    r"your (?:receipt|invoice|order|payment|password|account|subscription|code|login|booking|ticket|statement|trial)|"
    r"(?:receipt|invoice) (?:for|from)|(?:receipt|invoice|order|payment) ?(?:no\.|number|confirmation|#)|new sign-?in|"
    r"new login|thank(?:s| you) for (?:subscribing|signing|your order|registering)|"
    r"bestätigen sie|bitte bestätige|ihre? (?:rechnung|bestellung|zahlung|passwort|konto|code|buchung|anmeldung)|"
    r"deine? (?:rechnung|bestellung|zahlung|passwort|konto|code|anmeldung)|passwort zurücksetzen|"
    r"(?:rechnung|bestellung) (?:nr|nummer)|bestätigungscode|"
    r"confirme[zr]? votre|votre (?:facture|commande|paiement|mot de passe|compte|code|reçu|inscription)|"
    r"confirm[ae] (?:tu|su)|(?:tu|su) (?:factura|pedido|pago|contraseña|cuenta|código|recibo|suscripción)|"
    r"conferma (?:la tua|il tuo)|la tua (?:fattura|password)|il tuo (?:ordine|codice|account)|"
    r"(?:uw|je) (?:factuur|bestelling|wachtwoord|account|code)|bevestig (?:je|uw))\b|"
    r"\A(?:welcome to|willkommen b|bienvenue (?:sur|chez)|bienvenid[oa] a|benvenut[oi] )|"
    r"подтвердите|ваш[аи]? (?:заказ|сч[её]т|парол|код|квитанц|аккаунт)|код подтверждения|"
    r"підтверд(?:іть|ьте|ити)|ваш[аеі]? (?:замовлення|рахунок|парол|код|квитанц)|код підтвердження|"
    r"تأكيد (?:اشتراكك|بريدك)|رمز التحقق|فاتورتك|طلبك|كلمة المرور",
    re.IGNORECASE,
)
_REPLY = re.compile(r"\s*(?:re|aw|sv|antw|res|rv|odp|ответ|fwd?|wg|tr)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_FAILED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
_PASSED = re.compile(r"\b(?:dmarc|dkim|spf)\s*=\s*pass\b", re.IGNORECASE)
_BOTH_FAILED = (
    re.compile(r"\bspf\s*=\s*(?:hard)?fail\b", re.IGNORECASE),
    re.compile(r"\bdkim\s*=\s*fail\b", re.IGNORECASE),
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0(?![.\d])|"
    r"font-size\s*:\s*[01](?:px|pt)?\s*(?:;|$)|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_PREHEADER = re.compile(r"(?:^|[-_ ])(?:preheader|preview-?text)", re.IGNORECASE)
# Phrases of mail that are no news.
_BOILERPLATE = re.compile(
    r"view (?:this|it|the|in|online|e-?mail)[^.]{0,40}(?:browser|online|web)|"
    r"view in (?:your )?browser|read (?:it )?online|"
    r"trouble (?:viewing|reading)|manage (?:your )?(?:preferences|subscription)|"
    r"update (?:your )?(?:preferences|profile)|email preferences|forward (?:this|to a friend)|"
    r"you(?:'|’)?(?: a)?re receiving this|you received this|(?:mail|message|newsletter) was sent to|was sent to \S+@|"
    r"sent to you because|add us to your|"
    r"all rights reserved|©|"
    r"im browser (?:ansehen|anzeigen|öffnen|lesen)|online (?:ansehen|lesen)|webversion|"
    r"sie erhalten diesen? (?:e-?mail|mail|nachricht|newsletter)|"
    r"voir (?:dans|en ligne)|version en ligne|(?:se )?désabonner|désinscri|"
    r"gérer (?:vos|mes) préférences|vous recevez ce|"
    r"ver en (?:el )?(?:navegador|línea)|cancelar (?:la )?suscripción|recibes? este (?:correo|mensaje|boletín|e-?mail)|"
    r"visualizza (?:nel|online)|annulla(?: l['’])?\s?iscrizione|disiscri|"
    r"bekijk (?:in|online)|"
    r"открыть в браузере|веб-верси|отписаться|вы получили это|"
    r"переглянути у браузері|відписатися|ви отримали цей|"
    r"عرض في المتصفح|إلغاء الاشتراك",
    re.IGNORECASE,
)
# Words of the lines below a mail that news uses too: such a line has few words, or the link to unsubscribe.
_FOOTER = re.compile(
    r"unsubscribe|opt[- ]?out|privacy policy|abmelden|abbestellen|austragen|datenschutz|impressum|darse de baja|"
    r"uitschrijven|afmelden",
    re.IGNORECASE,
)
_FEW_WORDS = 4
_UNSUBSCRIBE = re.compile(
    r"unsubscri|opt[- ]?out|abmeld|abbestell|austrag|désabonn|désinscri|darse de baja|disiscri|uitschrij|afmeld|отпис|"
    r"відпис|إلغاء الاشتراك",
    re.IGNORECASE,
)
_BLOCKS = ("p", "td", "tr", "div", "li", "table", "span", "center", "h6", "small", "a")
_NEWS_BLOCKS = ("p", "li", "h1", "h2", "h3", "h4", "h5")  # what is news within a block is kept
_NO_TEXT = ("style", "script", "title", "head")
_SHORT = 300  # characters of a block of boilerplate
_LINK_WORDS = 6  # of a link to unsubscribe
_WEB_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_INSIDE = re.compile(r"/https?:/{1,2}[^\s\"'<>]+", re.IGNORECASE)
# Links that contain a URL and are no tracking links: copies of a page, what a reader does with a page, and where a
# reader came from or goes after a login.
_COPIES = re.compile(r"archive|cache|translat|validator|12ft|mementoweb|perma\.cc|arquivo", re.IGNORECASE)
_ACTIONS = re.compile(
    r"/(?:share\w*|sharing|intent|submit\w*|compose|save|pin/create|search|log-?in|sign-?(?:in|up)|auth\w*|wayback)\b",
    re.IGNORECASE,
)
_NO_TARGET = re.compile(
    r"ref|referr?er|src|source|via|from|next|return\w*|continue|callback|back|utm_\w+|canonical", re.IGNORECASE
)
_SEGMENT = re.compile(r"[A-Za-z0-9_-]{24,2000}={0,2}")
_ENCODED = re.compile(r"https?://[^\s\"'<>\x00-\x1f\x7f-\xff]+")


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who sends a mail: the key of the feed, the name to show, the domain of From."""

    key: str
    name: str
    domain: str
    address: str


def read_newsletter(message: bytes, allowed: Sequence[str] = ()) -> Newsletter:
    """Return the newsletter in a mail. `allowed` are addresses and domains that need no list headers.

    Raises NotNewsletter, with the cause, for every other mail.
    """
    mail = message_from_bytes(message, policy=default)
    if not isinstance(mail, EmailMessage):
        raise NotNewsletter("it is no mail")
    sender = _sender(mail)
    _require_list(mail, sender, allowed)
    _require_genuine(mail)
    subject = one_line(_header(mail, "subject"))
    _require_public(mail, subject)
    identity = _header(mail, "message-id").strip(" <>\t")
    if not identity:
        raise NotNewsletter("it has no Message-ID")
    html = _body(mail)
    raw = RawFeed(format="newsletter", parser="mail", title=Markup(sender.name, TextKind.TEXT))
    entry = RawEntry(guid=identity, title=Markup(subject, TextKind.TEXT) if subject else None)
    entry.published = [_header(mail, "date")]
    entry.contents = [Markup(html, TextKind.HTML)] if html else []
    archived = _header(mail, "archived-at").strip(" <>")
    entry.links = [RawLink(archived)] if archived.lower().startswith("http") else []
    raw.entries = [entry]
    parsed = build_parsed(raw, f"https://{sender.domain}/")
    return Newsletter(sender.key, sender.name, sender.domain, parsed)


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header as text; empty if it is missing or cannot be parsed."""
    try:
        return str(mail.get(name, "") or "")[:5000]
    except Exception:  # noqa: BLE001 - the standard parser raises many errors on hostile headers
        return ""


def _sender(mail: EmailMessage) -> _Sender:
    name, address = parseaddr(_header(mail, "from"))
    address = address.strip().lower()
    found = _ADDRESS.match(address)
    if found is None:
        raise NotNewsletter("it has no sender")
    listed = _header(mail, "list-id")
    identity = _LIST_ID.search(listed)
    key = identity[1].lower() if identity else address
    phrase = one_line(listed[: identity.start()].strip(' "')) if identity else ""
    return _Sender(key, (one_line(name) or phrase or address)[:200], found[1], address)


def _require_list(mail: EmailMessage, sender: _Sender, allowed: Sequence[str]) -> None:
    known = {one.strip().lower().lstrip("@") for one in allowed}
    if sender.address in known or any(sender.domain == one or sender.domain.endswith(f".{one}") for one in known):
        return
    if not _header(mail, "list-id") and not _header(mail, "list-unsubscribe"):
        raise NotNewsletter("it has no list headers, and its sender is not in `senders`")


def _require_genuine(mail: EmailMessage) -> None:
    """Raise NotNewsletter if the first Authentication-Results, the receiving server's own, say the sender is forged."""
    result = _header(mail, "authentication-results")
    failed = all(pattern.search(result) for pattern in _BOTH_FAILED)
    if _FAILED.search(result) or (failed and not _PASSED.search(result)):
        raise NotNewsletter("its sender is forged: the checks of SPF, DKIM or DMARC failed")


def _require_public(mail: EmailMessage, subject: str) -> None:
    if _REPLY.match(subject) or _header(mail, "in-reply-to"):
        raise NotNewsletter("it is a reply or a forwarded mail")
    if _header(mail, "auto-submitted").lower().startswith("auto-replied"):
        raise NotNewsletter("it is an automatic reply")
    if _PERSONAL.search(subject):
        raise NotNewsletter("it is for its recipient: a confirmation, receipt, invoice, password or code")


def _body(mail: EmailMessage) -> str:
    """Return the text as HTML without boilerplate."""
    plain = ""
    for count, part in enumerate(mail.walk()):
        if count > _MAX_PARTS:
            break
        kind = part.get_content_type()
        if (
            part.is_multipart()
            or kind not in ("text/html", "text/plain")
            or part.get_content_disposition() == "attachment"
        ):
            continue
        text = _part_text(part)
        if kind == "text/html" and text.strip():
            return _without_boilerplate(text)
        plain = plain or text
    lines = [line for line in plain.splitlines() if not _is_boilerplate(line)]
    text = "\n".join(lines).strip()
    blocks = re.split(r"\n[ \t\r]*\n", text) if text else []
    return "".join(f"<p>{escape(block, quote=False)}</p>" for block in blocks)


def _part_text(part: Any) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    data = data[: 2 * MAX_PART]
    try:
        return data.decode(part.get_content_charset() or "utf-8", "replace")[:MAX_PART]
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")[:MAX_PART]


def _without_boilerplate(html: str) -> str:
    from lxml import etree

    tree = page_tree(html)
    if tree is None:
        return ""
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.tag in _NO_TEXT or _is_hidden(element):
            _drop(element)
    leaving = set[Any]()
    for link in list(tree.iter("a")):
        href = (link.get("href") or "").strip()
        text = _text(link)
        named = _UNSUBSCRIBE.search(text) or _UNSUBSCRIBE.search(href.partition("?")[0])
        if named and len(text.split()) <= _LINK_WORDS:
            leaving.add(link)
        if href:
            link.set("href", unwrapped(href))
    for element in list(tree.iter(*_BLOCKS)):
        if _is_footer(element, leaving):
            inside = [one for one in element.iter(*_NEWS_BLOCKS) if _text(one)]
            if all(_is_footer(one, leaving) for one in inside):
                _drop(element)
    for image in list(tree.iter("img")):
        if _is_pixel(image):
            _drop(image)
    body = tree.find("body")
    source = tree if body is None else body
    return str(etree.tostring(source, encoding="unicode", method="html"))[:MAX_PART]


def _is_footer(block: Any, leaving: set[Any]) -> bool:
    """Whether a block is short, and is boilerplate or has one of the links to unsubscribe."""
    text = _text(block)
    return 0 < len(text) <= _SHORT and (_is_boilerplate(text) or any(link in leaving for link in block.iter("a")))


def _is_boilerplate(text: str) -> bool:
    if _BOILERPLATE.search(text):
        return True
    return bool(_FOOTER.search(text)) and len(re.findall(r"\w+", _WEB_URL.sub("", text))) <= _FEW_WORDS


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _is_hidden(element: Any) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(
        _HIDDEN.search(element.get("style") or "") or _PREHEADER.search(names) or element.get("hidden") is not None
    )


def _is_pixel(image: Any) -> bool:
    sizes = [image.get(name) for name in ("width", "height")]
    return any(size is not None and size.strip().removesuffix("px") in ("0", "1", "2", "3") for size in sizes)


def _drop(element: Any) -> None:
    """Remove an element unless it is the root, and keep the text behind it."""
    if element.getparent() is not None:
        element.drop_tree()


def unwrapped(url: str) -> str:
    """Return the target of a tracking link, where the URL contains it; else the URL. Nothing is requested.

    Links to archived or translated copies, to forms that share a page and to logins contain a URL too, and are kept.
    """
    if len(url) > 8000 or not url.lower().startswith(("http://", "https://")):
        return url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return url
    if _COPIES.search(host) or _ACTIONS.search(parts.path):
        return url
    target = next(_targets(url, parts), "")
    return canonical_url(target) or url


def _targets(url: str, parts: SplitResult) -> Iterator[str]:
    """Yield the URLs within a URL: in its query, as a part of its path, as its end, and in base64."""
    with suppress(ValueError):
        for name, value in parse_qsl(parts.query, max_num_fields=100):
            if not _NO_TARGET.fullmatch(name):
                yield from _web_urls(value)
    for segment in parts.path.split("/"):
        yield from _web_urls(segment)
    if found := _INSIDE.search(unquote(url), len("https://")):
        yield re.sub(r"^(https?:)/(?!/)", r"\1//", found[0][1:], flags=re.IGNORECASE)
    for segment in _SEGMENT.findall(url.partition("://")[2]):
        with suppress(binascii.Error, ValueError):
            inner = urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode("latin-1")
            yield from _ENCODED.findall(inner)


def _web_urls(text: str) -> Iterator[str]:
    """Yield the text, decoded up to twice, if it is a web URL."""
    for _ in range(3):
        if _WEB_URL.fullmatch(text):
            yield text
            return
        text = unquote(text)

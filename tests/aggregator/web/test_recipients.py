"""What readers do by the links in their mails, through the real application and a real mail server."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aggregator.observe.metrics import Metrics
from aggregator.pipeline.issue import FEEDBACK, READ, SETTINGS, UNSUBSCRIBE
from aggregator.recipients.opt_in import CONFIRM, MOST_AN_HOUR, MOST_OF_A_DOMAIN, Invited
from aggregator.services.program import Program
from aggregator.store.editions import editions
from aggregator.store.outgoing import deliveries, recipients, subscriptions
from aggregator.store.outgoing.subscriptions import Standing
from aggregator.store.records import NewDelivery, Purpose, RecipientConfigRow
from aggregator.system.clock import ManualClock
from aggregator.web import forms
from aggregator.web.routes import application
from digests import codec, links
from digests.channels.recipient import Recipient
from digests.outbox import State
from tests.support.apps import DIGEST, app_of
from tests.support.editions import rich
from tests.support.smtp import SmtpServer

pytestmark = pytest.mark.anyio
ANN, BOB = Recipient("mail", "ann@example.org"), Recipient("mail", "bob@example.org")
OPEN = DIGEST.replace('"folder:out"', '"ann@example.org"') + "open = true\n"
FORM = "application/x-www-form-urlencoded"


def config(server: SmtpServer, more: str = "") -> str:
    return (
        f'[mail]\nsender = "digest@news.example"\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        f'[web]\npublic_url = "https://news.example"\n{more}{OPEN}'
    )


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@pytest.fixture
def program(tmp_path: Path, server: SmtpServer) -> Iterator[Program]:
    with app_of(tmp_path, config(server)) as program:
        yield program


@pytest.fixture
def client(program: Program) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(application(program, Metrics())), base_url="http://localhost"
    )


def token(program: Program, purpose: str, data: Mapping[str, str]) -> str:
    return links.make_token(program.editions.sender().keys, purpose, data, program.clock.now() + timedelta(days=1))


def save_edition_for_ann(program: Program) -> int:
    """Save an edition that Ann received; return her id."""
    edition = rich(digest="daily")
    (ann,) = recipients.ensure(program.db, [ANN], program.clock.now())
    delivery = NewDelivery(ann.id, "<1@news.example>", b"", "digest@news.example")
    editions.save_edition(
        program.db,
        edition,
        codec.edition_to_json(edition),
        "News",
        [delivery],
        recipient_ids=[ann.id],
        now=program.clock.now(),
    )
    return ann.id


def clock(program: Program) -> ManualClock:
    assert isinstance(program.clock, ManualClock)
    return program.clock


def waiting_body(program: Program, key: int) -> bytes:
    """The bytes of a delivery as they are stored."""
    return deliveries.delivery_by(program.db, key).body


def said(program: Program, reader: int) -> dict[str, int]:
    """What a reader said of stories."""
    return {mark.story: mark.value for mark in recipients.marks_of(program.db, [reader])}


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["urlencoded", "multipart", "nothing"])
async def test_one_click_works_in_either_encoding(program: Program, client: httpx.AsyncClient, how: str) -> None:
    link = f"/unsubscribe/{token(program, UNSUBSCRIBE, {'recipient': ANN.key, 'digest': 'daily'})}"
    body = {"List-Unsubscribe": "One-Click"}
    match how:
        case "urlencoded":
            answer = await client.post(link, data=body)
        case "multipart":
            answer = await client.post(link, files={name: (None, value) for name, value in body.items()})
        case _:
            answer = await client.post(link)
    assert answer.status_code == 200
    assert program.editions.plan("daily").recipients == ()


# ── languages
# ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_pages_speak_the_readers_language(program: Program, client: httpx.AsyncClient) -> None:
    reader = save_edition_for_ann(program)
    recipients.ensure(program.db, [RecipientConfigRow(ANN, "ar", None, None)], program.clock.now())
    links_of = {
        f"/unsubscribe/{token(program, UNSUBSCRIBE, {'recipient': ANN.key, 'digest': 'daily'})}": "إلغاء الاشتراك",
        f"/settings/{token(program, SETTINGS, {'recipient': ANN.key})}": "نشراتك",
        f"/more/bridge/{token(program, FEEDBACK, {'r': str(reader)})}": "المزيد مثل هذا؟",
    }
    for link, words in links_of.items():
        page = (await client.get(link, headers={"Accept-Language": "fr"})).text
        assert '<html lang="ar" dir="rtl">' in page
        assert words in page


async def test_what_was_just_chosen_is_spoken_at_once(program: Program, client: httpx.AsyncClient) -> None:
    page = f"/settings/{token(program, SETTINGS, {'recipient': ANN.key})}"
    saved = await client.post(page, data={"language": "de", "digest": "daily", "action": "save"})
    assert "Gespeichert." in saved.text
    refused = await client.post(page, data={"language": "de", "zone": "Mars/Olympus", "action": "save"})
    assert refused.status_code == 422
    assert "diese Zeitzone gibt es nicht" in refused.text


async def test_nobody_we_know_is_answered_as_the_browser_asks(program: Program, client: httpx.AsyncClient) -> None:
    for path in ("/unsubscribe/x.y", "/editions/none", "/stories/none", "/digests/none.xml", "/subscribe/none"):
        french = await client.get(path, headers={"Accept-Language": "fr-CA,en;q=0.5"})
        assert french.status_code == 404
        assert '<html lang="fr" dir="ltr">' in french.text
        assert '<html lang="en" dir="ltr">' in (await client.get(path)).text


async def test_a_letter_to_confirm_and_its_form_are_in_the_digests_language_or_the_one_chosen(
    tmp_path: Path, server: SmtpServer
) -> None:
    with app_of(tmp_path, config(server) + 'language = "uk"\n') as program:
        pages = httpx.ASGITransport(application(program, Metrics()))
        async with httpx.AsyncClient(transport=pages, base_url="http://localhost") as client:
            assert "Адреса пошти" in (await client.get("/subscribe/daily")).text
            await client.post("/subscribe/daily", data={"address": "bob@example.org"})
            await client.post("/subscribe/daily", data={"address": "eva@example.org", "language": "es"})
        program.delivery.deliver()
        subjects = [email.message_from_bytes(m.body, policy=email.policy.default)["Subject"] for m in server.accepted]
        assert subjects == ["Будь ласка, підтвердьте: The daily", "Confirme, por favor: The daily"]


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_settings_are_shown_and_changed(program: Program, client: httpx.AsyncClient) -> None:
    page = f"/settings/{token(program, SETTINGS, {'recipient': ANN.key})}"
    shown = await client.get(page)
    assert "The daily" in shown.text
    assert " checked" in shown.text
    saved = await client.post(
        page, data={"language": "de", "zone": "Europe/Berlin", "format": "text", "digest": "daily", "action": "save"}
    )
    assert "Gespeichert." in saved.text
    (ann,) = recipients.find(program.db, [ANN])
    assert (ann.language, ann.zone, ann.format) == ("de", "Europe/Berlin", "text")
    assert program.editions.plan("daily").recipients == (ANN,)


async def test_a_box_without_its_tick_leaves_and_with_it_joins_again(
    program: Program, client: httpx.AsyncClient
) -> None:
    page = f"/settings/{token(program, SETTINGS, {'recipient': ANN.key})}"
    await client.post(page, data={"action": "save"})
    assert program.editions.plan("daily").recipients == ()
    assert " checked" not in (await client.get(page)).text
    await client.post(page, files={"action": (None, "save"), "digest": (None, "daily")})
    assert program.editions.plan("daily").recipients == (ANN,)


async def test_leaving_everything(program: Program, client: httpx.AsyncClient) -> None:
    answer = await client.post(
        f"/settings/{token(program, SETTINGS, {'recipient': ANN.key})}", data={"action": "leave"}
    )
    assert "from everything" in answer.text
    assert program.editions.plan("daily").recipients == ()


@pytest.mark.parametrize(
    "bad", [{"zone": "Mars/Olympus"}, {"language": "xx"}, {"format": "fax"}, {"zone": "z" * 70000}]
)
async def test_a_setting_that_cannot_be_changes_nothing(
    program: Program, client: httpx.AsyncClient, bad: dict[str, str]
) -> None:
    answer = await client.post(f"/settings/{token(program, SETTINGS, {'recipient': ANN.key})}", data=bad)
    assert answer.status_code == 422
    assert program.editions.plan("daily").recipients == (ANN,)


async def test_a_link_serves_one_purpose(program: Program, client: httpx.AsyncClient) -> None:
    other = token(program, UNSUBSCRIBE, {"recipient": ANN.key, "digest": "daily"})
    for path in ("settings", "confirm", "more/bridge", "less/bridge"):
        assert (await client.post(f"/{path}/{other}")).status_code == 404


# ── subscribing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def confirmation(server: SmtpServer) -> str:
    text = server.accepted[-1].body.decode().replace("=\r\n", "").replace("=3D", "=")
    found = re.search(r"https://news\.example(/confirm/\S+)", text)
    assert found
    return found[1]


async def test_an_address_gets_nothing_until_its_owner_confirms(
    program: Program, client: httpx.AsyncClient, server: SmtpServer
) -> None:
    assert "Mail address" in (await client.get("/subscribe/daily")).text
    answer = await client.post("/subscribe/daily", data={"address": "bob@example.org", "language": "fr"})
    assert "Look into your mailbox" in answer.text
    assert server.accepted == [], "the page says that the mail waits"
    program.delivery.deliver()
    assert [mail.recipient for mail in server.accepted] == ["bob@example.org"]
    assert program.editions.plan("daily").recipients == (ANN,)
    link = confirmation(server)
    assert "Rien n’a encore changé" in (await client.get(link)).text  # in the language that was chosen
    assert program.editions.plan("daily").recipients == (ANN,)
    for _ in range(2):
        assert "Confirmé" in (await client.post(link)).text
    assert program.editions.plan("daily").recipients == (ANN, BOB)
    assert recipients.find(program.db, [BOB])[0].language == "fr"


async def test_a_form_posted_again_and_again_sends_one_mail(
    program: Program, client: httpx.AsyncClient, server: SmtpServer
) -> None:
    answers = set()
    for _ in range(3):
        answers.add((await client.post("/subscribe/daily", data={"address": "bob@example.org"})).text)
        program.delivery.deliver()
    assert len(server.accepted) == 1
    assert len(answers) == 1, "the response says nothing of the address"
    clock(program).advance(timedelta(days=1, minutes=1))
    await client.post("/subscribe/daily", data={"address": "bob@example.org"})
    program.delivery.deliver()
    assert len(server.accepted) == 2


async def test_a_suppressed_address_is_not_written_to(
    program: Program, client: httpx.AsyncClient, server: SmtpServer
) -> None:
    recipients.suppress(program.db, "bob@example.org", "complained", program.clock.now())
    await client.post("/subscribe/daily", data={"address": "Bob@Example.org"})
    assert deliveries.list_deliveries(program.db) == []


async def test_a_letter_that_the_server_does_not_take_is_tried_again_without_another_post(
    program: Program, client: httpx.AsyncClient, server: SmtpServer
) -> None:
    server.on("rcpt", "451 4.3.0 later")
    await client.post("/subscribe/daily", data={"address": "bob@example.org"})
    program.delivery.deliver()
    assert server.accepted == []
    (waiting,) = deliveries.list_deliveries(program.db)
    assert (waiting.purpose, waiting.state, waiting.digest) == (Purpose.CONFIRMATION, State.QUEUED, "daily")
    await client.post("/subscribe/daily", data={"address": "bob@example.org"})
    clock(program).advance(timedelta(minutes=5))
    program.delivery.deliver()
    assert [mail.body for mail in server.accepted] == [waiting_body(program, waiting.id)]


async def test_an_address_that_was_refused_may_ask_again(
    program: Program, client: httpx.AsyncClient, server: SmtpServer
) -> None:
    server.on("rcpt", "550 5.1.1 nobody")
    for _ in range(2):
        await client.post("/subscribe/daily", data={"address": "bob@example.org"})
        program.delivery.deliver()
        clock(program).advance(timedelta(seconds=1))
    assert [one.state for one in deliveries.list_deliveries(program.db)] == [State.SENT, State.FAILED]
    await client.post(confirmation(server))
    assert not recipients.find(program.db, [BOB])[0].paused


async def test_who_left_may_ask_again(program: Program, client: httpx.AsyncClient, server: SmtpServer) -> None:
    subscriptions.leave(program.db, ANN, "daily", program.clock.now())
    await client.post("/subscribe/daily", data={"address": "ann@example.org"})
    program.delivery.deliver()
    assert program.editions.plan("daily").recipients == ()
    await client.post(confirmation(server))
    assert program.editions.plan("daily").recipients == (ANN,)


async def test_a_form_cannot_flood_others_and_says_so(program: Program, client: httpx.AsyncClient) -> None:
    for n in range(MOST_AN_HOUR):
        program.recipients.invite(RecipientConfigRow(Recipient("mail", f"bob{n}@example.org")), "daily")
    answer = await client.post("/subscribe/daily", data={"address": "eva@example.org"})
    assert (answer.status_code, "Try again in an hour" in answer.text) == (429, True)
    assert len(deliveries.list_deliveries(program.db)) == MOST_AN_HOUR
    clock(program).advance(timedelta(hours=1))
    assert (await client.post("/subscribe/daily", data={"address": "eva@example.org"})).status_code == 200


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nBcc: c@d.example", "two@a.example, b@c.example"])
async def test_what_is_no_address_is_refused(
    program: Program, client: httpx.AsyncClient, server: SmtpServer, address: str
) -> None:
    assert (await client.post("/subscribe/daily", data={"address": address})).status_code == 422
    assert server.accepted == []


async def test_a_digest_that_is_not_open_cannot_be_subscribed_to(tmp_path: Path, server: SmtpServer) -> None:
    with app_of(tmp_path, config(server).replace("open = true", "")) as program:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(application(program, Metrics())), base_url="http://localhost"
        )
        for digest in ("daily", "none"):
            assert (await client.post(f"/subscribe/{digest}", data={"address": "b@example.org"})).status_code == 404
    assert server.accepted == []


async def test_a_forged_confirmation_does_nothing(program: Program, client: httpx.AsyncClient) -> None:
    data = {"recipient": BOB.key, "digest": "daily"}
    forged = links.make_token([b"guess"], CONFIRM, data, program.clock.now() + timedelta(days=1))
    assert (await client.post(f"/confirm/{forged}")).status_code == 404
    assert subscriptions.standings(program.db, "daily") == {}


# ── feedback ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_more_and_less_are_noted_by_a_post_and_the_last_word_counts(
    program: Program, client: httpx.AsyncClient
) -> None:
    reader = save_edition_for_ann(program)
    signed = token(program, FEEDBACK, {"r": str(reader)})
    assert "More like this?" in (await client.get(f"/more/bridge/{signed}")).text
    assert said(program, reader) == {}
    await client.post(f"/more/bridge/{signed}")
    assert said(program, reader) == {"bridge": 1}
    for _ in range(2):
        noted = await client.post(f"/less/bridge/{signed}")
    assert said(program, reader) == {"bridge": -1}
    assert 'name="undo"' in noted.text
    assert "no longer counts" in (await client.post(f"/less/bridge/{signed}", data={"undo": "1"})).text
    assert said(program, reader) == {"bridge": 0}


async def test_more_is_more_under_a_path_too(tmp_path: Path, server: SmtpServer) -> None:
    text = config(server).replace("https://news.example", "https://news.example/read")
    with app_of(tmp_path, text) as program:
        reader = save_edition_for_ann(program)
        signed = token(program, FEEDBACK, {"r": str(reader)})
        pages = httpx.ASGITransport(application(program, Metrics()))
        async with httpx.AsyncClient(transport=pages, base_url="https://news.example") as client:
            assert "More like this?" in (await client.get(f"/read/more/bridge/{signed}")).text
            await client.post(f"/read/more/bridge/{signed}")
        assert said(program, reader) == {"bridge": 1}


async def test_feedback_on_a_story_that_the_reader_was_not_reported_is_refused(
    program: Program, client: httpx.AsyncClient
) -> None:
    reader = save_edition_for_ann(program)
    assert (await client.post(f"/more/other/{token(program, FEEDBACK, {'r': str(reader)})}")).status_code == 404
    assert (await client.post(f"/more/bridge/{token(program, FEEDBACK, {'r': '999'})}")).status_code == 404
    assert said(program, reader) == {}


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_link_of_a_mail_opens_its_edition_where_pages_are_guarded(
    tmp_path: Path, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGES_TOKEN", "open sesame")
    with app_of(tmp_path, config(server, 'token_env = "PAGES_TOKEN"\n')) as program:
        save_edition_for_ann(program)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(application(program, Metrics())), base_url="http://localhost"
        )
        page = f"/editions/{rich().id}"
        assert (await client.get(page)).status_code == 401
        assert (await client.get(f"{page}?key={token(program, READ, {'edition': rich().id})}")).status_code == 200
        for key in (
            token(program, READ, {"edition": "other"}),
            token(program, SETTINGS, {"recipient": ANN.key}),
            "x.y",
        ):
            assert (await client.get(f"{page}?key={key}")).status_code == 401
        assert (await client.get(f"/?key={token(program, READ, {'edition': rich().id})}")).status_code == 401


async def test_a_digest_has_a_feed_of_its_editions(program: Program, client: httpx.AsyncClient) -> None:
    save_edition_for_ann(program)
    answer = await client.get("/digests/daily.xml")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert f"https://news.example/editions/{rich().id}" in answer.text
    assert (await client.get("/digests/none.xml")).status_code == 404


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"a=1&a=2&b=", FORM, {"a": ["1", "2"], "b": [""]}),
        (b"a=%FF", f"{FORM}; charset=utf-8", {"a": ["\ufffd"]}),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            {"a": ["1"]},
        ),
        (b"--x\r\n\r\nno name\r\n--x--\r\n", "multipart/form-data; boundary=x", {}),
        (b"a=1", "multipart/form-data", {}),
        (b"a=1", "multipart/form-data; boundary=x\r\nX: y", {}),
        (b'{"a": 1}', "application/json", {}),
        (b"", "", {}),
    ],
)
async def test_a_form_is_read_in_either_encoding(body: bytes, kind: str, expected: dict[str, list[str]]) -> None:
    assert forms.parse_form(body, kind) == expected


@pytest.mark.parametrize("again", ["eva+news@example.org", "EVA@example.ORG", "eva+a+b@Example.org"])
async def test_a_person_gets_one_letter_a_day_however_the_address_is_written(
    program: Program, client: httpx.AsyncClient, again: str
) -> None:
    for address in ("eva@example.org", again, again):
        assert (await client.post("/subscribe/daily", data={"address": address})).status_code == 200
    assert len(deliveries.list_deliveries(program.db)) == 1


def test_a_person_gets_one_letter_a_day_for_all_digests_unless_the_operator_asks(program: Program) -> None:
    for name in ("daily", "weekly", "evening"):
        program.recipients.invite(RecipientConfigRow(Recipient("mail", "e.va@gmail.com")), name, stranger=True)
        program.recipients.invite(RecipientConfigRow(Recipient("mail", "eva@googlemail.com")), name, stranger=True)
    assert len(deliveries.list_deliveries(program.db)) == 1
    program.recipients.invite(RecipientConfigRow(Recipient("mail", "eva@gmail.com")), "weekly")
    assert len(deliveries.list_deliveries(program.db)) == 2


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("eva@example.org", "\uff45\uff56\uff41@example.org"),
        ("eva@example.org", "e.v.a@example.org"),
        ("m\u00e9l@example.org", "me\u0301l@EXAMPLE.org"),
        ("eva@m\u00fcnchen.example.org", "eva@xn--mnchen-3ya.example.org"),
        ("eva-1@yahoo.co.uk", "eva-2@yahoo.co.uk"),
        ("e_va@protonmail.com", "e-v.a+x@pm.me"),
        ("eva@fastmail.com", "shop@eva.fastmail.com"),
    ],
)
def test_other_spellings_are_the_same_person(program: Program, first: str, again: str) -> None:
    found = [
        program.recipients.invite(RecipientConfigRow(Recipient.by_mail(address)), "daily", stranger=True)
        for address in (first, again)
    ]
    assert found == [Invited.QUEUED, Invited.WAITING]


def test_many_requests_at_one_time_are_one_letter(program: Program) -> None:
    def invite(number: int) -> Invited:
        row = RecipientConfigRow(Recipient.by_mail(f"eva+{number}@example.org"))
        return program.recipients.invite(row, "daily", stranger=True)

    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(invite, range(20)))
    assert sorted(one.name for one in found) == ["QUEUED"] + ["WAITING"] * 19
    assert len(deliveries.list_deliveries(program.db)) == 1


@pytest.mark.parametrize(("domain", "held"), [("big.example", True), ("big.co.uk", True), ("co.uk", False)])
def test_subdomains_count_as_their_domain(program: Program, domain: str, held: bool) -> None:
    found = [
        program.recipients.invite(RecipientConfigRow(Recipient.by_mail(f"a{n}@h{n}.{domain}")), "daily", stranger=True)
        for n in range(MOST_OF_A_DOMAIN + 1)
    ]
    assert found[-1] is (Invited.TOO_MANY if held else Invited.QUEUED)


async def test_one_domain_and_one_client_have_limits_of_their_own(program: Program, client: httpx.AsyncClient) -> None:
    invite = program.recipients.invite
    for n in range(MOST_OF_A_DOMAIN):
        invite(RecipientConfigRow(Recipient("mail", f"a{n}@big.example")), "daily", stranger=True)
    full = invite(RecipientConfigRow(Recipient("mail", "b@BIG.example")), "daily", stranger=True)
    assert full is Invited.TOO_MANY
    codes = [
        (await client.post("/subscribe/daily", data={"address": f"c@d{n}.example"})).status_code for n in range(21)
    ]
    assert codes == [200] * 20 + [429]
    clock(program).advance(timedelta(hours=1))
    assert (await client.post("/subscribe/daily", data={"address": "c@e.example"})).status_code == 200


def test_who_never_confirmed_is_forgotten_and_nobody_else(program: Program) -> None:
    db, now = program.db, program.clock.now()
    eva, ann = (RecipientConfigRow(Recipient("mail", f"{name}@example.org")) for name in ("eva", "ann"))
    for row in (eva, ann):
        program.recipients.invite(row, "daily")
    subscriptions.ask(db, ann, ["weekly"], Standing.ACTIVE, now)
    assert subscriptions.forget_unconfirmed(db, now + timedelta(days=8)) == 2
    assert [one.address for one in recipients.list_recipients(db)] == ["ann@example.org"]
    assert {row.address for row in deliveries.list_deliveries(db)} == {"ann@example.org"}

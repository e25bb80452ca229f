"""What every channel keeps to, the shipped twin included: one mark, whole bytes, errors that say what happened."""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from digests.channels import (
    TRANSPORTS,
    Channel,
    FolderSettings,
    LmtpSettings,
    MaildirSettings,
    NotifySettings,
    SendmailSettings,
    SmtpSettings,
    Timeouts,
    WebhookSettings,
    open_channel,
)
from digests.channels.base import Parcel
from digests.channels.memory import MemoryChannel
from digests.errors import ChannelError, OutcomeUnknown, RecipientRefused, TemporaryFailure
from tests.support.smtp import SmtpServer
from tests.support.webhooks import Answer, HookServer

QUICK = Timeouts(5, 5, 5, 5, 5, 0.5, 0.5)
BODY = b"Message-ID: <1@news.example>\r\nSubject: News\r\n\r\n.dots\r\n..\r\n.\r\nthe end\r\n"


@dataclass
class Rig:
    """A channel with its other side. `fail` makes the next delivery fail before the mark, `vanish` after it."""

    channel: Channel
    recipient: str
    accepted: Callable[[], list[bytes]]
    fail: Callable[[], None]
    vanish: Callable[[], None] | None = None
    idempotent: bool = False

    def parcel(self, number: int = 1, body: bytes = BODY) -> Parcel:
        """The parcel of one delivery."""
        return Parcel(
            number, self.recipient, f"<{number}@news.example>", "news@news.example", body, filename=f"{number}.eml"
        )


def mail_rig(stack: ExitStack, lmtp: bool, unix: Path | None = None) -> Rig:
    server = stack.enter_context(SmtpServer(lmtp=lmtp, unix=unix))
    if lmtp:
        channel = open_channel("lmtp", LmtpSettings(port=server.port, socket=unix, timeouts=QUICK))
    else:
        channel = open_channel("smtp", SmtpSettings("127.0.0.1", server.port, "none", timeouts=QUICK))
    stack.callback(channel.close)
    return Rig(
        channel,
        "reader@example.com",
        lambda: [message.body for message in server.accepted],
        lambda: server.on("rcpt", "450 4.2.1 later"),
        lambda: server.on("dot", "drop"),
    )


SENDMAIL = """#!/bin/sh
cd "$(dirname "$0")" || exit 71
if [ -f fail ]; then rm fail; echo "no room"; exit 75; fi
if [ -f vanish ]; then rm vanish; kill -9 $$; fi
n=$(ls accepted | wc -l)
cat > "accepted/$n"
"""


def sendmail_rig(folder: Path) -> Rig:
    program = folder / "sendmail"
    program.write_text(SENDMAIL)
    program.chmod(0o755)
    (folder / "accepted").mkdir()
    return Rig(
        open_channel("sendmail", SendmailSettings(program, 10)),
        "reader@example.com",
        lambda: [path.read_bytes().replace(b"\n", b"\r\n") for path in sorted((folder / "accepted").iterdir())],
        (folder / "fail").touch,
        (folder / "vanish").touch,
    )


def disk_rig(kind: str, folder: Path) -> Rig:
    box = folder / "box"
    channel = open_channel(kind, MaildirSettings(folder) if kind == "maildir" else FolderSettings(folder))

    def fail() -> None:  # no rights, once: root would be let in, so a file is in the way
        original = channel.deliver

        def refuse(parcel: Parcel, before_dot: Callable[[], None]) -> object:
            channel.deliver = original  # type: ignore[method-assign]
            (folder / "file").touch()
            return original(replace(parcel, recipient="file/below"), before_dot)

        channel.deliver = refuse  # type: ignore[method-assign, assignment]

    there = box / "new" if kind == "maildir" else box
    rig = Rig(channel, "box", lambda: [path.read_bytes() for path in shown(there)], fail, idempotent=True)
    if kind == "atom":
        rig.parcel = lambda number=1, body=b"": Parcel(  # type: ignore[method-assign, misc]
            number, "box", f"<{number}@news.example>", "", body or feed(number), "application/atom+xml", f"{number}.xml"
        )
    return rig


def shown(folder: Path) -> list[Path]:
    """What lies in a folder for readers: names that begin with a dot are not for them."""
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def feed(day: int, made: int | None = None) -> bytes:
    """A feed whose newest edition is of a day in March."""
    return (
        (
            '<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><updated>'
            f"2026-03-{made or day:02}T07:01:00Z</updated>"
        )
        + "".join(f"<entry><published>2026-03-{n:02}T07:00:00Z</published></entry>" for n in (day, day - 1) if n)
        + "</feed>"
    ).encode()


def webhook_rig(stack: ExitStack) -> Rig:
    server = stack.enter_context(HookServer())
    channel = open_channel("webhook", WebhookSettings(b"secret", seconds=5))
    stack.callback(channel.close)

    def accepted() -> list[bytes]:
        documents = [json.loads(body) for _, body in server.posts]
        return [d["content"].encode() if "content" in d else base64.b64decode(d["content_base64"]) for d in documents]

    return Rig(
        channel,
        server.url,
        accepted,
        lambda: server.answers.append(Answer(503, kept=False)),
        lambda: server.answers.append(Answer(0, kept=False)),
    )


def notify_rig(stack: ExitStack) -> Rig:
    """The real library, posting to a real server by the simplest of its services."""
    server = stack.enter_context(HookServer())
    recipient = server.url.replace("http://", "json://")
    rig = Rig(
        open_channel("notify", NotifySettings()),
        recipient,
        lambda: [json.loads(body)["message"].encode() for _, body in server.posts],
        lambda: server.answers.append(Answer(503, kept=False)),
        lambda: server.answers.append(Answer(0, kept=False)),
    )
    rig.parcel = lambda number=1, body=b"text": Parcel(  # type: ignore[method-assign, misc]
        number, rig.recipient, f"<{number}>", "", body, "text/plain"
    )
    return rig


def memory_rig() -> Rig:
    channel = open_channel("memory")
    assert isinstance(channel, MemoryChannel)
    channel.lossy = True
    return Rig(
        channel,
        "anybody",
        lambda: [parcel.body for parcel in channel.accepted],
        lambda: channel.fail([TemporaryFailure()]),
        lambda: channel.fail([OutcomeUnknown()]),
    )


ON_DISK = ("maildir", "folder", "epub", "atom")  # they know their outcome, and any line is a possible name of a folder
ANSWERING = ("smtp", "lmtp", "lmtp-socket", "sendmail", "webhook", "notify")
ALL = (*ANSWERING, *ON_DISK, "memory")
NO_RECIPIENTS = ("", "a\0b", "../../outside")


@pytest.fixture(params=ALL)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with ExitStack() as stack:
        match request.param:
            case "smtp":
                yield mail_rig(stack, lmtp=False)
            case "lmtp":
                yield mail_rig(stack, lmtp=True)
            case "lmtp-socket":
                yield mail_rig(stack, lmtp=True, unix=tmp_path / "lmtp")
            case "sendmail":
                yield sendmail_rig(tmp_path)
            case "maildir" | "folder" | "epub" | "atom":
                yield disk_rig(request.param, tmp_path)
            case "webhook":
                yield webhook_rig(stack)
            case "notify":
                yield notify_rig(stack)
            case _:
                yield memory_rig()


def test_the_stored_bytes_arrive(rig: Rig) -> None:
    first, second = rig.parcel(1), rig.parcel(2)
    for parcel in (first, second):
        rig.channel.deliver(parcel, lambda: None)
    assert rig.accepted() == [first.body, second.body]


def test_the_mark_comes_once_and_before_anything_counts(rig: Rig) -> None:
    seen: list[int] = []
    receipt = rig.channel.deliver(rig.parcel(), lambda: seen.append(len(rig.accepted())))
    assert seen == [0]
    assert receipt.detail


def test_what_the_mark_raises_passes_through_and_nothing_was_delivered(rig: Rig) -> None:
    def refuse() -> None:
        raise LookupError("another process has it")

    with pytest.raises(LookupError):
        rig.channel.deliver(rig.parcel(), refuse)
    assert rig.accepted() == []
    rig.channel.deliver(rig.parcel(), lambda: None)
    assert len(rig.accepted()) == 1


def test_a_failure_says_that_nothing_was_delivered(rig: Rig) -> None:
    rig.fail()
    with pytest.raises(ChannelError) as caught:
        rig.channel.deliver(rig.parcel(), lambda: None)
    assert not isinstance(caught.value, OutcomeUnknown)
    assert caught.value.message
    assert rig.accepted() == []
    rig.channel.deliver(rig.parcel(), lambda: None)
    assert len(rig.accepted()) == 1


@pytest.mark.parametrize("rig", [*ANSWERING, *ON_DISK], indirect=True)
def test_a_process_that_is_killed_half_way_has_delivered_nothing(rig: Rig) -> None:
    """At the mark: the last moment at which an outbox that comes back takes it for not sent."""
    child = os.fork()
    if not child:  # pragma: no cover - dies, or leaves at once
        with suppress(BaseException):
            rig.channel.deliver(rig.parcel(), lambda: os.kill(os.getpid(), signal.SIGKILL))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert rig.accepted() == []
    rig.channel.deliver(rig.parcel(), lambda: None)
    assert rig.accepted() == [rig.parcel().body]


@pytest.mark.parametrize("rig", ON_DISK, indirect=True)
def test_a_disk_without_room_keeps_what_was_there_and_is_tried_again(rig: Rig, tmp_path: Path) -> None:
    rig.channel.deliver(rig.parcel(1), lambda: None)
    marks: list[int] = []
    with no_room(), pytest.raises(TemporaryFailure):
        rig.channel.deliver(rig.parcel(2), lambda: marks.append(1))
    assert marks == []
    assert rig.accepted() == [rig.parcel(1).body]
    assert leftovers(tmp_path) == []
    rig.channel.deliver(rig.parcel(2), lambda: None)
    assert rig.accepted() == [rig.parcel(1).body, rig.parcel(2).body]


@pytest.mark.parametrize("rig", ON_DISK, indirect=True)
def test_a_folder_without_rights_is_tried_again(rig: Rig) -> None:
    with locked_folder() as folder:
        channel = open_channel(rig.channel.name, type(rig.channel.settings)(None))  # type: ignore[attr-defined]
        marks: list[int] = []
        for place in (folder, folder / "below"):
            with pytest.raises(TemporaryFailure, match="denied"):
                channel.deliver(replace(rig.parcel(), recipient=str(place)), lambda: marks.append(1))
        assert marks == []
        assert list(folder.iterdir()) == []


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file grow, as a full disk or a spent quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked_folder() -> Iterator[Path]:
    """A folder that may be read and not written, for root too, who is nobody meanwhile."""
    root = os.geteuid() == 0
    with TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        if root:
            os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)
            Path(name).chmod(0o755)


def leftovers(folder: Path) -> list[Path]:
    """Files that no reader is meant to see."""
    return [p for p in folder.rglob("*") if p.is_file() and (p.name.startswith(".") or p.parent.name == "tmp")]


@pytest.mark.parametrize("rig", ["atom"], indirect=True)
@pytest.mark.parametrize(
    ("late", "stays"),
    [(feed(3), True), (feed(4, made=3), True), (feed(4), False), (feed(4, made=5), False), (feed(5), False)],
)
def test_a_late_feed_never_takes_the_place_of_a_newer_one(rig: Rig, late: bytes, stays: bool) -> None:
    marks: list[int] = []
    for body in (feed(4), late):
        rig.channel.deliver(rig.parcel(1, body), lambda: marks.append(1))
    assert rig.accepted() == [feed(4) if stays else late]
    assert marks == [1, 1]


@pytest.mark.parametrize("rig", ["atom"], indirect=True)
@pytest.mark.parametrize("torn", [b"", feed(9)[:80], b"<feed/>", b"\xff\xfe", feed(9).replace(b"2026-03-09", b"soon")])
def test_a_feed_that_cannot_be_read_is_replaced(rig: Rig, torn: bytes, tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "1.xml").write_bytes(torn)
    rig.channel.deliver(rig.parcel(1, feed(4)), lambda: None)
    assert rig.accepted() == [feed(4)]


@pytest.mark.parametrize("rig", [*ANSWERING, "memory"], indirect=True)
def test_an_end_without_an_answer_is_an_unknown_outcome(rig: Rig) -> None:
    assert rig.vanish is not None
    rig.vanish()
    marks: list[int] = []
    with pytest.raises(OutcomeUnknown):
        rig.channel.deliver(rig.parcel(), lambda: marks.append(1))
    assert marks == [1]
    rig.channel.deliver(rig.parcel(), lambda: None)
    assert len(rig.accepted()) == 1


def test_a_second_delivery_of_the_same_changes_nothing_where_the_disk_can_tell(rig: Rig) -> None:
    for _ in range(2):
        rig.channel.deliver(rig.parcel(), lambda: None)
    assert len(rig.accepted()) == (1 if rig.idempotent else 2)


@pytest.mark.parametrize(
    ("rig", "recipient"),
    [
        *((kind, text) for kind in (*ANSWERING, *ON_DISK) for text in NO_RECIPIENTS),
        *((kind, "two@a.example\r\nRCPT TO:<three@a.example>") for kind in ANSWERING),
    ],
    indirect=["rig"],
)
def test_a_recipient_that_is_none_is_refused(rig: Rig, recipient: str) -> None:
    with pytest.raises(RecipientRefused):
        rig.channel.deliver(replace(rig.parcel(), recipient=recipient), lambda: None)
    assert rig.accepted() == []


def test_closing_is_harmless_and_not_the_end(rig: Rig) -> None:
    rig.channel.close()
    rig.channel.deliver(rig.parcel(), lambda: None)
    rig.channel.close()
    rig.channel.close()
    rig.channel.deliver(rig.parcel(2), lambda: None)
    assert len(rig.accepted()) == 2


def test_it_has_a_name_and_a_server(rig: Rig) -> None:
    assert rig.channel.name in TRANSPORTS
    assert rig.channel.server


def test_the_factory_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="no channel 'pigeon'"):
        open_channel("pigeon")
    with pytest.raises(TypeError, match="SmtpSettings"):
        open_channel("smtp", FolderSettings())

"""Sample editions: rich, plain, right-to-left, Chinese, hostile, large. All texts are written for these tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digests.model import (
    Carrier,
    Claim,
    Correction,
    Disagreement,
    Edition,
    EntryCount,
    FeedTrouble,
    Held,
    Item,
    ItemKind,
    ItemSource,
    Moment,
    Section,
    Sentence,
    Trust,
)
from digests.reasons import EntryClass, ReasonCode, because
from digests.render.page_links import Links

SLOT = datetime(2026, 3, 17, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

LINKS = Links(
    web="https://digest.example.org/editions/morning-2026-03-17",
    entries="https://digest.example.org/editions/morning-2026-03-17/entries",
    story="https://digest.example.org/stories/{story}",
    unsubscribe="https://digest.example.org/u/V2hhdGV2ZXItdG9rZW4tb2YtZW5vdWdoLWJpdHM",
    settings="https://digest.example.org/settings/V2hhdGV2ZXItdG9rZW4tb2YtZW5vdWdoLWJpdHM",
    more="https://digest.example.org/more/{story}/c2lnbmVkLXRva2VuLWZvci1tb3Jl",
    less="https://digest.example.org/less/{story}/c2lnbmVkLXRva2VuLWZvci1sZXNz",
    operator="editor@digest.example.org",
)
NO_LINKS = Links()


def source(number: int, outlet: str, title: str, **changes: object) -> ItemSource:
    """A source with an address of its own."""
    made = ItemSource(
        article=number,
        outlet=outlet,
        title=title,
        url=(
            f"https://{outlet.lower().replace(' ', '-').encode('ascii', 'ignore').decode() or 'news'}.exampl"
            f"e.com/2026/03/{number}/story.html"
        ),
        published=SLOT - (number % 12) * HOUR,
        language="en",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def bridge() -> Item:
    """Four voices, carriers, sources that differ, a timeline."""
    return Item(
        story="bridge",
        kind=ItemKind.NEW,
        topic="World",
        headline="Ferry pier collapses in Port Hale; at least 12 hurt, harbour closed",
        sentences=(
            Sentence(
                "A wooden ferry pier in Port Hale gave way on Monday evening while some 80 people waited to board.",
                (0, 1),
            ),
            Sentence(
                "At least 12 were taken to hospital, two of them with serious injuries, the fire service said.", (0,)
            ),
            Sentence("The harbour master closed the basin until divers have checked the remaining piles.", (2,)),
            Sentence(
                "An inspection in January had found rot and recommended repairs before the summer season.", (1, 3)
            ),
        ),
        sources=(
            source(
                11,
                "Hale Courier",
                "Pier gives way as evening ferry boards",
                carriers=(
                    Carrier("Northern Wire", "https://northern-wire.example.net/p/11"),
                    Carrier("Daily Dispatch", "https://dispatch.example.net/p/11"),
                    Carrier("Radio Coast"),
                ),
            ),
            source(12, "The Examiner", "Rot was known before pier collapse, report shows"),
            source(13, "Harbour News", "Basin closed after collapse"),
            source(14, "Le Rivage", "Port Hale : le ponton avait été signalé en janvier", language="fr"),
            source(15, "Coast Weekly", "Second pier in Maren is closed for checks", related=True),
        ),
        score=0.93,
        reasons=(
            because(ReasonCode.SOURCES, count=4),
            because(ReasonCode.HOURS_AGO, count=7),
            because(ReasonCode.INTEREST, name="ports and shipping", why=()),
        ),
        language="en",
        disagreements=(
            Disagreement("people hurt", (Claim("12", (0, 2)), Claim("15", (1,)), Claim("“une vingtaine”", (3,)))),
        ),
        timeline=(
            Moment(SLOT - 13 * HOUR, "The pier gives way at 18:04.", 0),
            Moment(SLOT - 11 * HOUR, "The harbour is closed to all traffic.", 2),
            Moment(SLOT - 3 * HOUR, "The January inspection report becomes public.", 1),
        ),
        image="https://images.example.com/pier.jpg",
        image_alt="Broken planks and a lifeboat beside the ferry pier",
    )


def strike() -> Item:
    """An update: one sentence is new, one is what was known."""
    return Item(
        story="strike",
        kind=ItemKind.UPDATE,
        topic="World",
        headline="Rail unions and operators agree on pay, trains to run from Wednesday",
        sentences=(
            Sentence(
                "Rail unions accepted a rise of 4.1 percent over two years late on Monday and called off the strike.",
                (0, 1),
                new=True,
            ),
            Sentence("Trains will run normally from Wednesday, the operators said.", (1,), new=True),
            Sentence("Drivers had walked out on Friday over pay and rest times.", (0,)),
        ),
        sources=(
            source(21, "The Examiner", "Rail strike ends after night of talks"),
            source(22, "Metro Line", "Trains back on Wednesday"),
        ),
        score=0.8,
        reasons=(because(ReasonCode.NEW_DETAILS),),
        language="en",
    )


def vaccine() -> Item:
    """A correction, and a sentence of a model that failed the check."""
    return Item(
        story="vaccine",
        kind=ItemKind.CORRECTION,
        topic="Health",
        headline="Trial of malaria vaccine enrolled 4,800 children, not 48,000",
        sentences=(
            Sentence("The trial in three countries enrolled 4,800 children, the institute says now.", (0,), new=True),
            Sentence("First results are expected in the autumn.", (0, 1), replaced=True),
        ),
        sources=(
            source(31, "Science Desk", "Malaria vaccine trial: corrected figures"),
            source(32, "Health Weekly", "What the malaria trial can and cannot show"),
        ),
        corrections=(
            Correction(0, "48,000 children took part in the trial.", "4,800 children took part in the trial."),
        ),
        language="en",
        method="model",
        reasons=(because(ReasonCode.CHANGED, outlets=("Science Desk",)),),
    )


def solo() -> Item:
    """One voice only."""
    return Item(
        story="orchard",
        kind=ItemKind.NEW,
        topic="Science",
        headline="Orchard bees found to remember a route for nine days",
        sentences=(
            Sentence(
                "Bees that were moved nine kilometres found their orchard again after nine days, a field study says.",
                (0,),
            ),
            Sentence("The authors tagged 214 bees and followed them with a harmonic radar.", (0,)),
        ),
        sources=(source(41, "Field Notes", "How long does a bee remember?"),),
        language="en",
        reasons=(because(ReasonCode.INTEREST, name="insects", why=()),),
    )


def trust(**changes: object) -> Trust:
    """A day with two feeds in trouble."""
    made = Trust(
        feeds_checked=48,
        feeds_failed=2,
        feeds_silent=1,
        troubles=(
            FeedTrouble("Coastal Gazette", "gone", "the feed is gone (410)", SLOT - 50 * HOUR),
            FeedTrouble("Radio Nord", "timeout", "the server did not answer within 20 s", SLOT - 5 * HOUR),
        ),
        entries_seen=1312,
        entries=(
            EntryCount(EntryClass.SHOWN, 16),
            EntryCount(EntryClass.COPIES, 208),
            EntryCount(EntryClass.MUTED, 31),
            EntryCount(EntryClass.HELD, 640),
            EntryCount(EntryClass.SENT, 117),
            EntryCount(EntryClass.BACKLOG, 300),
        ),
        articles_seen=1104,
        stories_seen=211,
        stories_shown=4,
        stories_held=19,
        held=(
            Held(
                "a",
                "Regional cup: results of the second round",
                0.2,
                because(ReasonCode.LOW_SCORE, score=0.2, least=0.3),
            ),
            Held("b", "Minister opens trade fair", 0.19, because(ReasonCode.SAME_TEXT)),
        ),
        single_source=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def rich(**changes: object) -> Edition:
    """Everything an edition can hold, in English."""
    made = Edition(
        id="morning-2026-03-17",
        digest="morning",
        title="Morning Brief",
        slot=SLOT,
        composed=SLOT - timedelta(minutes=4),
        period_start=SLOT - 24 * HOUR,
        period_end=SLOT - timedelta(minutes=5),
        zone="Europe/Berlin",
        language="en",
        sections=(
            Section(
                "World", (bridge(), strike()), "A pier collapse in Port Hale hurt at least 12; the rail strike is over."
            ),
            Section("Health", (vaccine(),)),
            Section("Science", (solo(),)),
        ),
        trust=trust(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def plain() -> Edition:
    """All feeds read, one story, nothing special."""
    return rich(
        sections=(Section("Science", (solo(),)),), trust=trust(feeds_failed=0, feeds_silent=0, troubles=(), held=())
    )


def quiet() -> Edition:
    """All feeds read and nothing new."""
    return rich(sections=(), quiet=True, trust=Trust(feeds_checked=48, entries_seen=12, articles_seen=12))


def broken() -> Edition:
    """Nothing could be read."""
    return rich(sections=(), quiet=True, trust=Trust(feeds_checked=48, feeds_failed=48))


def arabic() -> Edition:
    """Right to left, with a story in English among the others."""
    item = Item(
        story="nahr",
        kind=ItemKind.UPDATE,
        topic="العالم",
        headline="بلدية الميناء تعلن افتتاح جسر المشاة الجديد بعد تأخير دام عامين",
        sentences=(
            Sentence("افتتحت بلدية الميناء صباح الاثنين جسر المشاة الذي يربط ضفتي النهر.", (0,), new=True),
            Sentence("وبلغت كلفة المشروع 14 مليونا بحسب صحيفة Harbour News الناطقة بالإنجليزية.", (0, 1)),
        ),
        sources=(
            source(51, "صوت الميناء", "افتتاح جسر المشاة", language="ar", carriers=(Carrier("وكالة الساحل"),)),
            source(52, "Harbour News", "Footbridge opens at last"),
        ),
        language="ar",
        disagreements=(Disagreement("كلفة المشروع", (Claim("14 مليونا", (0,)), Claim("16 million", (1,)))),),
    )
    return rich(
        title="موجز الصباح",
        language="ar",
        zone="Asia/Beirut",
        sections=(Section("العالم", (item, bridge()), "جسر جديد في المدينة وانهيار رصيف في ميناء آخر."),),
    )


def chinese() -> Edition:
    """Written without blanks."""
    item = Item(
        story="qiao",
        kind=ItemKind.NEW,
        topic="国内",
        headline="老城区步行桥周一开放，两岸居民步行只需六分钟",
        sentences=(
            Sentence("连接老城区两岸的步行桥周一上午正式开放，首日有约两万人走过这座桥。", (0, 1)),
            Sentence("市政府说，工程因为两次洪水推迟了将近两年，总造价比原计划高出一成。", (1,)),
        ),
        sources=(
            source(61, "江边晚报", "步行桥今天开放", language="zh"),
            source(62, "城市新闻", "推迟两年的步行桥终于开放", language="zh"),
        ),
        language="zh",
    )
    return rich(title="早间简报", language="zh", zone="Asia/Shanghai", sections=(Section("国内", (item,)),))


def russian() -> Edition:
    """Cyrillic: two octets a letter, three plural forms."""
    item = Item(
        story="most",
        kind=ItemKind.NEW,
        topic="World",
        headline="В Порт-Хейле обрушился паромный причал, пострадали 12 человек",
        sentences=(
            Sentence(
                "Деревянный паромный причал обрушился в понедельник вечером, когда посадки ждали около 80 человек.",
                (0,),
            ),
            Sentence("Двое из двенадцати пострадавших получили тяжёлые травмы, сообщили пожарные.", (0, 1)),
        ),
        sources=(
            source(71, "Вести порта", "Причал рухнул во время посадки", language="ru"),
            source(72, "Вечерний берег", "Порт закрыт до проверки свай", language="ru"),
        ),
        language="ru",
    )
    return rich(title="Утренний обзор", language="ru", sections=(Section("World", (item,)),))


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'\"--></style></title><svg onload=alert(1)>",
    "{{ 7*7 }}{% for x in range(9) %}",
    "News\r\nBcc: victim@example.net",
    "a\u202egnp.exe\u2066b\x00\x1b[31m",
    "=?utf-8?b?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm5ldA==?=",
)


def hostile(text: str) -> Edition:
    """`text` in every field that a feed, a model or a reader can fill."""
    bad = "javascript:alert(1)"
    item = Item(
        story=text,
        kind=ItemKind.CORRECTION,
        topic=text,
        headline=text,
        sentences=(Sentence(text, (0, 7), new=True), Sentence(text, (0,), replaced=True)),
        sources=(
            ItemSource(
                1, text, text, bad, SLOT, text, (Carrier(text, bad), Carrier(text, "https://ok.example/" + text))
            ),
            ItemSource(2, text, text, "data:text/html," + text, None, None),
        ),
        reasons=(because(ReasonCode.SAYS, words=(text, text)), because(ReasonCode.TEXT, text=text)),
        language=text,
        disagreements=(Disagreement(text, (Claim(text, (0,)), Claim(text, (1,)))),),
        timeline=(Moment(SLOT, text, 0), Moment(SLOT + HOUR, text, 1)),
        corrections=(Correction(0, text, text), Correction(9, text, "", withdrawn=True)),
        image=bad,
        image_alt=text,
        method=text,
    )
    return rich(
        title=text,
        digest=text,
        sections=(Section(text, (item, item), text),),
        trust=trust(
            troubles=(FeedTrouble(text, text, text, SLOT),),
            held=(Held(text, text, 0.1, because(ReasonCode.TEXT, text=text)),),
            notes=(text,),
        ),
    )


def large(stories: int = 60, voices: int = 3, language: str = "en") -> Edition:
    """Many stories of about 90 words with long addresses."""
    pattern = {"en": bridge, "ru": lambda: russian().items[0]}[language]()
    words = " ".join(s.text for s in pattern.sentences)

    def item(number: int) -> Item:
        sources = tuple(
            source(
                number * 10 + v,
                f"Outlet {v} of {number}",
                f"{pattern.headline} ({number}, {v})",
                url=f"https://outlet-{v}.example.com/news/2026/03/17/a-rather-long-slug-as-news-sites-like-them-{number}-{v}.html",
                language=language,
            )
            for v in range(voices)
        )
        sentences = tuple(
            replace(s, sources=(n % voices,))
            for n, s in enumerate((*pattern.sentences, Sentence(words[:160] + ".", (0,))))
        )
        return replace(
            pattern,
            story=f"story-{number}",
            headline=f"{pattern.headline} ({number})",
            sentences=sentences,
            sources=sources,
            disagreements=(),
            timeline=tuple(replace(m, source=0) for m in pattern.timeline),
        )

    items = [item(n) for n in range(stories)]
    size = max(1, stories // 6)
    sections = tuple(Section(f"Topic {n // size + 1}", tuple(items[n : n + size])) for n in range(0, stories, size))
    return rich(language=language, sections=sections, trust=trust(stories_shown=stories))

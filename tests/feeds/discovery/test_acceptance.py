"""Which pages are the article of an entry, by pages that are and pages that only answer in its place."""

from __future__ import annotations

import pytest

from feeds.discovery.acceptance import REASONS, OtherPage, PageProblem, refusal, without_headings
from feeds.discovery.article import extract_article
from feeds.model import Entry, GuidOrigin

LINK = "https://herald.example/2026/03/09/warehouse-fire"
TITLE = "Warehouse fire in Orr kills 12 people"
TEASER = "A fire in a warehouse at the harbour of Orr has killed 12 people, the town's fire brigade said on Monday …"
ARTICLE = (
    "A fire in a warehouse at the harbour of Orr has killed 12 people, the town's fire brigade said on Monday morning.",
    "The flames broke out shortly after midnight in a hall where paint and tyres were stored, chief Ada Brook said.",
    "Some 140 firefighters from Orr and from the neighbouring towns of Vale and Lorn fought the fire until dawn.",
    "The harbour was closed to all ships, and people who live nearby were told to keep their windows shut.",
)
WALLS = {  # title, text: as such pages are written, in own words
    (PageProblem.CONSENT, "en"): (
        "Before you continue",
        (
            "We value your privacy. We and our 812 partners store information on your device to show "
            "personalised advertising. You can change your mind in the settings at any time."
        ),
    ),
    (PageProblem.CONSENT, "de"): (
        "Ihre Privatsphäre ist uns wichtig",
        (
            "Wir und unsere Partner verwenden Cookies, um Werbung zu messen. Lesen Sie weiter mit Werbung "
            "oder mit einem werbefreien Abo. Ihre Einwilligung können Sie jederzeit ändern."
        ),
    ),
    (PageProblem.CONSENT, "fr"): (
        "Le respect de votre vie privée",
        (
            "Avec votre accord, nous et nos 204 partenaires utilisons des cookies pour mesurer l'audience. "
            "Vous pouvez continuer sans accepter ou tout accepter."
        ),
    ),
    (PageProblem.CONSENT, "es"): (
        "Tu privacidad es importante",
        (
            "Nosotros y nuestros 120 socios utilizamos cookies para mostrar publicidad personalizada. "
            "Puedes aceptar todas las cookies o cambiar tu consentimiento."
        ),
    ),
    (PageProblem.LOGIN, "en"): (
        "Sign in to your account",
        (
            "Please sign in to read on. Forgot your password? Don't have an account yet? Create an account "
            "in a minute, it costs nothing and takes only an address."
        ),
    ),
    (PageProblem.LOGIN, "it"): (
        "Accedi",
        (
            "Accedi con il tuo account. Hai già un account? Password dimenticata? Registrati gratis in un "
            "minuto per leggere tutto quello che scriviamo ogni giorno."
        ),
    ),
    (PageProblem.LOGIN, "pl"): (
        "Zaloguj się",
        (
            "Zaloguj się, aby przejść dalej. Nie masz konta? Załóż konto bezpłatnie. Nie pamiętasz hasła? "
            "Wyślemy nowe na podany adres poczty w ciągu minuty."
        ),
    ),
    (PageProblem.LOGIN, "ja"): (
        "ログイン",
        "続けるにはログインが必要です。アカウントをお持ちでない方は新規登録はこちら。パスワードをお忘れの方は再設定してください。",
    ),
    (PageProblem.PAYWALL, "en"): (
        "Subscribe",
        (
            "Subscribe to continue reading. Already a subscriber? Enjoy unlimited access for one coin a "
            "month, cancel anytime. Our newsroom thanks everyone who makes this work possible."
        ),
    ),
    (PageProblem.PAYWALL, "pt"): (
        "Assine",
        (
            "Este conteúdo é exclusivo para assinantes. Já é assinante? Assine agora e tenha acesso "
            "ilimitado a todo o site por um preço único por mês."
        ),
    ),
    (PageProblem.PAYWALL, "nl"): (
        "Abonneren",
        (
            "Dit stuk is alleen voor abonnees. Al abonnee? Neem een abonnement en lees onbeperkt verder, "
            "per maand opzegbaar, met toegang tot het hele archief."
        ),
    ),
    (PageProblem.MISSING, "en"): (
        "Page not found",
        (
            "Sorry, the page you are looking for may have been moved or deleted. Check the address or go "
            "back to the home page, where you find everything we published today."
        ),
    ),
    (PageProblem.MISSING, "ru"): (
        "Страница не найдена",
        (
            "К сожалению, такая страница не существует или была удалена. Вернуться на главную или "
            "воспользоваться поиском по сайту, где есть все материалы за неделю."
        ),
    ),
    (PageProblem.MISSING, "zh"): (
        "页面不存在",
        "抱歉，您访问的页面不存在或已被删除。请检查网址是否正确，或返回首页浏览我们今天发布的其他内容。",
    ),
    (PageProblem.BOT_CHECK, "en"): (
        "Just a moment...",
        (
            "Verify you are human by completing the action below. The site needs to review the security of "
            "your connection before proceeding. Enable JavaScript and cookies to continue."
        ),
    ),
    (PageProblem.BOT_CHECK, "de"): (
        "Einen Augenblick bitte",
        (
            "Wir prüfen, ob Sie kein Roboter sind. Bitte JavaScript und Cookies aktivieren. Ihre Verbindung "
            "wird einige Sekunden lang überprüft, danach geht es weiter."
        ),
    ),
    (PageProblem.BOT_CHECK, "ru"): (
        "Проверка браузера",
        (
            "Подтвердите, что вы не робот. Мы заметили подозрительную активность с вашего адреса. Включите "
            "JavaScript и файлы cookie, чтобы продолжить работу с сайтом."
        ),
    ),
}


def entry(title: str = TITLE, text: str = TEASER, link: str = LINK) -> Entry:
    return Entry("g", GuidOrigin.GUID, title, link=link, text=text)


def judged(
    one: Entry, title: str, *paragraphs: str, url: str = LINK, head: str = "", others: tuple[OtherPage, ...] = ()
) -> PageProblem | None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    page = (
        f"<!doctype html><html><head><meta charset=utf-8><title>{title}</title>{head}</head><body><main>"
        f"<article><h1>{title}</h1>{text}</article></main></body></html>"
    )
    return refusal(one, extract_article(page.encode(), url), url, others)


@pytest.mark.parametrize(("wall", "page"), WALLS.items(), ids=[f"{kind} {language}" for kind, language in WALLS])
def test_a_wall_is_refused_by_its_name(wall: tuple[PageProblem, str], page: tuple[str, str]) -> None:
    title, text = page
    assert judged(entry(), title, text) is wall[0]
    assert judged(entry(text=""), title, text) is wall[0], "also where there is no teaser"
    if wall[1] != "zh":
        assert judged(entry(), TITLE, TEASER, text) is wall[0], "also where it repeats title and teaser"
    assert judged(entry(), "Herald", text) is wall[0], "also where only the text says so"


@pytest.mark.parametrize(
    ("one", "title"),
    [
        (entry(), TITLE),
        (entry(), "Harbour fire: what we know"),
        (entry(text=""), TITLE),
        (entry(title="Fire", text=""), "Fire"),
        (entry(text="The best of the coast, sifted."), TITLE),
        (
            entry(
                title="Night of grief",
                text="Paint and tyres burned in a hall at the port of Orr; 140 firefighters came.",
            ),
            "Herald",
        ),
        (
            entry(text="Ada Brook about a night in which tyres burned, ships waited, and a dozen did not come home."),
            TITLE,
        ),
        (entry(text="Twelve workers dead, says chief Brook. By our own correspondent."), f"{TITLE} | Herald"),
    ],
    ids=[
        "as is",
        "other title",
        "no teaser",
        "short",
        "tagline",
        "own title and summary",
        "own summary",
        "site in title",
    ],
)
def test_the_article_is_accepted_whatever_its_teaser(one: Entry, title: str) -> None:
    assert judged(one, title, *ARTICLE) is None


@pytest.mark.parametrize(
    ("title", "teaser", "paragraphs"),
    [
        (
            "Großbrand im Hafen von Orr",
            "Zwölf Menschen starben bei einem Brand in einer Lagerhalle …",
            (
                (
                    "Bei einem Brand in einer Lagerhalle am Hafen sind zwölf Menschen gestorben, teilte die "
                    "Feuerwehr mit."
                ),
                "Die Flammen brachen kurz nach Mitternacht aus. In der Halle lagerten Farben und Reifen.",
            ),
        ),
        (
            "Пожар на складе в Орре",
            "Двенадцать человек погибли при пожаре на складе в порту …",
            (
                "При пожаре на складе в порту погибли двенадцать человек, сообщили пожарные в понедельник.",
                "Огонь вспыхнул вскоре после полуночи. На складе хранились краски и шины.",
            ),
        ),
        (
            "奥尔港口仓库火灾造成十二人死亡",
            "奥尔港口一处仓库发生火灾……",
            (
                "消防部门周一表示，奥尔港口一处仓库发生火灾，造成十二人死亡。火势于午夜过后不久在存放油漆和轮胎的大厅爆发。",
                "来自邻近城镇的一百四十名消防员奋战至黎明。港口对所有船只关闭，附近居民被告知关好窗户。",
            ),
        ),
        (
            "オールの倉庫火災で12人死亡",
            "港の倉庫で火災が発生し…",
            (
                "オールの港の倉庫で火災が発生し、12人が死亡したと消防が月曜日に発表した。",
                "火は真夜中過ぎに塗料とタイヤを保管する倉庫から出た。近隣の町から140人の消防士が駆けつけ、明け方まで消火にあたった。",
            ),
        ),
        (
            "حريق في مستودع يقتل 12 شخصا",
            "قتل 12 شخصا في حريق بمستودع في ميناء أور …",
            (
                "قتل 12 شخصا في حريق بمستودع في ميناء أور حسبما أعلنت فرقة الإطفاء يوم الاثنين.",
                "اندلعت النيران بعد منتصف الليل بقليل في قاعة كانت تخزن فيها الدهانات والإطارات.",
            ),
        ),
    ],
)
def test_articles_are_accepted_in_every_script(title: str, teaser: str, paragraphs: tuple[str, ...]) -> None:
    assert judged(entry(title, teaser), f"{title} - Herald", *paragraphs, *paragraphs) is None
    assert judged(entry(title, teaser), "Herald", *ARTICLE) is not None


@pytest.mark.parametrize(
    ("link", "final"),
    [
        (LINK, "https://herald.example/"),
        (LINK, "https://www.herald.example/index.html"),
        (LINK, "https://other.example/"),
        (LINK, "https://herald.example/en/"),
        (LINK, "https://herald.example/2026/03/"),
        ("https://herald.example/?p=4711", "https://herald.example/"),
    ],
)
def test_a_link_that_leads_to_a_front_page_is_refused(link: str, final: str) -> None:
    assert judged(entry(link=link), "Herald", TITLE, TEASER, *ARTICLE, url=final) is PageProblem.HOME


@pytest.mark.parametrize(
    ("final", "kind"),
    [
        ("https://herald.example/login?next=/warehouse-fire", PageProblem.LOGIN),
        ("https://consent.herald.example/?to=x", PageProblem.CONSENT),
        ("https://herald.example/subscribe/", PageProblem.PAYWALL),
        ("https://herald.example/404.html", PageProblem.MISSING),
    ],
)
def test_a_redirect_to_a_wall_is_named(final: str, kind: PageProblem) -> None:
    assert judged(entry(), "Herald", *ARTICLE, url=final) is kind


@pytest.mark.parametrize(
    "final",
    [
        "https://www.herald.example/2026/03/09/warehouse-fire/",
        "https://herald.example/news/4711-warehouse-fire",
        LINK + "?amp=1",
    ],
)
def test_a_redirect_to_the_article_is_followed(final: str) -> None:
    assert judged(entry(), TITLE, *ARTICLE, url=final) is None


def test_the_front_page_in_place_of_the_article_is_refused() -> None:
    news = [
        f"{subject} {verb} after a long debate in the council"
        for subject in ("The ferry line", "A new school", "The old mill", "The swimming pool")
        for verb in ("opens", "closes", "moves")
    ]
    front = '<link rel="canonical" href="https://herald.example/">'
    assert judged(entry(), "Herald - News of the coast", *news, TITLE, TEASER, *news, head=front) is PageProblem.HOME
    assert judged(entry(), "Herald", *news, TITLE, TEASER, *news) is PageProblem.OTHER


def test_an_article_about_walls_is_an_article() -> None:
    title, teaser = "Page not found: how newspapers lose their archives", "Whole archives answer with page not found."
    text = (
        "Whole archives answer with page not found, a study of 300 newspapers has shown this week.",
        "Archives are lost when newspapers move to another system and nobody keeps the old links.",
        "The study asks newspapers to keep their archives, and libraries to help with old links.",
    )
    assert judged(entry(title, teaser), title, *text) is None
    title, teaser = "Regulator fines Herald over cookie banner", "The regulator fined the Herald for its cookie banner."
    text = (
        "The regulator fined the Herald for its cookie banner, which had no button to reject all cookies.",
        "The banner said we and our partners use cookies, and offered to accept all, the regulator wrote.",
        "The Herald said that it has changed the banner, and that readers can withdraw their consent.",
    )
    assert judged(entry(title, teaser), title, *text) is None


def test_one_text_under_several_links_is_the_article_of_none() -> None:
    # With the words of each teaser in it, and no phrase that gives it away.
    notice = (
        "The harbour desk has moved house and will be with you again soon, dear friends.",
        ("Until then the fire, the council and the ferry have to wait for the people who write about them here."),
    )
    other = OtherPage("Council keeps the ferry", "\n".join(notice))
    assert judged(entry(), TITLE, TEASER, *notice, *ARTICLE[:1]) is not PageProblem.REPEATED
    assert judged(entry(), TITLE, *notice, others=(other,)) is PageProblem.REPEATED
    assert judged(entry(), TITLE, *ARTICLE, others=(other,)) is None
    same = OtherPage("Warehouse fire in Orr kills 12", "\n".join(ARTICLE))
    assert judged(entry(), TITLE, *ARTICLE, others=(same,)) is None, "one article under two links is no wall"


def test_headings_are_no_sentences_of_the_text() -> None:
    body = "\n".join(ARTICLE)
    for line in (TITLE, f"{TITLE} | Herald", TITLE.upper(), f"{TITLE}."):
        assert without_headings(f"{line}\n{body}", (TITLE,)) == body
    assert without_headings(f"Orr\n{TITLE}\n{body}", (TITLE,)) == f"Orr\n{body}"
    assert without_headings(body, (TITLE, "", "A fire")) == body


def test_every_refusal_has_words() -> None:
    assert set(REASONS) == set(PageProblem)


@pytest.mark.parametrize(
    "text",
    [
        (
            "Get our daily briefing. Enter your email address and you will receive the best stories of the day every "
            "morning. You can unsubscribe at any time with one click."
        ),
        (
            "Laden Sie unsere App herunter und lesen Sie die besten Geschichten des Tages unterwegs, ohne Werbung und "
            "mit vielen Vorteilen für treue Leser."
        ),
        (
            "Esta página se está actualizando en este momento. Vuelve en unos minutos, gracias por tu paciencia y "
            "disculpa las molestias."
        ),
    ],
    ids=["newsletter", "app", "maintenance"],
)
def test_an_invitation_under_the_title_of_the_entry_is_not_its_article(text: str) -> None:
    assert judged(entry(), TITLE, text) is PageProblem.OTHER

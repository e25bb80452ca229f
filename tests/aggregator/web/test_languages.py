"""The reading pages in the configured language, else in the one that the browser asks for."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

import aggregator.web
from aggregator.recipients.wording import wording
from aggregator.store.stories import stories as story_store
from aggregator.web.site.pages import Site
from tests.support.apps import DIGEST, app_of, newsroom
from tests.support.managing import client_of, grouped, press

TEMPLATES = Path(aggregator.web.__file__).parent / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_NOT_WORDS = re.compile(r"<(code|kbd|script|style)\b[^>]*>.*?</\1>|<[^>]*>|&\w+;", re.DOTALL)
_LABEL = re.compile(r"\b(?:aria-label|title|alt|placeholder)=\"([^\"]*)\"")


@pytest.mark.parametrize("file", PAGES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_no_text_of_a_template_is_outside_the_catalogues(file: Path) -> None:
    markup = _JINJA.sub("", file.read_text("utf-8"))
    assert not re.search(r"[^\W\d_]", " ".join(_LABEL.findall(markup)))
    assert not re.search(r"[^\W\d_]", _NOT_WORDS.sub("", markup))


@pytest.mark.anyio
async def test_pages_are_in_the_language_that_the_browser_asks_for(tmp_path: Path) -> None:
    with newsroom(tmp_path, "northwire", "harbour") as (program, _, _server):
        await program.fetching.fetch()
        await grouped(program)
        (edition,) = await program.editions.send("daily")
        async with client_of(program) as client:
            client.headers["accept-language"] = "de-CH,de;q=0.9,en;q=0.5"
            front = await client.get("/")
            assert '<html lang="de" dir="ltr">' in front.text
            assert "<h1>Ausgaben</h1>" in front.text
            assert "Accept-Language" in front.headers["vary"]
            assert "November 2026" in front.text
            assert " Meldungen" in front.text
            story = (await client.get(f"/stories/{edition.items[0].story}")).text
            assert "Was Ausgaben dazu schrieben" in story
            assert "Zeitleiste" in story or "Verlauf" in story  # of the catalogue of editions
            assert "Keine Treffer." in (await client.get("/search?q=nothing-at-all")).text
            client.headers["accept-language"] = "ar"
            assert '<html lang="ar" dir="rtl">' in (await client.get("/search")).text
            client.headers["accept-language"] = "nl"
            assert '<html lang="en" dir="ltr">' in (await client.get("/search")).text
        await program.aclose()


@pytest.mark.anyio
async def test_the_configured_language_comes_first(tmp_path: Path) -> None:
    with app_of(tmp_path, '[web]\nlanguage = "fr"\n' + DIGEST) as program:
        async with client_of(program) as client:
            page = await client.get("/", headers={"accept-language": "de"})
            assert "Pas encore d’édition." in page.text
        files = dict(Site(program, ["daily"]).files())
        assert '<html lang="fr"' in files["search.html"].decode()
        await program.aclose()


@pytest.mark.anyio
async def test_management_pages_are_in_the_language_of_the_browser(tmp_path: Path) -> None:
    down = '[[feed]]\nurl = "http://127.0.0.1:9/feed"\nname = "Down"\nallow_private = true\n'
    with newsroom(tmp_path, "northwire", more=down + DIGEST) as (program, _, _server):
        await program.fetching.fetch()
        await grouped(program)
        async with client_of(program) as client:
            client.headers["accept-language"] = "uk"
            feeds = (await client.get("/manage/feeds")).text
            assert "читання: 1 хвилину тому" in feeds
            assert "IP-адреса не з відкритого інтернету" in feeds
            (path,) = re.findall(r'href="(/manage/feeds/\d+)">Down<', feeds)
            feed = (await client.get(path)).text
            assert "Якщо стрічка у вашій мережі й ви їй довіряєте" in feed
            assert 'lang="en" dir="ltr">127.0.0.1:9 is not' in feed or "127.0.0.1" in feed
            client.headers["accept-language"] = "ar"
            digests = await client.get("/manage/digests")
            assert '<html lang="ar" dir="rtl">' in digests.text
            assert '<h1 dir="auto">الملخصات</h1>' in digests.text
            error = await client.get("/search?q=(fog")
            assert "العمود 5: ينتهي الاستعلام مبكرًا" in error.text
            (story,) = story_store.stories(program.db)[:1]
            history = (await client.get(f"/stories/{story.id}")).text
            assert "افتتح القصة" in history
        await program.aclose()


@pytest.mark.anyio
async def test_problems_of_a_form_and_of_the_file_are_in_the_language_of_the_browser(tmp_path: Path) -> None:
    with app_of(tmp_path, '[[rule]]\nname = "old"\nquery = "a"\naction = "mute"\n' + DIGEST) as program:
        async with client_of(program) as client:
            client.headers["accept-language"] = "de"
            rules = await client.get("/manage/rules/change")
            for values, shown in (
                ({"query": "a AND (b"}, "die Abfrage ist ab Spalte 9 nicht lesbar: "),
                ({"query": "a", "name": "old"}, "Name: „old“ kommt doppelt vor"),
                ({"query": "a", "action_of": "boost"}, "Wert: für „heben oder senken“ (boost) fehlt eine Zahl"),
                (
                    {"query": "a", "action_of": "explode"},
                    "„explode“ ist kein gültiger Wert; erwartet wird eines von drop",
                ),
                ({"query": "a", "name": ""}, "darf nicht leer sein"),
            ):
                wrong = await press(client, rules, "Speichern", **({"name": "n", "action_of": "mute"} | values))
                assert wrong.status_code == 422
                assert shown in unescape(wrong.text), (values, wrong.text)
                assert not re.search(r"the query|expected|ends too early", wrong.text)
            alerts = await client.get("/manage/alerts/change")
            wrong = await press(client, alerts, "Speichern", name="a b", query="a", to="pigeon:x", quiet_hours="night")
            for shown in ("ist in einer List-Id nicht erlaubt", "einen Kanal 'pigeon' gibt es nicht", "sind keine Uhr"):
                assert shown in unescape(wrong.text)
            program.config.path.write_text("[[rule]]\nnames = 3\n", "utf-8")
            broken = unescape((await client.get("/manage/rules")).text)
            assert "config.toml:2: rule[0].names: unbekannter Schlüssel" in broken


@pytest.mark.anyio
@pytest.mark.parametrize(("chosen", "shown"), [("", "19:"), ('zone = "Asia/Tokyo"\n', "03:")])
async def test_times_are_in_the_zone_of_the_first_digest_unless_the_pages_have_their_own(
    tmp_path: Path, chosen: str, shown: str
) -> None:
    berlin = DIGEST.replace('zone = "UTC"', 'zone = "Europe/Berlin"')
    with newsroom(tmp_path, "northwire", more=f"[web]\n{chosen}{berlin}") as (program, clock, _server):
        await program.fetching.fetch()
        await grouped(program)
        assert clock.now().hour == 18, "of UTC"
        async with client_of(program) as client:
            times = re.findall(r"<time datetime=[^>]*>([^<]*)<", (await client.get("/manage/feeds/1")).text)
            assert times
            assert all(f", {shown}" in one for one in times), times
        await program.aclose()


@pytest.mark.parametrize(
    ("count", "shown"), [(1, "1 получатель"), (3, "3 получателя"), (11, "11 получателей"), (21, "21 получатель")]
)
def test_counted_recipients_have_the_forms_of_their_language(count: int, shown: str) -> None:
    assert wording("ru").n("{count} recipient", "{count} recipients", count) == shown

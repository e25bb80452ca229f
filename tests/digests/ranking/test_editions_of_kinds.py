"""Editions of other kinds than general news: a hobby, four languages, a town. All texts are invented."""

from __future__ import annotations

from digests.choose import choose
from digests.model import DigestSpec, Form, Pick, Story
from tests.support.stories import NOW, source, story

# Title and outlets of each story, in no order.
CHESS = {
    "puzzle": ("Puzzle of the day: white to move and win", 3),
    "title": ("Ivo Marn wins the world chess title after fourteen games", 9),
    "offer": ("Save 40% on chess clocks this weekend", 3),
    "ban": ("Grandmaster Lena Brod banned for two years over engine use", 6),
    "list": ("10 openings every beginner should know", 2),
    "vote": ("Chess federation elects Otto Havel president", 5),
    "preview": ("Preview: round five of the Orr Open", 2),
    "open": ("Sara Quill leads the Orr Open after beating two grandmasters", 4),
    "prodigy": ("Boy of eleven becomes the youngest grandmaster in Hale", 5),
    "club": ("Club night in Lund moves to Thursday", 1),
    "opinion": ("Opinion: Rapid games ruin the endgame", 3),
    "review": ("Review: A book of rook endings", 1),
    **{f"game {n}": (f"Player {n} draws a long game in the {n}th round of a chess league", 1) for n in range(2, 22)},
}
FOUR = {
    "quake": ("de", "Erdbeben in Orr: mindestens 40 Tote, Tausende obdachlos", 7),
    "strike": ("fr", "Grève générale : le gouvernement de Hale démissionne", 6),
    "talks": ("en", "Ceasefire talks in Port Hale end without a deal", 5),
    "rates": ("uk", "Центральний банк знизив ставку до десяти відсотків", 4),
    "flood": ("en", "Floods in Lund force five thousand people from their homes", 4),
    "recipe": ("fr", "Recette : la tarte aux pommes de grand-mère", 3),
    "stars": ("de", "Horoskop: Das sagen die Sterne heute", 3),
    "dress": ("en", "Actress stuns in a green dress at the gala", 3),
    "quiz": ("uk", "Тест: чи знаєте ви столиці Європи?", 3),
    **{
        f"{code} {n}": (code, f"{word} {n} — {word} {n + 40}", 1)
        for code, word in (("de", "Gemeinde"), ("fr", "Commune"), ("uk", "Громада"), ("en", "Parish"))
        for n in range(4)
    },
}
TOWN = {
    "bridge": ("Old bridge in Orr closes for two years, council decides", 4),
    "fire": ("Fire destroys paper mill in Orr, 200 jobs lost", 5),
    "school": ("Orr council approves a new secondary school", 3),
    "crash": ("Two killed in crash on the road to Lund", 4),
    "mayor": ("Mayor of Orr resigns over building permits", 5),
    "offer": ("Deals of the week: 30% off garden chairs in Orr", 3),
    "fair": ("What's on in Orr: five things to do this weekend", 3),
    "result": ("Orr Rovers 2-1 Lund United", 2),
    "obituary": ("Obituary: Anna Brod, baker of Orr", 1),
    **{f"note {n}": (f"Orr street number {n} gets a new lamp", 1) for n in range(12)},
}


def edition(stories: list[Story]) -> list[Pick]:
    """The stories of an edition of twenty in reading order."""
    return list(choose(stories, {}, DigestSpec("day", max_stories=20, max_words=5000), NOW).picks)


def made(number: int, name: str, title: str, outlets: int, language: str, topic: str) -> Story:
    """A story of one title, from so many outlets."""
    voices = (source(number * 100 + n, title, f"{title}.", language=language) for n in range(outlets))
    return story(name, *voices, topic=topic)


def test_a_digest_of_one_hobby_leads_with_its_biggest_news() -> None:
    picks = edition([made(n, name, *of, "en", "Sport") for n, (name, of) in enumerate(CHESS.items())])
    first = [pick.story.id for pick in sorted(picks, key=lambda pick: -pick.score)[:5]]
    assert first[0] == "title"
    assert set(first) == {"title", "ban", "vote", "prodigy", "open"}
    assert {pick.story.id for pick in picks if pick.form is Form.REPORT}.isdisjoint({"puzzle", "list", "preview"})
    assert "offer" not in {pick.story.id for pick in picks}
    assert picks[0].form is Form.REPORT


def test_a_digest_in_four_languages_ranks_by_the_event_and_not_by_the_language() -> None:
    picks = edition(
        [made(n, name, title, outlets, code, "World") for n, (name, (code, title, outlets)) in enumerate(FOUR.items())]
    )
    first = [pick.story.id for pick in sorted(picks, key=lambda pick: -pick.score)[:5]]
    assert first[0] == "quake"
    assert set(first) == {"quake", "strike", "talks", "rates", "flood"}


def test_a_digest_of_a_town_leads_with_what_changes_the_town() -> None:
    picks = edition([made(n, name, *of, "en", "World") for n, (name, of) in enumerate(TOWN.items())])
    first = [pick.story.id for pick in sorted(picks, key=lambda pick: -pick.score)[:5]]
    assert set(first[:3]) == {"fire", "mayor", "crash"}
    assert set(first) == {"fire", "mayor", "crash", "bridge", "school"}
    assert "offer" not in {pick.story.id for pick in picks}

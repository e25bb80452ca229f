"""The headline of a story: the most informative title of its sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from digests.language import names, numbers
from digests.language.detect import language_code
from digests.language.stems import latin
from digests.language.tokens import raw, sentence_terms, without_possessive, word_count
from digests.model import Source, Story
from digests.ranking import forms, importance
from digests.summarize import candidates, standalone
from digests.summarize.changes.developments import developments

_TAIL = re.compile(r"\s+(?:[|•·»:]|[-–—])\s+([^|•·»–—]{2,48})$")
_LABEL = re.compile(
    r"^(?:\(?(?:live|live updates?|breaking(?: news)?|watch|video|update[ds]?|correct(?:ed|ion)|exclusive|opinion|"
    r"analysis|explainer|photos?|"
    r"liveblog|eilmeldung|eil|korrigiert|korrektur|rectificatif|corregido|corrección|исправлено|виправлено|en direct|"
    r"direct|en vivo|última hora|срочно|видео|відео|терміново)\)?\s*(?:[:|]|\s[-–—])\s*)+",
    re.IGNORECASE,
)
# The same behind the title: "– as it happened", "(Updating Live)", "- follow live".
_END_LABEL = re.compile(
    r"(?:\s*[-–—:|,]\s*|\s*\(|\s+(?=im live))(?:as it happened|(?:follow |updating |watch )?live(?: updates?| blog)?|"
    r"(?:latest |live )?updates|im liveticker|liveticker|live-ticker|en direct|suivez en direct|en vivo|en directo|"
    r"in diretta|ao vivo|онлайн|наживо)\)?$|"
    r"\s*[(\[](?:exclusive(?: \w+)?|watch|videos?|photos?|pictured|exklusiv|exclusivité|exclusiva|esclusiva|vídeos?|"
    r"fotos?|фото|видео|відео)[)\]]$",
    re.IGNORECASE,
)
# A name of the running coverage before the news: "Middle East crisis live: …", "Day 13 of the war - …".
_RUNNING = re.compile(
    r"^(?:[^:|]{3,40}\s(?:live(?: updates?| blog)?|liveblog|liveticker|en direct|en vivo|en directo|in diretta|ao vivo|"
    r"онлайн|наживо|briefing|(?:morning )?news|latest|updates?|nachrichten|news am \w+|aktuell|actualités?|infos|"
    r"noticias|notizie|notícias|новости|новини)\s*[:|]\s*|"
    r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\s*[-–—:|]\s+|"
    r"(?:day|tag|jour|día|giorno|dia|день) \d+ [^:|–—]{3,40}?(?:\s*[:|]|\s[-–—])\s+)"
    r"(?=(?:\S+\s+){3})",
    re.IGNORECASE,
)
# What a title promises behind its news: "… - Here's what to know", ". Das müssen Sie wissen".
_PROMISE = re.compile(
    r"\s*(?:[.:;?!,]|[-–—])\s+(?:here(?:['’]s| is| are)\b(?! to\b)|this is (?:how|why|what)\b|"
    r"what (?:we know|(?:you )?(?:need )?to know)|"
    r"(?:das|was) (?:müssen|sollten|wir|bisher|man|sie|jetzt)\b|ce (?:que|qu['’]on|qu['’]il)\b|"
    r"lo que (?:se|hay|debes|sabemos)|cosa (?:sappiamo|sapere)|o que (?:se|sabemos|você)|"
    r"(?:вот )?что (?:известно|нужно)|що (?:відомо|треба|потрібно)).*$",
    re.IGNORECASE,
)
# That somebody spoke or a thing was revealed, without what: "gives update on wildfires", "cause of death revealed". A
# title that says with what somebody responds is none of them; where the police respond, something happened.
_UNTOLD = re.compile(
    r"\[spoilers?\b|\b(?:gives?|shares?|provides?|issues?|offers?) (?:an? )?(?:\w+ )?updates?\b|\brevealed\W*$|"
    r"\b(?:breaks? (?:(?:his|her|their) )?silence|speaks? out|weighs? in|sounds? off)\b|"
    r"\bopens? up(?: (?:about|on)\b|\W*$)|"
    r"(?<!police )(?<!crews )(?<!firefighters )(?<!officers )(?<!deputies )(?<!troopers )(?<!paramedics )"
    r"\b(?:reacts?|responds?) to\b(?!.* (?:by|with)\b)|"
    r"\b(?:äußert sich|bricht (?:sein|ihr) schweigen|reagiert auf|gibt (?:ein )?update)\b|"
    r"\b(?:réagit à|s['’]exprime sur|sort du silence|brise le silence|fait le point)\b|"
    r"\b(?:reacciona a|rompe el silencio|se pronuncia|responde a)\b|"
    r"\b(?:rompe il silenzio|reagisce a|commenta)\b|\b(?:quebra o silêncio|reage a)\b|"
    r"\b(?:прокомментировал[аи]?|отреагировал[аи]?|высказал(?:ся|ась|ись)|прокоментува(?:в|ла|ли)|відреагува(?:в|ла|ли))\b",
    re.IGNORECASE,
)
_KEPT = 4  # words that a title must keep without its promise
_AS_HEADLINE = 30  # words of a first sentence that can take the place of a damaged title
_INSTEAD_OF_RIDDLE = 20  # the same of a title that holds back its news
_FEW = 5  # words of a title that may be a riddle, such as "He said yes"
_LONG, _PART = 18, 8  # words from which a title is cut at a semicolon, and words that its first part must have
# A large first letter, which markup separates from its word: "N ot everyone". "A", "I" and "O" are words.
_DROP_CAP = re.compile(r"^([B-HJ-NP-TW-Z]) ([a-z]{2,})\b")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_OLD, _A_DAY = 0.4, 24.0  # loss of a title that is a day older than the newest one: it lacks the latest facts
_SUPERSEDED = 0.2  # loss of a title whose outlet has a newer article on the event
_LEADING = 0.15  # gain of a title whose article has the first sentence of the summary
_OUTCOME = 0.4  # gain of a title that says what came of it: arrested, sentenced, dead
_AFTER = re.compile(r"^(?:after|as|before|when|nachdem|als|après qu['’]|quand|cuando|dopo che|quando) ", re.IGNORECASE)
_QUOTE = re.compile(r"^[\"“”„«‘'][^\"“”„«»‘]*[\"“”»’']\W*$")
_UNNAMED = 0.8  # loss of a title that begins with a pronoun, so that nobody knows who: "He couldn't speak"
_DOUBLED = 0.4  # loss of a title that has the same two words twice, or a word behind itself
_DAMAGED = 0.6  # loss of a title that was cut off
_BEGUN = 3  # words of a title that the text has behind a name and a colon, if the feed cut off that name
_PART_OF_WORD = 3  # letters of the part of a compound that a cut title ends with
# Names that a column deals with: "AL East Notes: Gil, Bastardo, Lux".
_CAPITAL = r"[^\W\d_a-zß-öø-ÿа-яёіїєґ][\w.'’-]+"
_NAMED = rf"{_CAPITAL}(?: {_CAPITAL})?"
_LISTING = re.compile(rf"^[^:,]{{3,40}}: (?:{_NAMED}, )+(?:and |& )?{_NAMED}$")
_BAIT = re.compile(
    r"you won't believe|what happens? next|this is why|here(?:['’]s| is| are) |things "
    r"(?:you|to) (?:need to )?know|"
    r"everything you need|what (?:we|you) (?:need to )?know|\bshock(?:ing|ed|s)?\b|\bstunn(?:ing|ed|s)\b|"
    r"jaw-dropping|\bshocker (?:as|after)\b|goes viral|reacts?\b|"
    r"the internet|\bslam(?:s|med)?\b|\bblast(?:s|ed)\b|\bepic\b|"
    r"(?<!\d)\d+ (?:reasons|ways|things)|must[- ](?:see|read)|"
    r"secret to|^(?:see|watch|witness|read|listen|look|meet|explore|inside|tracking|mapping)\b|^maps?\b|"
    r"\b(?:grades|power rankings|bracket|draft) (?:for|of|order|picks)\b|\b(?:picks|takeaways|and more)(?=:|$)|"
    r"(?:issues?|gets?|gives?|drops?) (?:a )?(?:major|big|huge) (?:update|announcement|change|news)|"
    r"\b(?:brackets?|results|scores?|schedules?|odds|picks),? (?:and |& )?"
    r"(?:results|scores?|schedules?|stats|picks|odds)\b|"
    r"\b(?:issues?|releases?) (?:a )?statement\b|"
    r"\b(?:predictions|rankings|highlights|preview|tracker)\W*$|\bdrops? (?:an? |some )?(?:\w+ )?hints?\b|"
    r"\b(?:extraordinary|incredible|amazing|surprising) (?:map|chart|photos?|videos?|images?|reasons?|moment)\b|"
    r"\bgame recap\b|\blive scores?\b|\bbox score\b|\ba look (?:back|inside|at)\b|"
    r"\bjust (?:hit|got|did|made|became)\b|\bwild\b|\binsane\b|mind-blowing|"
    r"\breveal(?:s|ed)(?= how\b| why\b| what\b|$)|"
    r"how to (?:test|watch|spot|tell|avoid|get)\b|what to (?:avoid|expect|watch|look)\b|\bwas \d{2,3}$|"
    r"das müssen sie|so reagiert|ce qu'il faut savoir|lo que (?:debes|hay que) saber|вы не поверите|шок",
    re.IGNORECASE,
)


def without_outlet(title: str, outlets: Iterable[str] = ()) -> str:
    """Return a title without the outlet's name, labels such as `LIVE:`, and promises such as `Here's what to know`."""
    title = without_tail(title, outlets)
    stripped = _first_part(_without_promise(_RUNNING.sub("", _END_LABEL.sub("", _LABEL.sub("", title)))))
    return (stripped[:1].upper() + stripped[1:] if stripped != title else title).strip() or title


def without_tail(title: str, outlets: Iterable[str] = ()) -> str:
    """Return a title without invisible characters and the outlet's name at its end.

    Text after a bar is removed; text after a dash only when it is the outlet's name or ends as the name of an outlet
    does.
    """
    title = _DROP_CAP.sub(r"\1\2", " ".join(_INVISIBLE.sub("", title).split()))
    known = {o.casefold().strip() for o in outlets if o}
    while match := _TAIL.search(title):
        tail = match[1].strip()
        bar = match.group().lstrip()[0] in "|•·»"
        if not (bar or _is_outlet(tail, known)) or match.start() < 12:
            break
        title = title[: match.start()]
    return title


def _without_promise(title: str) -> str:
    shorter = _PROMISE.sub("", title)
    return shorter if word_count(shorter) >= _KEPT else title


def _first_part(title: str) -> str:
    """Return a long title up to its first semicolon, if the part before that says enough."""
    part, found, _ = title.partition("; ")
    return part if found and word_count(title) > _LONG and word_count(part) >= _PART else title


def _names_outlet(title: str, outlet: str) -> bool:
    """Whether a title is only the name of the outlet, as written or as in its host."""
    bare = re.sub(r"\W+", "", title).casefold()
    parts = re.split(r"[./]", outlet.casefold())
    return len(bare) > 3 and (bare in parts or bare == re.sub(r"\W+", "", outlet).casefold())


def _is_outlet(tail: str, known: set[str]) -> bool:
    low = tail.casefold()
    if any(low == name or low in name or (len(name) > 3 and name in low) for name in known):
        return True
    return len(tail.split()) <= 2 and bool(
        re.search(r"\.(?:com|org|net|de|fr|ru|ua|co\.uk|it|es)$|\b(?:news|times|post)$", low)
    )


def _worth(title: str, language: str, centre: Counter[str], known: frozenset[str], hours: float) -> float:
    """Return how informative a title is; `hours` is how much older than the newest one it is.

    `known` are the names of the story; where each word of a title is capitalised, only these are names.
    """
    own = set(sentence_terms(title, language))
    length = word_count(title)
    if not own:
        return -10.0
    score = sum(min(centre[t], 4) for t in own) / (len(own) + 3)
    if known and names.is_title_case(title):
        named = known.intersection(map(latin, map(without_possessive, raw(title))))
    else:
        named = names.last_words(title, language)
    score += 0.3 * min(2, len(named)) + 0.25 * min(1, len(numbers.numbers_in(title, language)))
    score -= 0.08 * max(0, 6 - length) + 0.05 * max(0, length - 16)
    score -= _UNNAMED * _begins_with_pronoun(title, language) + _DOUBLED * _says_twice(title)
    score -= 1.5 * bool(_BAIT.search(title)) + 0.6 * _is_untold(title, language) + 0.3 * ("!" in title)
    score -= 1.0 * importance.is_teaser(title, language) + 0.8 * bool(_QUOTE.match(title))
    score += _OUTCOME * bool(developments(title, language)) - _OLD * min(1.0, hours / _A_DAY)
    return score - 0.6 * (title.isupper() and len(title) > 12)


def _begins_with_pronoun(title: str, language: str) -> bool:
    return standalone.begins_with_pronoun(_AFTER.sub("", title), language)


def _says_twice(title: str) -> bool:
    words = [without_possessive(word).casefold() for word in raw(title)]
    pairs = list(pairwise(words))
    return len(set(pairs)) < len(pairs) or any(one == other and len(one) > 2 for one, other in pairs)


def _names_of(sources: Iterable[Source], language: str | None) -> frozenset[str]:
    """Return the last words of the names in the texts and in the titles that are written as sentences."""
    found: set[str] = set()
    for source in sources:
        code = source.language or language
        title = "" if names.is_title_case(source.title) else source.title
        found |= names.last_words(f"{title}\n{source.text[:600]}", code)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Titled:
    """A possible headline: the title of an article, or the first sentence in place of a title without news.

    `source` is the position of the article in the story. `worth` says how informative it is; the highest is best.
    """

    text: str
    source: int
    language: str
    worth: float


def best_title(story: Story, language: str = "", fresh: Collection[int] = (), leading: Collection[int] = ()) -> str:
    """Return the title that covers most of what the sources agree on, in the digest's language if there is one.

    `leading` are the positions of the sources of the summary's first sentence: one of their titles is preferred, so
    that headline and text are about the same. Everything else is as in `titles`. A story without any title is named by
    its first words.
    """
    found = titles(story, language, fresh)
    if not found:
        text = next((s.text for s in _standing(story) if s.text.strip()), "")
        return text if len(text) <= 90 else text[:90].rsplit(" ", 1)[0] + "…"
    best = max(found, key=lambda one: round(one.worth + _LEADING * (one.source in leading), 6))
    return instead(story, best).text


def titles(story: Story, language: str = "", fresh: Collection[int] = ()) -> list[Titled]:
    """Return the titles of a story with their worth, in the digest's language if there are any.

    `fresh` are the positions of the sources with an update's news: if one of them is in the digest's language and its
    title tells the news, only such titles count. Outlets and labels are removed; questions, bait, capitals and cut
    titles are worth least. An article in an unknown language is read as one in the digest's.
    """
    titled = [s for s in _standing(story) if s.title.strip() and not _names_outlet(s.title, s.outlet)]
    spoken = [s for s in titled if language_code(s.language or story.language) == language_code(language)] or titled
    # A live blog does not give the headline while there is a report, but where it alone has an update's news.
    spoken = _reports(_with_news(story, spoken, fresh)) or _reports(spoken)
    centre: Counter[str] = Counter()
    for source in spoken:
        code = source.language or story.language or language
        centre.update(set(sentence_terms(source.title, code)) | set(sentence_terms(source.text[:600], code)))
    outlets = [s.outlet for s in story.sources]
    latest: dict[str, datetime] = {}  # moment of each outlet's newest article
    for one in spoken:
        latest[one.outlet] = max(one.moment, latest.get(one.outlet, one.moment))
    known = _names_of(spoken, story.language or language) if len(spoken) > 1 else frozenset[str]()
    found = []
    for one in spoken:
        hours = (max(latest.values()) - one.moment) / timedelta(hours=1)
        title, code = without_outlet(one.title, outlets), language_code(one.language or story.language or language)
        worth = _worth(title, code, centre, known, hours) - _DAMAGED * _is_damaged(title, one.text)
        worth -= _SUPERSEDED * (latest[one.outlet] > one.moment)
        place = next(place for place, source in enumerate(story.sources) if source is one)
        found.append(Titled(title, place, code, round(worth, 6)))
    return found


def instead(story: Story, titled: Titled) -> Titled:
    """Return the first sentence of its article in place of a title that was cut off or holds back its news."""
    title, text = titled.text, story.sources[titled.source].text
    if _is_damaged(title, text):
        sentence = _opening_instead(story, titled, _AS_HEADLINE)
    elif _holds_back(title, titled.language) or _is_short(title):
        sentence = _opening_instead(story, titled, _INSTEAD_OF_RIDDLE, instead_of=title)
    else:
        return titled
    return replace(titled, text=sentence or title)


def _standing(story: Story) -> list[Source]:
    return [s for s in story.sources if not s.withdrawn] or list(story.sources)


def _reports(sources: Sequence[Source]) -> list[Source]:
    return [sources[place] for place in forms.main_sources(sources)]


def _with_news(story: Story, sources: Iterable[Source], fresh: Collection[int]) -> list[Source]:
    """Return the sources with an update's news, without those whose titles hold it back."""
    listed = [source for source in sources if any(source is story.sources[place] for place in fresh)]
    return [one for one in listed if not _holds_back(one.title, language_code(one.language or story.language))]


def _is_short(title: str) -> bool:
    return word_count(title) <= _FEW and not any(map(str.isdigit, title))


def _is_damaged(title: str, text: str) -> bool:
    return _lost_its_beginning(title, text) or not _quotes_whole(title) or _lost_its_end(title, text)


def _lost_its_end(title: str, text: str) -> bool:
    """Whether a title ends in the middle of a word with a hyphen: the text has `spin-off` where it has `Spin`."""
    *_, before, last = ("", *title.split())
    if not last.isalpha() or len(last) < _PART_OF_WORD:
        return False
    return re.search(rf"{re.escape(before)}\s+{last}[-‑]\w", text[:600], re.IGNORECASE) is not None


def _holds_back(title: str, language: str) -> bool:
    """Whether a title does not say its news: it asks, only quotes, lists its subjects, or leaves out what is said."""
    asks = importance.asks_or_holds_back(title, language)
    return bool(asks or _QUOTE.match(title) or _LISTING.match(title) or _is_untold(title, language))


def _is_untold(title: str, language: str) -> bool:
    """Whether a title leaves out what was said, and tells no outcome behind it: `responds to the vote, two resign`."""
    found = _UNTOLD.search(title)
    return found is not None and not developments(title[found.end() :], language)


def _lost_its_beginning(title: str, text: str) -> bool:
    """Whether a title begins in the middle: with a small letter, though others are capitals, or behind a hyphen.

    The feed cut off the first part of a compound if the text has `106-year-old law` where the title has `old law`.
    """
    words = raw(title)[:_BEGUN]
    begun = r"\W+".join(map(re.escape, words))
    named = re.search(rf"(?<![\w’'\"“])({_CAPITAL}): {begun}", text[:600]) if len(words) > 1 else None
    if (
        named and not named[1].isupper()
    ):  # `Spider-Man: Brand New Day` as `Brand New Day`; `LONDON:` is where it happened
        return True
    first, _, rest = title.partition(" ")
    if not first[:1].isalpha() or not first.islower():
        return False
    if not title.islower():
        return True
    second = rest.partition(" ")[0]
    return re.search(rf"\w[-‑]{re.escape(first)} {re.escape(second)}", text[:600], re.IGNORECASE) is not None


def _quotes_whole(title: str) -> bool:
    """Whether every quotation in a title is complete; a closing single mark is also an apostrophe."""
    return standalone.whole(title) and title.count("‘") <= title.count("’") + title.count("'")


def _opening_instead(story: Story, titled: Titled, most: int, *, instead_of: str = "") -> str:
    """Return the first sentence of an article as a headline, for a title that was cut off; empty if it is none.

    Where it stands `instead_of` a title that holds back its news, it must tell this news.
    """
    first = next(iter(candidates.of_source(story, titled.source)), None)
    if first is None or not _KEPT <= first.words <= most or not standalone.stands_alone(first.text, first.language):
        return ""
    return "" if instead_of and not _tells(first, instead_of) else first.text.rstrip(".。")


def _tells(first: candidates.Candidate, title: str) -> bool:
    """Whether a sentence tells the news that a title holds back.

    It has two words of the title, one of them a name if it has names. Of a short title or a quotation without its names
    it needs none.
    """
    text, language = first.text, first.language
    personal = standalone.is_personal(text, language) or importance.is_teaser(text, language)
    if personal or standalone.is_background(text) or standalone.is_quotation(text) or standalone.adds(text):
        return False
    said = names.last_words(text, language)
    if _holds_back(title, language) and len(set(first.terms).intersection(sentence_terms(title, language))) > 1:
        return _names_one_of(said, title) or (not said and language == "de")  # where every noun has a capital
    return bool(said) and (_is_short(title) or bool(_QUOTE.match(title))) and not _names_one_of(said, title)


def _names_one_of(said: frozenset[str], title: str) -> bool:
    return not said.isdisjoint(latin(without_possessive(word)) for word in raw(title))


def origin(story: Story, title: str, preferred: Collection[int] = ()) -> tuple[int, str]:
    """Return the position and the language of an article that has this title, cleaned or as written; -1 if none.

    Of several it is one of the `preferred` positions, else the first.
    """
    outlets = [s.outlet for s in story.sources]
    for place in (*sorted(preferred), *range(len(story.sources))):
        source = story.sources[place]
        if title in (source.title, without_outlet(source.title, outlets)):
            return place, language_code(source.language or story.language)
    return -1, language_code(story.language)


def language_of(story: Story, title: str) -> str:
    """Return the language of the article that has this title, cleaned or as written."""
    return origin(story, title)[1]

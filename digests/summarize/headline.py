"""The headline of a story: the most informative title of its sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta

from digests.language import names, numbers
from digests.language.detect import language_code
from digests.language.tokens import sentence_terms, word_count
from digests.model import Source, Story
from digests.ranking import forms, importance
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
    r"in diretta|ao vivo|онлайн|наживо)\)?$",
    re.IGNORECASE,
)
_OLD, _A_DAY = 0.4, 24.0  # loss of a title that is a day older than the newest one: it lacks the latest facts
_OUTCOME = 0.25  # gain of a title that says what came of it: arrested, sentenced, dead
_QUOTE = re.compile(r"^[\"“”„«‘'][^\"“”„«»‘]*[\"“”»’']\W*$")
_BAIT = re.compile(
    r"you won't believe|what happens? next|this is why|here's (?:why|what|how)|here is (?:why|what|how)|things "
    r"(?:you|to) (?:need to )?know|"
    r"everything you need|what (?:we|you) (?:need to )?know|\bshock(?:ing|ed|s)?\b|\bstunn(?:ing|ed|s)\b|"
    r"jaw-dropping|goes viral|reacts?\b|"
    r"the internet|\bslam(?:s|med)?\b|\bblast(?:s|ed)\b|\bepic\b|\d+ (?:reasons|ways|things)|must[- ](?:see|read)|"
    r"secret to|"
    r"das müssen sie|so reagiert|ce qu'il faut savoir|lo que (?:debes|hay que) saber|вы не поверите|шок",
    re.IGNORECASE,
)


def without_outlet(title: str, outlets: Iterable[str] = ()) -> str:
    """Return a title without the outlet's name and labels such as `LIVE:`.

    Text after a bar is removed; text after a dash only when it is the outlet's name or ends as the name of an outlet
    does.
    """
    title = " ".join(title.split())
    known = {o.casefold().strip() for o in outlets if o}
    while match := _TAIL.search(title):
        tail = match[1].strip()
        bar = match.group().lstrip()[0] in "|•·»"
        if not (bar or _is_outlet(tail, known)) or match.start() < 12:
            break
        title = title[: match.start()]
    stripped = _END_LABEL.sub("", _LABEL.sub("", title))
    return (stripped[:1].upper() + stripped[1:] if stripped != title else title).strip() or title


def _is_outlet(tail: str, known: set[str]) -> bool:
    low = tail.casefold()
    if any(low == name or low in name or name in low for name in known):
        return True
    return len(tail.split()) <= 2 and bool(
        re.search(r"\.(?:com|org|net|de|fr|ru|ua|co\.uk|it|es)$|\b(?:news|times|post)$", low)
    )


def _worth(title: str, language: str, centre: Counter[str], hours: float) -> float:
    """Return how informative a title is; `hours` is how much older than the newest one it is."""
    own = set(sentence_terms(title, language))
    length = word_count(title)
    if not own:
        return -10.0
    score = sum(min(centre[t], 4) for t in own) / (len(own) + 3)
    score += 0.3 * min(2, len(names.last_words(title, language))) + 0.25 * min(
        1, len(numbers.numbers_in(title, language))
    )
    score -= 0.08 * max(0, 6 - length) + 0.05 * max(0, length - 16)
    score -= 1.5 * bool(_BAIT.search(title)) + 0.3 * ("!" in title)
    score -= 1.0 * importance.is_teaser(title, language) + 0.8 * bool(_QUOTE.match(title))
    score += _OUTCOME * bool(developments(title, language)) - _OLD * min(1.0, hours / _A_DAY)
    return score - 0.6 * (title.isupper() and len(title) > 12)


def best_title(story: Story, language: str = "", fresh: Collection[int] = ()) -> str:
    """Return the title that covers most of what the sources agree on, in the digest's language if there is one.

    `fresh` are the positions of the sources with an update's news: if one of them is in the digest's language, the
    update takes its title. Outlets and labels are removed; questions, bait, capitals and cut titles come last; the
    earliest wins a tie. A story without any title is named by its first words.
    """
    standing = [s for s in story.sources if not s.withdrawn] or list(story.sources)
    titled = [s for s in standing if s.title.strip()]
    titled = [titled[place] for place in forms.main_sources(titled)]
    spoken = [s for s in titled if language_code(s.language or story.language) == language_code(language)] or titled
    spoken = [s for s in spoken if any(s is story.sources[i] for i in fresh)] or spoken
    if not spoken:
        text = next((s.text for s in standing if s.text.strip()), "")
        return text if len(text) <= 90 else text[:90].rsplit(" ", 1)[0] + "…"
    centre: Counter[str] = Counter()
    for source in spoken:
        code = source.language or story.language
        centre.update(set(sentence_terms(source.title, code)) | set(sentence_terms(source.text[:600], code)))
    outlets = [s.outlet for s in story.sources]
    newest = max(s.moment for s in spoken)

    def worth(titled: tuple[Source, str]) -> float:
        one, title = titled
        hours = (newest - one.moment) / timedelta(hours=1)
        return round(_worth(title, language_code(one.language or story.language), centre, hours), 6)

    return max(((s, without_outlet(s.title, outlets)) for s in spoken), key=worth)[1]


def language_of(story: Story, title: str) -> str:
    """Return the language of the article that has this title, cleaned or as written."""
    outlets = [s.outlet for s in story.sources]
    found = (s.language for s in story.sources if title in (s.title, without_outlet(s.title, outlets)))
    return language_code(next(found, None) or story.language)

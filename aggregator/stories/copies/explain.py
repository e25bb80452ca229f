"""Says in words how it is known who wrote a text, for the command line."""

from __future__ import annotations

from aggregator.stories.copies.origin import OriginCode, OriginReason

_SENTENCES = {
    OriginCode.TEXT: "{name}",
    OriginCode.REPUBLISHED: "a feed that passes it on names {name} as its source",
    OriginCode.DATELINE: "{by} names {name} in its dateline",
    OriginCode.LINK: "{by} links to the page of {name}",
    OriginCode.APPEARED_FIRST: "{by} says that it appeared first on {name}",
    OriginCode.CREDIT: "{by} credits {name}",
    OriginCode.AUTHOR: "{by} names {name} as the author",
    OriginCode.OWN_DATELINE: "its own dateline says so",
    OriginCode.ARRIVED_FIRST: "it came in from {name} first",
    OriginCode.DATED_FIRST: "{name} dates it earliest of those that came in together",
}


def origin_sentence(reason: OriginReason) -> str:
    """Return a reason as an English sentence."""
    sentence = _SENTENCES[reason.code].format(by=reason.by, name=reason.name)
    return f"{sentence}, which gives only the beginning" if reason.excerpt else sentence

"""Summaries of a set of documents by the product's own summarizer, with its defaults.

    python -m tests.benchmarks.summaries DOCS.jsonl[.gz] --predictions OUT.jsonl [--words N]

Each line of DOCS has `id` and either `sources` (objects with title and text) or `text` (and perhaps `title`), and
perhaps `lang`. Each line of OUT has `id`, `summary` (sentences on lines of their own) and `sentences` with the numbers
of their sources, from 0. Prints the time a story takes, the length, the sources used, and how many sentences a source
contains.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from digests.language.tokens import word_count
from digests.model import Source, Story, Summary
from digests.summarize.extractive import summarize_story

_START = datetime(2026, 1, 1, tzinfo=UTC)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Lines of a JSON-lines file, gzipped or not."""
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    for line in text.decode("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def story(document: dict[str, Any]) -> Story:
    """A document as a story; its articles arrive in the order given."""
    given = document.get("sources") or [{"title": document.get("title", ""), "text": document["text"]}]
    language = document.get("lang", "en")
    sources = tuple(
        Source(
            n,
            f"Outlet {n}",
            s.get("title") or "",
            s.get("text") or "",
            _START + timedelta(minutes=n),
            language=language,
        )
        for n, s in enumerate(given)
    )
    return Story(str(document["id"]), sources, _START, sources[-1].arrived, language=language)


def main() -> None:
    """Summarize, write, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--predictions", type=Path, required=True)
    parser.add_argument("--words", type=int, default=90)
    arguments = parser.parse_args()
    seconds: list[float] = []
    reported: list[tuple[Story, Summary]] = []
    with arguments.predictions.open("w", encoding="utf-8") as out:
        for document in read(arguments.docs):
            subject = story(document)
            began = time.perf_counter()
            summary = summarize_story(subject, words=arguments.words, language=subject.language or "en")
            seconds.append(time.perf_counter() - began)
            reported.append((subject, summary))
            out.write(json.dumps(_line(document["id"], summary), ensure_ascii=False) + "\n")
    _report(reported, seconds)


def _line(name: object, summary: Summary) -> dict[str, object]:
    sentences = [{"text": s.text, "sources": list(s.sources)} for s in summary.sentences]
    return {
        "id": name,
        "summary": "\n".join(s.text for s in summary.sentences),
        "sentences": sentences,
        "headline": summary.headline,
    }


def _report(reported: list[tuple[Story, Summary]], seconds: list[float]) -> None:
    sentences = [(subject, sentence) for subject, summary in reported for sentence in summary.sentences]
    contained = sum(sentence.text in subject.sources[sentence.sources[0]].text for subject, sentence in sentences)
    used = statistics.mean(len({i for s in summary.sentences for i in s.sources}) for _, summary in reported)
    words = statistics.mean(sum(word_count(s.text) for s in summary.sentences) for _, summary in reported)
    print(
        f"stories {len(reported)}, sentences {len(sentences)}, contained in their source "
        f"{contained / max(1, len(sentences)):.1%}"
    )
    print(f"words a summary {words:.1f}, sources a summary {used:.2f}")
    print(f"milliseconds a story: mean {1000 * statistics.mean(seconds):.2f}, worst {1000 * max(seconds):.1f}")


if __name__ == "__main__":
    main()

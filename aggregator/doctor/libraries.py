"""Checks of the libraries that the program imports only when it needs them: a missing one shows here, not at night."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

from aggregator.config import Config
from aggregator.doctor.finding import Finding, error, ok
from digests.channels.kinds import Channels

# Module, package, what fails without it.
NEEDED = (
    ("trafilatura", "trafilatura", "the text of articles' pages"),
    ("lxml_html_clean", "lxml-html-clean", "the text of articles' pages"),
    ("lxml.etree", "lxml", "reading feeds"),
    ("feedparser", "feedparser", "reading broken feeds"),
    ("charset_normalizer", "charset-normalizer", "reading texts of unknown encoding"),
    ("brotli", "brotli", "responses compressed with br"),
    ("nh3", "nh3", "cleaning HTML"),
    ("idna", "idna", "internationalized host names"),
    ("alembic", "alembic", "migrations of the database"),
    ("anyascii", "anyascii", "grouping"),
    ("numpy", "numpy", "grouping"),
    ("py3langid", "py3langid", "the language of texts"),
    ("Stemmer", "pystemmer", "grouping"),
    ("lark", "lark", "queries"),
    ("regex", "regex", "queries"),
    ("babel", "babel", "dates and numbers in digests"),
    ("css_inline", "css-inline", "mail"),
    ("jinja2", "jinja2", "digests"),
    ("apscheduler", "apscheduler", "the daemon"),
    ("prometheus_client", "prometheus-client", "the metrics"),
    ("starlette", "starlette", "the pages"),
    ("uvicorn", "uvicorn", "the pages"),
    *(() if sys.version_info >= (3, 14) else (("backports.zstd", "backports-zstd", "responses compressed with zstd"),)),
)


def needed() -> Iterator[Finding]:
    """Whether everything can be imported that is installed always."""
    failures = [found for module, package, use in NEEDED if (found := _missing(module, package, use))]
    yield from failures
    if not failures:
        yield ok("libraries", f"{len(NEEDED)} libraries can be imported")


def extras(config: Config) -> Iterator[Finding]:
    """Whether the extras can be imported that this configuration needs."""
    for module, package, use in _wanted(config):
        found = _missing(module, package, use)
        yield found or ok("libraries", f"{package} can be imported: {use}")


def _wanted(config: Config) -> Iterator[tuple[str, str, str]]:
    if config.storage.url.startswith("postgres"):
        yield "psycopg", "psycopg[binary]", "[storage] url"
    if config.mail.dkim_key_file:
        yield "dkim", "dkimpy[ed25519]", "[mail] dkim_key_file"
    if any(who.channel == Channels.NOTIFY for digest in config.digests for who in config.recipients(digest)):
        yield "apprise", "apprise", "readers in `notify:`"
    encoder = config.stories.embeddings
    if encoder and not encoder.startswith(("http://", "https://")):
        yield "onnxruntime", "onnxruntime", "[stories] embeddings"
        yield "tokenizers", "tokenizers", "[stories] embeddings"


def _missing(module: str, package: str, use: str) -> Finding | None:
    try:
        import_module(module)
    except Exception as failure:  # noqa: BLE001 - a library can fail in any way while it is imported
        words = f"{package} cannot be imported ({type(failure).__name__}: {failure}): {use} will fail"
        return error("libraries", words, f"{sys.executable} -m pip install '{package}'")
    return None

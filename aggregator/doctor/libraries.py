"""Checks of the libraries that the program imports late, so that a missing one is found before it is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module

from aggregator.config import Config
from aggregator.doctor.finding import Finding, error, ok
from digests.channels.kinds import Channels

# Module, package, what needs it.
NEEDED = (
    ("trafilatura", "trafilatura", "extracting articles"),
    ("lxml_html_clean", "lxml-html-clean", "extracting articles"),
    ("lxml.etree", "lxml", "parsing feeds"),
    ("cssselect", "cssselect", "reading pages by selectors"),
    ("feedparser", "feedparser", "parsing invalid feeds"),
    ("charset_normalizer", "charset-normalizer", "decoding text of unknown encoding"),
    ("brotli", "brotli", "responses compressed with br"),
    ("nh3", "nh3", "sanitizing HTML"),
    ("idna", "idna", "internationalized host names"),
    ("alembic", "alembic", "migrations of the database"),
    ("anyascii", "anyascii", "grouping"),
    ("numpy", "numpy", "grouping"),
    ("py3langid", "py3langid", "language detection"),
    ("Stemmer", "pystemmer", "grouping"),
    ("lark", "lark", "queries"),
    ("regex", "regex", "queries"),
    ("babel", "babel", "dates and numbers in digests"),
    ("css_inline", "css-inline", "mail"),
    ("itsdangerous", "itsdangerous", "links in mails"),
    ("jinja2", "jinja2", "digests"),
    ("apscheduler", "apscheduler", "the daemon"),
    ("prometheus_client", "prometheus-client", "the metrics"),
    ("starlette", "starlette", "the pages"),
    ("uvicorn", "uvicorn", "the pages"),
    *(() if sys.version_info >= (3, 14) else (("backports.zstd", "backports-zstd", "responses compressed with zstd"),)),
)


def check_required() -> Iterator[Finding]:
    """Check that the required libraries can be imported."""
    failures = [failure for module, package, use in NEEDED if (failure := _missing(module, package, use))]
    yield from failures
    if not failures:
        yield ok("libraries", f"{len(NEEDED)} libraries can be imported")


def check_optional(config: Config) -> Iterator[Finding]:
    """Check that the optional libraries which this configuration needs can be imported."""
    for module, package, use in _optional(config):
        failure = _missing(module, package, use)
        yield failure or ok("libraries", f"{package} can be imported: {use}")


def _optional(config: Config) -> Iterator[tuple[str, str, str]]:
    if config.storage.url.startswith("postgres"):
        yield "psycopg", "psycopg[binary]", "[storage] url"
    if config.cluster.enabled:
        yield "procrastinate", "procrastinate", "[cluster] enabled"
    if config.mail.dkim_key_file:
        yield "dkim", "dkimpy[ed25519]", "[mail] dkim_key_file"
    if any(one.channel == Channels.NOTIFY for output in config.outputs for one in config.recipients(output)):
        yield "apprise", "apprise", "`notify:` recipients"
    encoder = config.stories.embeddings
    if encoder and not encoder.startswith(("http://", "https://")):
        yield "onnxruntime", "onnxruntime", "[stories] embeddings"
        yield "tokenizers", "tokenizers", "[stories] embeddings"


def _missing(module: str, package: str, use: str) -> Finding | None:
    try:
        import_module(module)
    except Exception as failure:  # noqa: BLE001 - a library can fail in any way while it is imported
        message = f"{package} cannot be imported ({type(failure).__name__}: {failure}): {use} will fail"
        return error("libraries", message, f"{sys.executable} -m pip install '{package}'")
    return None

"""Completion of names from the configuration in a shell. Without a valid configuration nothing is completed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from aggregator.cli.base import current_options

if TYPE_CHECKING:
    from aggregator.config import Config


def feed_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of feeds, and the URLs of those without a name, that begin with a text."""
    del param
    config = _configuration(ctx)
    return _beginning_with(incomplete, {feed.name or feed.url: feed.url for feed in config.feeds} if config else {})


def digest_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of digests that begin with a text."""
    del param
    config = _configuration(ctx)
    return _beginning_with(incomplete, {one.name: one.title or "digest" for one in config.digests} if config else {})


def _configuration(ctx: click.Context) -> Config | None:
    from aggregator.config import ConfigError

    try:
        return current_options(ctx).load()
    except ConfigError:
        return None


def _beginning_with(incomplete: str, names: Mapping[str, str]) -> list[CompletionItem]:
    """Return the names that begin with a text, each with its description, which some shells show."""
    wanted = incomplete.strip("\"'").replace("\\ ", " ").casefold()
    in_bash = os.environ.get("_AGGREGATOR_COMPLETE", "").startswith("bash")  # the others quote what they insert
    return [
        CompletionItem(name.replace(" ", "\\ ") if in_bash else name, help=text)
        for name, text in names.items()
        if name.casefold().startswith(wanted)
    ]

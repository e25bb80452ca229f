"""The Jinja2 environments: sandboxed, strict, autoescaped for HTML.

A name under `standard/` is always the packaged template, so that a user's `page.html` may say
`{% extends "standard/page.html" %}` and change one block. The sandbox (SandboxedEnvironment, immutable) keeps templates from
reaching Python; it bounds neither time nor memory, which is why a user's templates run in a child process (`user`).
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digests.render.text import indent, rule, wrap

STANDARD = "standard"


class _Sandbox(ImmutableSandboxedEnvironment):
    """Dataclasses are read by attribute; nothing with an underscore, nothing callable but what we hand in."""

    intercepted_binops = frozenset({"**"})  # 9**9**9 needs no loop to eat a processor

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        del context, left, right
        raise TypeError(f"{operator} is not allowed in templates")


def environment(folder: Path | None, *, html: bool) -> ImmutableSandboxedEnvironment:
    """An environment over the packaged templates and, before them, those of `folder`."""
    made = _Sandbox(
        loader=_loader(folder),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters["wrap"] = wrap
    made.filters["underline"] = rule
    made.filters["indented"] = indent
    return made


def candidates(template: str, name: str) -> list[str]:
    """Where to look for `name`, the most particular first; the last is the packaged one."""
    own = [] if template in ("", STANDARD) else [f"{template}/{name}"]
    return [*own, name, f"{STANDARD}/{name}"]


class _Packaged(PackageLoader):
    """Only names under `standard/`."""

    def __init__(self) -> None:
        super().__init__("digests", "templates")


def _loader(folder: Path | None) -> BaseLoader:
    packaged = _Packaged()
    if folder is None:
        return packaged
    # The packaged one first: `standard/…` cannot be shadowed; no user template can have its names.
    return ChoiceLoader([packaged, FileSystemLoader(folder, followlinks=False)])

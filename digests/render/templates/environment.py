"""The Jinja2 environments: sandboxed, strict, autoescaped for HTML.

A name under `standard/` is always the packaged template, so that a user's `page.html` can extend
`{% extends "standard/page.html" %}` and change one block. The sandbox (immutable) keeps templates from reaching Python.
It limits neither time nor memory; a user's templates therefore run in a child process (`user`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateNotFound,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digests.render.text import indent, underline, wrap

STANDARD = "standard"


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox in which templates can read public attributes, and call only what they are given."""

    intercepted_binops = frozenset({"**"})  # 9**9**9 would use a processor for hours

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        del context, left, right
        raise TypeError(f"{operator} is not allowed in templates")


def template_environment(folder: Path | None, *, html: bool) -> ImmutableSandboxedEnvironment:
    """Return an environment with the packaged templates and those of `folder`."""
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
    made.filters["underline"] = underline
    made.filters["indented"] = indent
    return made


def template_names(template: str, name: str) -> list[str]:
    """Return the names under which to look for a template, the most specific first; the last is the packaged one."""
    own = [] if template in ("", STANDARD) else [f"{template}/{name}"]
    return [*own, name, f"{STANDARD}/{name}"]


class _Packaged(PackageLoader):
    """Loads the packaged templates; all their names begin with `standard/`."""

    def __init__(self) -> None:
        super().__init__("digests", "templates")


class _FolderLoader(FileSystemLoader):
    """Loads a user's templates. A link out of the folder is no template: it could show any file of the machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, followlinks=False)
        self._folder = folder.resolve()

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source = super().get_source(environment, template)
        if not Path(source[1]).resolve().is_relative_to(self._folder):
            raise TemplateNotFound(template, f"{template} leads out of the folder of templates")
        return source


def _loader(folder: Path | None) -> BaseLoader:
    packaged = _Packaged()
    if folder is None:
        return packaged
    # The packaged loader is first, so that no user's file can replace `standard/…`.
    return ChoiceLoader([packaged, _FolderLoader(folder)])

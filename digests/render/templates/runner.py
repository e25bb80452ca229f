"""Renders one template with one edition: in a child process for a user's templates, else in the renderer's process."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateSyntaxError

from digests.errors import TemplateError
from digests.model import Edition
from digests.render.mail.inline import inlined
from digests.render.page_links import Links
from digests.render.templates.environment import template_environment, template_names
from digests.render.view.build import edition_view
from digests.render.view.detail import Detail
from digests.render.view.model import EmbeddedImage
from digests.render.view.wording import Wording

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_POLICY = "STYLE-HASHES"  # placeholder in the page's policy, replaced by the hashes of its styles


@dataclass(frozen=True, slots=True)
class Job:
    """One output to render: the template's name and its data."""

    name: str
    edition: Edition
    links: Links
    detail: Detail
    pictures: Mapping[str, EmbeddedImage] = field(default_factory=dict)  # embedded in the mail, by URL


class TemplateRunner:
    """Renders with the templates of `folder` and the packaged ones; raises TemplateError with file, line and reason."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._html = template_environment(folder, html=True)
        self._text = template_environment(folder, html=False)

    def run(self, job: Job) -> str:
        """Return the rendered text of `job`."""
        html = job.name.endswith(".html")
        words = Wording(job.edition.language, job.edition.zone, self._folder)
        env = self._html if html else self._text
        try:
            template = env.select_template(template_names(job.edition.template, job.name))
            text = template.render(
                edition=edition_view(job.edition, job.links, words, job.detail, job.pictures),
                show_images=job.edition.images,
                t=words.t,
                n=words.n,
            )
        except (
            JinjaError,
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            RecursionError,
        ) as error:
            raise TemplateError(_where(error, job.name, self._folder)) from error
        if job.name == "mail.html":
            return inlined(text)
        return _with_style_hashes(text) if html else text


def _with_style_hashes(page: str) -> str:
    """Return the page with the hashes of its styles in its content policy (CSP 3, 2.3.1): no other style is allowed."""
    hashes = (hashlib.sha256(style.encode()).digest() for style in _STYLE.findall(page))
    sources = " ".join(f"'sha256-{base64.b64encode(h).decode()}'" for h in hashes)
    return page.replace(_POLICY, sources or "'none'", 1)


def _where(error: Exception, name: str, folder: Path | None) -> str:
    """Return the error with the innermost user's template, such as `page.html, line 12: 'titel' is undefined`."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name or name}, line {error.lineno}: {error.message}"
    line, trace, place = 0, error.__traceback__, name
    while trace:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith((".html", ".txt")) and folder and Path(file).is_relative_to(folder):
            place, line = file, trace.tb_lineno
        trace = trace.tb_next
    reason = f"{error}" or type(error).__name__
    return f"{place}, line {line}: {reason}" if line else f"{place}: {reason}"

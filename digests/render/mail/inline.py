"""Copies the styles of a mail into its elements, for clients that ignore `<style>` (some of Gmail's, most Outlooks)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from css_inline import CSSInliner


def inlined(html: str) -> str:
    """Return `html` with its `<style>` rules as attributes. A block with `data-css-inline="keep"` is kept (dark mode).

    Rules of a kept block outside of `@media` are inlined too; our templates therefore put them in `@media all`.
    """
    return str(_inliner().inline(html))


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    import css_inline

    # No requests: rendering must not fetch what a template links to.
    return css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)

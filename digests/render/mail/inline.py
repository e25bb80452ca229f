"""Styles into the elements of a mail, for the clients that drop `<style>` (some of Gmail's, most Outlooks in part)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from css_inline import CSSInliner


def inlined(html: str) -> str:
    """`html` with its `<style>` rules as attributes; a block marked `data-css-inline="keep"` stays (dark mode, phones).

    Of a block that stays, what is outside of `@media` would be inlined as well: our own rules stand in `@media all`.
    """
    return str(_inliner().inline(html))


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    import css_inline

    # Never a request: what a template links to must not be fetched by the machine that renders.
    return css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)

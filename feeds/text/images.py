"""Images in HTML: where they are really, and which of several is the picture of an entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from feeds.text.references import resolved

# Both cases are spelled out: a search without case would look at every character, this one looks for "<".
_IMG = re.compile(r"<[iI][mM][gG]\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_SOURCE = re.compile(r"<source\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_VIDEO = re.compile(r"<video\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_PICTURE = re.compile(r"<picture\b[^<>]*>(?:[^<]|<(?!/?picture\b))*</picture", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
# Scripts that load images late keep the address in one of these; best first.
_LATE_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_LATE = (
    "data-src", "data-lazy-src", "data-original", "data-orig-file", "data-original-src", "data-lazy", "data-url",
    "data-hi-res-src", "data-full-url", "data-large-file", "data-image", "data-echo", "data-cfsrc",
)  # fmt: skip
# These two are for text in lower case: a search without case takes several times as long.
_PLACEHOLDER = re.compile(
    r"^data:|^about:|^$|(?:^|[/_.-])(?:spacer|blank|placeholder|pixel|transparent|loading|lazy|grey|gray|1x1|px|trans|empty)"
    r"[\w-]*\.(?:gif|png|svg|jpe?g|webp)"
)
_PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*$")
_STYLE_SIZE = re.compile(r"(?:^|;|\s)(width|height)\s*:\s*(\d+)(?:px|\s*;|$)", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NO_PICTURE = re.compile(
    r"gravatar\.com|/avatars?[/_.-]|[/_-]avatar\b|/emoji|/smil(?:ey|ies)|/icons?/|favicon|"
    r"feeds\.feedburner\.com/~|/~(?:r|ff|at)/|feedsportal\.com|doubleclick\.net|/b\.gif|/beacon|/pixel|pixel\.wp\.com|stats\.|"
    r"/track(?:er|ing)?[/.?]|badge|/share[-_]|counter\."
)
_SMALL = 60  # pixels of the shorter side: icons and thumbnails
_TINY = 3  # pixels: what counts readers
_LARGER = 4  # times the area from which a later image is preferred to an earlier one
_USUAL = 300 * 200  # pixels of an image whose size is not given
_MOST = 50  # images of one text that are looked at


@dataclass(frozen=True, slots=True)
class Picture:
    """An image with its size in pixels where that is known."""

    url: str
    width: int | None = None
    height: int | None = None

    @property
    def shows_something(self) -> bool:
        """Whether it may be a picture, not a tracking pixel, an avatar, an icon or a tiny thumbnail."""
        sizes = [size for size in (self.width, self.height) if size is not None]
        return all(size > _SMALL for size in sizes) and not _NO_PICTURE.search(self.url.lower()) and bool(self.url)

    @property
    def area(self) -> int:
        """Its area in pixels; that of a square if one side is known, a usual one if none is."""
        sides = [size for size in (self.width, self.height) if size]
        return _USUAL if not sides else sides[0] * sides[-1]


def best_picture(pictures: Iterable[Picture]) -> str | None:
    """Return the address of the first picture, or of a later one that is far larger; None if none shows anything."""
    best: Picture | None = None
    for picture in pictures:
        if picture.shows_something and (best is None or picture.area >= _LARGER * best.area):
            best = picture
    return best.url if best else None


def pictures_in(html: str) -> list[Picture]:
    """Return the images of sanitized HTML in order, with the sizes that it gives."""
    if "<img" not in html:
        return []
    return pictures_of(_IMG.findall(html))


def pictures_of(tags: Sequence[str]) -> list[Picture]:
    """Return the images of tags of sanitized HTML in order, with the sizes that they give."""
    found = map(_attributes, tags[:_MOST])
    return [
        Picture(given["src"], pixels(given.get("width")), pixels(given.get("height")))
        for given in found
        if given.get("src")
    ]


def pixels(text: str | None) -> int | None:
    """Return a size as written in an attribute (`640`, `640px`); None for a percentage or anything else."""
    if not text:
        return None
    if text.isdecimal() and len(text) <= 5:
        return int(text)
    match = _PIXELS.match(text)
    return int(match[1]) if match else None


def with_real_images(html: str) -> str:
    """Return HTML with the URLs of responsive and lazily loaded images, and without tracking pixels.

    The still picture of a video becomes an image, because the video itself is not kept.
    """
    if "<video" in html or "<VIDEO" in html:
        html = _VIDEO.sub(_with_still, html)
    if "<img" not in html and "<IMG" not in html:
        return html
    if "<picture" in html or "<PICTURE" in html:
        html = _PICTURE.sub(_with_source, html)
    return _IMG.sub(_real, html)


def _with_still(video: re.Match[str]) -> str:
    given = _attributes(video[0])
    poster = given.get("poster", "").strip()
    if not poster or _is_stand_in(poster):
        return video[0]
    sizes = "".join(f' {name}="{escape(given[name])}"' for name in ("width", "height") if given.get(name))
    return f'<img src="{escape(poster)}"{sizes}>{video[0]}'


def _with_source(picture: re.Match[str]) -> str:
    """Return a `<picture>` whose image has the URL of its first source, where it has none of its own."""
    image, source = _IMG.search(picture[0]), _SOURCE.search(picture[0])
    if image is None or source is None:
        return picture[0]
    given, offered = _attributes(image[0]), _attributes(source[0])
    if not _is_stand_in(given.get("src", "").strip()) or _late_source(given):
        return picture[0]
    late = _late_source(offered)
    chosen = f'{image[0][:4]} data-src="{escape(late)}"{image[0][4:]}' if late else image[0]
    return picture[0].replace(image[0], chosen)


def _real(tag: re.Match[str]) -> str:
    given = _attributes(tag[0])
    style = given.get("style", "")
    styled = {name.lower(): int(size) for name, size in _STYLE_SIZE.findall(style)} if style else {}
    sizes = [
        size
        for name in ("width", "height")
        if (size := pixels(given.get(name)) if name in given else styled.get(name)) is not None
    ]
    if (sizes and max(sizes) < _TINY) or (style and _HIDDEN.search(style) and not _late_source(given)):
        return ""
    source = given.get("src", "").strip()
    if not _is_stand_in(source):
        return tag[0]
    late = _late_source(given)
    if not late:
        return "" if source.startswith("data:") or not source else tag[0]
    kept = "".join(
        f' {name}="{escape(given[name])}"' for name in ("alt", "title", "width", "height") if given.get(name)
    )
    return f'<img src="{escape(late)}"{kept}>'


def _is_stand_in(url: str) -> bool:
    """Whether an image only stands for one that is loaded later."""
    return _PLACEHOLDER.search(url.lower()) is not None


def _late_source(given: dict[str, str]) -> str:
    """Return the URL that lazy loading or `srcset` would load: the largest of a set."""
    for name in _LATE:
        if given.get(name, "").strip() and not _is_stand_in(given[name].strip()):
            return given[name].strip()
    return next((largest for name in _LATE_SETS if (largest := _largest(given.get(name, "")))), "")


def _largest(srcset: str) -> str:
    """Return the address with the largest width or density of a `srcset` (HTML Standard, 4.8.4.2.1)."""
    best, size = "", -1.0
    for address, descriptor in re.findall(r"([^\s,]\S*[^\s,])(?:\s+([\d.]+)[wx])?\s*(?:,|$)", srcset):
        here = float(descriptor) if re.fullmatch(r"\d+(?:\.\d+)?", descriptor) else 1.0
        if here > size and not address.startswith("data:"):
            best, size = address, here
    return best


def _attributes(tag: str) -> dict[str, str]:
    """Return the attributes of a tag, names in lower case, with references resolved."""
    found = {name.lower(): double or single or bare for name, double, single, bare in reversed(_ATTRIBUTE.findall(tag))}
    return {name: resolved(value) for name, value in found.items()} if "&" in tag else found

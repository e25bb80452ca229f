"""Fetches the pictures of editions for mails, within limits on time and bytes. A picture that fails is left out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack

from aggregator.pipeline.compose import Composed
from aggregator.services.context import Context
from aggregator.services.intake.fetching import FetchingService
from aggregator.services.pictures.scaling import can_scale, scaled, scaling_processes
from aggregator.store.errors import NotFound
from aggregator.store.intake import feeds as feed_store
from digests.channels.kinds import Output
from digests.channels.recipient import Recipient
from digests.model import Edition
from digests.render.mail.pictures import MailPicture, read_picture, within_total
from feeds.errors import FeedError
from feeds.http import Request
from feeds.process.pool import ProcessPool

log = logging.getLogger(__name__)

ACCEPT = "image/jpeg, image/png, image/gif;q=0.9"
ACCEPT_SCALED = f"{ACCEPT}, image/webp, image/avif;q=0.8"  # where pictures can be converted
SMALL = 100_000  # bytes; a smaller picture is embedded as it is
MOST = 12  # pictures of one edition that are fetched, from its first stories
_SECONDS = 30.0  # for all of them
_AT_ONCE = 4


class PicturesService:
    """Fetches pictures through the guarded fetcher. A private address needs the permission of the story's feed.

    With Pillow, large pictures are made smaller and WebP and AVIF become JPEG.
    """

    def __init__(self, context: Context, fetching: FetchingService) -> None:
        self._context = context
        self._fetching = fetching

    async def of(self, composed: Sequence[Composed]) -> dict[str, MailPicture]:
        """Return the pictures of editions that go out by mail, by their URLs."""
        mailed = [one for one in composed if one.edition.images and _has_mail(one)]
        feeds = {
            source.image: source.feed
            for one in mailed
            for pick in one.choice.picks
            for source in pick.story.sources
            if source.image
        }
        wanted = dict.fromkeys(url for one in mailed for url in image_urls(one.edition))
        return await self._fetched(wanted, feeds) if wanted else {}

    async def _fetched(self, wanted: Iterable[str], feeds: Mapping[str, str]) -> dict[str, MailPicture]:
        found: dict[str, MailPicture] = {}
        turn = asyncio.Semaphore(_AT_ONCE)

        async def fetch(url: str, processes: ProcessPool | None) -> None:
            async with turn:
                picture = await self._picture(url, feeds.get(url, ""), processes)
            if picture is not None:
                found[url] = picture

        async with AsyncExitStack() as stack:
            processes = await stack.enter_async_context(scaling_processes()) if can_scale() else None
            try:
                async with asyncio.timeout(_SECONDS):
                    await asyncio.gather(*(fetch(url, processes) for url in wanted))
            except TimeoutError:
                log.info("pictures: the time is up", extra={"fields": {"fetched": len(found)}})
        return found

    async def _picture(self, url: str, feed: str, processes: ProcessPool | None) -> MailPicture | None:
        source = (await self._fetching.intake()).source
        private = await asyncio.to_thread(self._allows_private, feed, url)
        try:
            response = await source.fetch(
                Request(url, allow_private=private, accept=ACCEPT_SCALED if processes else ACCEPT)
            )
        except FeedError as error:
            log.debug("picture", extra={"fields": {"url": url, "error": error.code}})
            return None
        if not response.body or response.truncated:
            return None
        picture = read_picture(response.body)
        if processes is None or (picture is not None and len(response.body) <= SMALL):
            return picture
        smaller = await scaled(response.body, processes)
        return (read_picture(smaller) if smaller is not None else None) or picture

    def _allows_private(self, feed: str, url: str) -> bool:
        try:
            return bool(feed) and feed_store.feed(self._context.db, feed).allows_private(url)
        except NotFound:
            return False


def image_urls(edition: Edition) -> list[str]:
    """Return the URLs of the first pictures of an edition."""
    return [item.image for item in edition.items if item.image][:MOST]


def pictures_of(edition: Edition, found: Mapping[str, MailPicture]) -> dict[str, MailPicture]:
    """Return the pictures of one edition that are together within the limit of a mail."""
    return dict(within_total((url, found[url]) for url in image_urls(edition) if url in found))


def _has_mail(composed: Composed) -> bool:
    recipients: list[Recipient] = [*(one.recipient for one in composed.recipients), *composed.fresh]
    return any(one.kind.output is Output.MAIL for one in recipients)

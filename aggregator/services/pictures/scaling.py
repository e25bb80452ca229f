"""Makes large pictures smaller, with Pillow (extra `pictures`), in a process with limits on time and memory.

Images of strangers are decoded nowhere else: a picture that kills the process costs itself alone.
"""

from __future__ import annotations

import logging
from importlib.util import find_spec
from io import BytesIO

from digests.render.mail.pictures import COLUMN, MAX_BYTES
from feeds.process.child import Handler
from feeds.process.limited import MEBIBYTE, LimitedProcess
from feeds.process.pool import ProcessPool

log = logging.getLogger(__name__)

WIDTH, HEIGHT = 2 * COLUMN, 4 * COLUMN  # pixels; screens of phones have two or three a CSS pixel
MOST_PIXELS = 40_000_000
_QUALITIES = (80, 65, 50)  # of the JPEG; the first with which it is small enough
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_WORKERS = 1
_CPU_SECONDS, _MEMORY = 5.0, 512 * MEBIBYTE  # of one picture


def can_scale() -> bool:
    """Whether Pillow is installed."""
    return find_spec("PIL") is not None


def scaling_processes() -> ProcessPool:
    """Return the processes that scale pictures; they start with the first picture."""
    task = "aggregator.services.pictures.scaling:scale_handler"
    return ProcessPool(lambda: LimitedProcess(task, cpu_seconds=_CPU_SECONDS, memory_bytes=_MEMORY), _WORKERS)


async def scaled(data: bytes, processes: ProcessPool) -> bytes | None:
    """Return the picture as a JPEG of at most `WIDTH` x `HEIGHT` pixels; None if it cannot be decoded."""
    try:
        return await processes.run(data)
    except OSError as error:
        log.debug("picture", extra={"fields": {"error": str(error)}})
        return None


def scale_handler() -> Handler:
    """Return the handler of the process: the bytes of a picture in, a JPEG out."""
    from PIL import Image, ImageOps

    Image.init()

    def handle(request: bytes) -> bytes:
        with Image.open(BytesIO(request), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError(f"{image.width} x {image.height} pixels")
            image.draft("RGB", (WIDTH, HEIGHT))  # a JPEG is decoded at a fraction of its size
            turned = ImageOps.exif_transpose(image)
            turned.thumbnail((WIDTH, HEIGHT))
            opaque = Image.new("RGB", turned.size, "white")
            with_alpha = turned.convert("RGBA")
            opaque.paste(with_alpha, mask=with_alpha.getchannel("A"))
        for quality in _QUALITIES:
            written = BytesIO()
            opaque.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
            if written.tell() <= MAX_BYTES:
                break
        return written.getvalue()

    return handle

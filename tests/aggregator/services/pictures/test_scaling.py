"""Pictures that Pillow makes smaller in a real process."""

from __future__ import annotations

from io import BytesIO
from random import Random

import pytest
from PIL import Image

from aggregator.services.pictures.scaling import HEIGHT, WIDTH, can_scale, scaled, scaling_processes
from digests.render.mail.pictures import MAX_BYTES, read_picture
from tests.support.pictures import gif, png

pytestmark = pytest.mark.anyio


def noise(width: int, height: int, kind: str, mode: str = "RGB") -> bytes:
    """A picture that does not compress well."""
    small = Image.frombytes(
        mode, (width // 8, height // 8), Random(7).randbytes(width // 8 * (height // 8) * len(mode))
    )
    written = BytesIO()
    small.resize((width, height)).save(written, kind, quality=95)
    return written.getvalue()


async def smaller(data: bytes) -> bytes | None:
    async with scaling_processes() as processes:
        return await scaled(data, processes)


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGB"), ("WEBP", "RGBA")]
)
async def test_a_large_picture_becomes_a_small_jpeg(kind: str, mode: str) -> None:
    assert can_scale()
    large = noise(1600, 1000, kind, mode)
    assert len(large) > MAX_BYTES
    found = await smaller(large)
    assert found is not None
    picture = read_picture(found)
    assert picture is not None
    assert (picture.media_type, picture.width, picture.height) == ("image/jpeg", WIDTH, WIDTH * 1000 // 1600)


async def test_a_very_high_picture_is_limited_too() -> None:
    found = await smaller(noise(800, 8000, "JPEG"))
    assert found is not None
    picture = read_picture(found)
    assert picture is not None
    assert picture.height == HEIGHT


async def test_a_transparent_picture_gets_a_white_background() -> None:
    written = BytesIO()
    Image.new("RGBA", (300, 200), (0, 0, 0, 0)).save(written, "PNG")
    found = await smaller(written.getvalue())
    assert found is not None
    assert Image.open(BytesIO(found)).getpixel((10, 10)) == (255, 255, 255)


async def test_a_turned_photograph_is_upright() -> None:
    image, written = Image.new("RGB", (400, 200)), BytesIO()
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(written, "JPEG", exif=exif)
    found = await smaller(written.getvalue())
    assert found is not None
    assert Image.open(BytesIO(found)).size == (200, 400)


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg/>", gif(9000, 9000), png(60000, 60000), noise(640, 400, "JPEG")[:900], b"%!PS-Adobe-3.0 EPSF-3.0\n"],
)
async def test_what_cannot_be_decoded_within_the_limits_is_none(data: bytes) -> None:
    assert await smaller(data) is None

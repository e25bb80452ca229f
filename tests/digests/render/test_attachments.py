"""The audio of an episode is in every output of an edition."""

from __future__ import annotations

from dataclasses import replace

from digests.model import Attachment, Edition, Section
from digests.render import Renderer
from tests.support import editions as sample

RENDERER = Renderer()
EPISODE = Attachment("https://cdn.example/e12.mp3", "audio/mpeg", 31_234_567)
CLIP = Attachment("https://cdn.example/e12.mp4", "video/mp4")
HOSTILE = Attachment("javascript:alert(1)", "audio/mpeg")


def podcast() -> Edition:
    item = sample.solo()
    source = replace(item.sources[0], attachments=(EPISODE, CLIP, HOSTILE))
    return sample.rich(sections=(Section("Culture", (replace(item, sources=(source, *item.sources[1:])),)),))


def test_audio_and_video_of_a_source_are_linked_with_their_size() -> None:
    edition = podcast()
    outputs = {
        "page": RENDERER.page(edition).content,
        "mail": RENDERER.mail(edition).content,
        "text": RENDERER.text(edition).content,
        "atom": RENDERER.atom([edition]).content,
    }
    for name, content in outputs.items():
        assert EPISODE.url in content, name
        assert CLIP.url in content, name
        assert "Audio (31 MB)" in content, name
        assert "javascript:" not in content, name
    assert EPISODE.url in RENDERER.json(edition).content


def test_the_kind_of_a_file_is_in_the_language_of_the_edition() -> None:
    assert "Datei" in RENDERER.text(replace(with_paper(), language="de")).content


def with_paper() -> Edition:
    item = sample.solo()
    source = replace(item.sources[0], attachments=(Attachment("https://cdn.example/p.pdf", "application/pdf"),))
    return sample.rich(sections=(Section("Culture", (replace(item, sources=(source, *item.sources[1:])),)),))

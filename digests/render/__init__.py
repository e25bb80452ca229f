"""Renders an edition as page, mail, plain text, Atom, EPUB and JSON."""

from digests.render.renderer import MailParts, Renderer

__all__ = ["MailParts", "Renderer"]

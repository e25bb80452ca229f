"""An edition, many outputs: page, mail, plain text, Atom and JSON, all from the same frozen object."""

from digests.render.renderer import MailParts, Renderer

__all__ = ["MailParts", "Renderer"]

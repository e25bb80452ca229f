"""Runs in the child process that renders a user's templates: takes a pickled Job and returns JSON.

The JSON is an object with `content`, the rendered text, or `error`, the message of a TemplateError.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

from digests.errors import TemplateError


def handler(folder: str) -> Callable[[bytes], bytes]:
    """Return a function that renders with the templates of `folder`."""
    from digests.render.templates.runner import TemplateRunner

    runner = TemplateRunner(Path(folder))

    def rendered(request: bytes) -> bytes:
        try:
            response = {"content": runner.run(pickle.loads(request))}  # noqa: S301 - from our own parent
        except TemplateError as error:
            response = {"error": error.message}
        return json.dumps(response).encode()

    return rendered

"""Messages to the service manager: ready, alive, stopping (sd_notify(3)). Without one, nothing happens."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


def notify(state: str, environ: Mapping[str, str] | None = None) -> bool:
    """Send a state such as `READY=1`. False when there is no service manager or it is gone."""
    address = (os.environ if environ is None else environ).get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    path = "\0" + address[1:] if address.startswith("@") else address  # an abstract socket's name starts with NUL
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(state.encode(), path)
    except OSError:
        return False
    return True

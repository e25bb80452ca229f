"""Time zones by name, and the zone of this machine."""

from __future__ import annotations

import contextlib
import os
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


def known(name: str) -> bool:
    """Whether the time zone database has this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def nearest(name: str) -> str:
    """Return the most similar zone, quoted, or an empty text: `berlin` gives `"Europe/Berlin"`."""
    import difflib  # imported late: only a name that is wrong needs it

    wanted = name.strip().lower().replace(" ", "_")
    zones = sorted(available_timezones())
    by_city = [zone for zone in zones if zone.lower().rsplit("/", 1)[-1] == wanted]
    close = by_city or difflib.get_close_matches(name, zones, n=1)
    return f'"{close[0]}"' if close else ""


@cache
def local() -> str:
    """Return the IANA name of this machine's zone; UTC if the system has none set, as in most containers.

    It comes from `TZ`, then `/etc/timezone`, then the target of `/etc/localtime` (systemd-timedated(8)).
    """
    candidates = [os.environ.get("TZ", "").lstrip(":")]
    with contextlib.suppress(OSError):
        candidates.append(Path("/etc/timezone").read_text(encoding="utf-8").strip())
    target = str(Path("/etc/localtime").resolve())
    candidates.append(target.partition("zoneinfo/")[2])
    found = next((name for name in candidates if name and known(name)), "UTC")
    return "UTC" if found == "Etc/UTC" else found

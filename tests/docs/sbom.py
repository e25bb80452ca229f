"""Writes the bill of materials of an installation (CycloneDX 1.6): `python -m tests.docs.sbom LOCK FILE`."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from tests.docs.reference import DOCS

_PACKAGE = re.compile(r"^([a-z0-9][\w.-]*)==([^\s;\\]+)(?: ; ([^\\\n]+?))?\s*\\?$", re.MULTILINE | re.IGNORECASE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill(lock: str) -> dict[str, Any]:
    """Return the bill of the packages that a lock file names, each with the hashes of the files that it allows."""
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"]
    found = list(_PACKAGE.finditer(lock))
    ends = [match.start() for match in found[1:]] + [len(lock)]
    components = [_component(match, lock[match.end() : end]) for match, end in zip(found, ends, strict=True)]
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "purl": own,
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [component["bom-ref"] for component in components]}],
    }


def _component(match: re.Match[str], rest: str) -> dict[str, Any]:
    name, version, marker = match.groups()
    url = f"pkg:pypi/{name.lower()}@{version}"
    component: dict[str, Any] = {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}
    if marker:
        component["properties"] = [{"name": "python:marker", "value": marker.strip()}]
    files = [{"type": "distribution", "url": f"https://pypi.org/project/{name}/{version}/#files"}]
    hashes = [{"alg": "SHA-256", "content": content} for content in _HASH.findall(rest)]
    return {**component, "externalReferences": [{**file, "hashes": hashes} for file in files]}


def main() -> None:
    """Write the bill of the lock file."""
    lock, target = map(Path, sys.argv[1:3])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill(lock.read_text("utf-8")), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

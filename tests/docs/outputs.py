"""The documentation of `--json`: a table for each object, the JSON Schema of all, and that of an edition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import is_dataclass
from datetime import datetime
from enum import Enum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from aggregator.cli.rows import OUTPUTS
from digests.codec import FORMAT
from digests.model import Edition
from digests.reasons import Reason, ReasonCode
from tests.docs.reference import DOCS

SCHEMA = DOCS / "output.schema.json"
EDITION_SCHEMA = DOCS / "edition.schema.json"
_SIMPLE: dict[Any, dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
}


_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def edition_schema() -> str:
    """Return the JSON Schema of an edition as a document."""
    whole = _definition(Edition)
    whole["properties"] = {"format": {"type": "integer", "enum": [FORMAT]}, **whole["properties"]}
    whole["required"] = ["format", *whole["required"]]
    inner = sorted(set(_within(Edition)) - {Reason}, key=lambda row: row.__name__)
    definitions = {"Reason": _reason(), **{row.__name__: _definition(row) for row in inner}}
    title = "An edition, as `digest --format json` and `show-edition --format json` print it"
    return json.dumps({"$schema": _DRAFT, "title": title, **whole, "$defs": definitions}, indent=1) + "\n"


def _reason() -> dict[str, Any]:
    """Return the schema of a reason: a code, and values that depend on it."""
    lists = [{"type": "array", "items": one} for one in ({"type": "string"}, {"$ref": "#/$defs/Reason"})]
    return {
        "description": Reason.__doc__,
        "type": "object",
        "properties": {"code": _shape(ReasonCode)},
        "required": ["code"],
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "number"}, *lists]},
    }


def schema() -> str:
    """Return a JSON Schema document: `$defs` has each object, `commands` the objects of each command."""
    document = {
        "$schema": _DRAFT,
        "title": "What the commands of aggregator print with --json, one object a line",
        "$defs": {row.__name__: _definition(row) for row in sorted(_all_rows(), key=lambda row: row.__name__)},
        "commands": {name: {"anyOf": [_shape(row) for row in rows]} for name, rows in sorted(OUTPUTS.items())},
    }
    return json.dumps(document, indent=1) + "\n"


def _definition(row: type) -> dict[str, Any]:
    hints = get_type_hints(row, include_extras=True)
    return {
        "description": cleandoc(row.__doc__ or ""),
        "type": "object",
        "properties": {name: _shape(hint) for name, hint in hints.items()},
        "required": list(hints),
        "additionalProperties": False,
    }


def _shape(kind: Any) -> dict[str, Any]:
    """Return the schema of a type."""
    if _is_object(kind):
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [one.value for one in kind]}
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    inner = get_args(kind)
    origin = get_origin(kind)
    if origin is Annotated:
        return {**_shape(inner[0]), "description": inner[1]}
    if origin is Literal:
        return {"type": "string", "enum": list(inner)}
    if origin in (list, tuple, frozenset):
        return {"type": "array", "items": _shape(inner[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _shape(inner[1])}
    assert origin in (Union, UnionType), kind
    return {"anyOf": [_shape(one) for one in inner]}


def table(name: str) -> str:
    """Describe the keys of one object."""
    (row,) = (one for one in _all_rows() if one.__name__ == name)
    definition = json.loads(schema())["$defs"][name]
    commands = [f"`{command}`" for command, rows in OUTPUTS.items() if row in rows]
    lines = [f"{row.__doc__} Printed by {', '.join(commands)}." if commands else str(row.__doc__), ""]
    lines += ["| key | type | meaning |", "|---|---|---|"]
    for key, shape in definition["properties"].items():
        lines.append(f"| `{key}` | {_type(shape)} | {shape.get('description', '')} |")
    return "\n".join(lines) + "\n"


def names() -> list[str]:
    """Return the names of all objects."""
    return [row.__name__ for row in _all_rows()]


def _type(shape: dict[str, Any]) -> str:
    if "anyOf" in shape:
        return " or ".join(_type(one) for one in shape["anyOf"])
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in shape:
        return ", ".join(f"`{one}`" for one in shape["enum"])
    if shape.get("format") == "date-time":
        return "time"
    if shape["type"] == "array":
        return f"list of {_type(shape['items'])}"
    if shape["type"] == "object":
        return f"object of {_type(shape['additionalProperties'])}"
    return str(shape["type"])


def _rows() -> list[type]:
    """Return the objects that commands print, each once."""
    return list(dict.fromkeys(row for rows in OUTPUTS.values() for row in rows))


def _all_rows() -> list[type]:
    """Return these objects and those within them."""
    found: dict[type, None] = {}
    for row in _rows():
        found |= dict.fromkeys([row, *_within(row)])
    return list(found)


def _within(kind: Any) -> Iterator[type]:
    if kind is Reason:
        return  # its values are described by hand
    inner = get_type_hints(kind).values() if _is_object(kind) else get_args(kind)
    for one in inner:
        if _is_object(one):
            yield one
        yield from _within(one)


def _is_object(kind: Any) -> bool:
    return is_typeddict(kind) or (isinstance(kind, type) and is_dataclass(kind))

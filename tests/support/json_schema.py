"""Checks a value against the part of JSON Schema that the schemas in docs/ use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}
_KNOWN = {"type", "enum", "format", "anyOf", "$ref", "items", "properties", "required", "additionalProperties"}


def problems(value: Any, shape: dict[str, Any], document: dict[str, Any], where: str = "") -> list[str]:
    """Return what is wrong with a value, each with its place."""
    assert set(shape) <= _KNOWN | {"description"}, shape
    if "$ref" in shape:
        return problems(value, document["$defs"][shape["$ref"].removeprefix("#/$defs/")], document, where)
    if "anyOf" in shape:
        found = [problems(value, one, document, where) for one in shape["anyOf"]]
        return [] if [] in found else min(found, key=len)
    if not isinstance(value, _TYPES[shape["type"]]) or (isinstance(value, bool) and shape["type"] != "boolean"):
        return [f"{where}: {value!r} is no {shape['type']}"]
    if "enum" in shape and value not in shape["enum"]:
        return [f"{where}: {value!r} is none of {shape['enum']}"]
    if shape.get("format") == "date-time" and datetime.fromisoformat(value).utcoffset() != timedelta(0):
        return [f"{where}: {value!r} is no time in UTC"]
    return list(_within(value, shape, document, where))


def _within(value: Any, shape: dict[str, Any], document: dict[str, Any], where: str) -> Iterator[str]:
    if shape["type"] == "array":
        for number, one in enumerate(value):
            yield from problems(one, shape["items"], document, f"{where}[{number}]")
    if shape["type"] == "object":
        own, more = shape.get("properties", {}), shape["additionalProperties"]
        for missing in set(shape.get("required", ())) - set(value):
            yield f"{where}: no key {missing!r}"
        for key, one in value.items():
            if key in own or more:
                yield from problems(one, own.get(key) or more, document, f"{where}.{key}")
            else:
                yield f"{where}: unknown key {key!r}"

"""Makes a model of pydantic from the declaration of each table, and validates by it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema, core_schema

from aggregator.config import types
from aggregator.config.model.table import FieldOptions, Table

T = TypeVar("T", bound=Table)
_MODELS: dict[type[Table], type[BaseModel]] = {}


class _Strict(BaseModel):
    """The base of all models: without unknown keys and without implicit type conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def validate(table: type[T], raw: Mapping[str, Any]) -> T:
    """Return the table with these values. Raises pydantic's ValidationError with every problem."""
    return _filled(table, model(table).model_validate(raw))


def model(table: type[Table]) -> type[BaseModel]:
    """Return the model of a table; it is made once."""
    if table not in _MODELS:
        _MODELS[table] = _made(table)
    return _MODELS[table]


def _made(table: type[Table]) -> type[BaseModel]:
    """Make the model of a table, with the fields of its base table first."""
    bases = tuple(model(base) for base in table.__bases__ if base is not Table and issubclass(base, Table))
    # A table imports the types of its keys only for the type checker. `Field` in an annotation is pydantic's own.
    names = {**vars(sys.modules[table.__module__]), **vars(types)}
    hints = inspect.get_annotations(table, globals=names, eval_str=True)
    fields: dict[str, Any] = {name: (hint, Field(**_options(table, name))) for name, hint in hints.items()}
    return create_model(
        table.__name__, __base__=bases or (_Strict,), __module__=table.__module__, __doc__=table.__doc__, **fields
    )


def _options(table: type[Table], name: str) -> FieldOptions:
    options = vars(table)[name]
    assert isinstance(options, FieldOptions), f"{table.__name__}.{name} must be declared by Field or section"
    return options


def _schema(table: type[Table], _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema of a table inside another."""
    return core_schema.no_info_after_validator_function(partial(_filled, table), handler.generate_schema(model(table)))


def _filled(table: type[T], valid: BaseModel) -> T:
    return table(vars(valid), valid.model_fields_set)


# Tells pydantic how to validate a table; a table itself does not know pydantic.
setattr(Table, "__get_pydantic_core_schema__", classmethod(_schema))  # noqa: B010 - Table does not declare it

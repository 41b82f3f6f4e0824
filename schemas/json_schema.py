"""The constraint `jsonSchema`: checked without a network, without exploding patterns, in a bounded number of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from luminaldb.loaders.datapackage import safe_patterns
from luminaldb.loaders.datapackage.bounded_json import parse_strict_json

_MAX_REFERENCES = 10_000
_UNSUPPORTED_KEYWORDS = ("patternProperties", "$dynamicRef", "$recursiveRef")


class _TooManyReferences(Exception):
    """A schema whose references multiply without end."""


def why_unusable(schema: Any) -> str:
    """Return why a JSON Schema can't be used; empty where it can."""
    import jsonschema

    if not isinstance(schema, dict):
        return "not an object"
    for key, value in _members(schema):
        if key in _UNSUPPORTED_KEYWORDS:
            return f"{key} is not supported"
        if key == "$ref" and not (isinstance(value, str) and value.startswith("#")):
            return f"the reference {value!r} leads out of the descriptor"
        if key == "pattern" and isinstance(value, str) and (reason := safe_patterns.why_unusable(value)):
            return f"pattern {value!r}: {reason}"
    try:
        _dialect(schema).check_schema(schema)
    except jsonschema.SchemaError as error:
        return " ".join(error.message.split())
    except RecursionError:
        return "nested too deeply"
    return ""


def make_json_check(schema: dict[str, Any]) -> Callable[[str], bool]:
    """Return a function that checks a cell's JSON; a cell that is no JSON passes, since another check reports it."""
    import jsonschema
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    reference_count = [0]
    dialect = _dialect(schema)
    follow_reference = dialect.VALIDATORS["$ref"]

    def reference(validator: Any, target: Any, instance: Any, schema_part: Any) -> Any:
        reference_count[0] += 1
        if reference_count[0] > _MAX_REFERENCES:
            raise _TooManyReferences
        return follow_reference(validator, target, instance, schema_part)

    def pattern(_: Any, expression: Any, instance: Any, __: Any) -> Iterator[Any]:
        if isinstance(instance, str) and not safe_patterns.matches(expression, instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {expression!r}")

    bounded = jsonschema.validators.extend(dialect, {"pattern": pattern, "$ref": reference})
    validator = bounded(schema, registry=Registry())

    def check_cell(text: str) -> bool:
        reference_count[0] = 0
        try:
            value = parse_strict_json(text)
        except ValueError:
            return True
        try:
            return bool(validator.is_valid(value))
        except (RecursionError, Unresolvable, _TooManyReferences):
            return False

    return check_cell


def _dialect(schema: dict[str, Any]) -> Any:
    import jsonschema

    if not isinstance(schema.get("$schema", ""), str):
        return jsonschema.Draft202012Validator
    return jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield key, member
            yield from _members(member)
    elif isinstance(value, list):
        for member in value:
            yield from _members(member)

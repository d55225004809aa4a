"""One message of a chat, whatever its source calls roles and contents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.errors import ProblemCode
from registry.readers.strict_json import RowFaultError, decode, exact_text
from registry.shapes.base import Turn, field_fault, kind_of

ROLES = {
    **dict.fromkeys(("user", "human", "prompter", "person", "question"), "user"),
    **dict.fromkeys(
        ("assistant", "gpt", "bot", "model", "chatgpt", "ai", "bing", "bard", "moss", "answer"), "assistant"
    ),
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(
        ("tool", "function", "observation", "ipython", "tool_response", "function_response"), "tool"
    ),
    **dict.fromkeys(("function_call", "tool_call", "tool_calls"), "assistant"),
}
CALLING_ROLES = frozenset(("function_call", "tool_call", "tool_calls"))
ROLE_KEYS = ("role", "from", "speaker")
CONTENT_KEYS = ("content", "value", "text")
CALL_KEYS = ("tool_calls", "function_call")
PART_TEXT_KEYS = ("text", "value", "content")


def is_message(value: Any) -> bool:
    """Whether `value` has a role and a content under names we know."""
    return (
        isinstance(value, Mapping)
        and _key(value, ROLE_KEYS) is not None
        and _key(value, CONTENT_KEYS) is not None
    )


def read_message(message: Any, where: str) -> Turn:
    """The turn that `message` is; `where` is its place in the row, as errors show it.

    The label keeps every other key of the message, its role if the source calls it otherwise, and the parts
    of a content in typed parts without their texts. Texts of parts are joined with a line feed.

    Raises:
        RowFaultError: no object, no known role, or a content that is no text (null is taken beside tool
            calls only).
    """
    if not isinstance(message, Mapping):
        raise RowFaultError(
            ProblemCode.WRONG_TYPE, f"{where} must be an object, not {kind_of(message)}", where
        )
    role_key = _key(message, ROLE_KEYS) or ROLE_KEYS[0]
    content_key = _key(message, CONTENT_KEYS) or CONTENT_KEYS[0]
    source_role = _role_text(message, role_key, where)
    role = normal_role(source_role, where)
    label: dict[str, Any] = {} if source_role == role else {role_key: source_role}
    used = {role_key, content_key, *CALL_KEYS}
    label.update((key, value) for key, value in message.items() if key not in used)
    calls = message.get("tool_calls") or message.get("function_call")
    content, parts = _content(message, content_key, where, may_be_null=bool(calls))
    if parts is not None:
        label["parts"] = parts
    if source_role.lower() in CALLING_ROLES and not calls:
        calls, content = _called(content), ""
    return Turn(role, content, _call_text(calls), exact_text(label) if label else None)


def normal_role(role: str, where: str) -> str:
    """`role` as user, assistant, tool or system.

    Raises:
        RowFaultError: no known role; guessing a side would change what the row teaches.
    """
    known = ROLES.get(role) or ROLES.get(role.strip().lower())
    if known is None:
        raise RowFaultError(ProblemCode.BAD_VALUE, f"{where} has the unknown role {role[:60]!r}", where)
    return known


def _key(message: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in message), None)


def _role_text(message: Mapping[str, Any], key: str, where: str) -> str:
    role = message.get(key)
    if isinstance(role, str):
        return role
    fault = field_fault(message, key, "a text")
    raise RowFaultError(fault.code, f"{where}: {fault.message}", f"{where}.{key}")


def _content(
    message: Mapping[str, Any], key: str, where: str, *, may_be_null: bool
) -> tuple[str, list[dict[str, Any]] | None]:
    content = message.get(key)
    if isinstance(content, str):
        return content, None
    if content is None and may_be_null:
        return "", None
    if isinstance(content, list) and all(isinstance(part, Mapping) for part in content):
        return _parts(content)
    fault = field_fault(message, key, "a text or a list of parts")
    raise RowFaultError(fault.code, f"{where}: {fault.message}", f"{where}.{key}")


def _parts(content: list[Mapping[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    texts: list[str] = []
    left: list[dict[str, Any]] = []
    for part in content:
        key = _key(part, PART_TEXT_KEYS) if part.get("type", "text") == "text" else None
        if key is None or not isinstance(part[key], str):
            left.append(dict(part))
        else:
            texts.append(part[key])
            left.append({name: value for name, value in part.items() if name != key})
    return "\n".join(texts), left


def _called(content: str) -> Any:
    try:
        return decode(content)
    except RowFaultError:
        return content


def _call_text(calls: Any) -> str | None:
    if not calls:
        return None
    return exact_text(calls if isinstance(calls, list) else [calls])

"""Flag `role_order`: turns in an order that chat templates or trainers do not take, and which trainers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span
from analyzers.flags.turns import Turns
from analyzers.trainers import CONDITIONS, TrainerVerdict
from analyzers.views import View

CODES = (
    "system_not_first",
    "two_users",
    "assistant_first",
    "tool_without_call",
    "last_not_assistant",
    "unknown_role",
)
KNOWN_ROLES = ("system", "developer", "user", "assistant", "tool")
_TEXT = "the turns stand in an order that chat templates or trainers do not take"

Places = npt.NDArray[np.int64]


# Wherever these show, turns do not alternate in pairs either.
_NOT_ALTERNATING = frozenset(CODES) - {"tool_without_call"}


def trainer_verdicts(codes: Iterable[str]) -> tuple[TrainerVerdict, ...]:
    """The trainers that skip or reject a row with these `role_order` codes, in alphabetical order."""
    told = set(codes)
    if told & _NOT_ALTERNATING:
        told.add("not_alternating")
    found = {verdict for condition in CONDITIONS if condition.id in told for verdict in condition.verdicts}
    return tuple(sorted(found, key=lambda verdict: verdict.trainer))


class RoleOrder:
    """Compares each turn's role with the one before it, over all turns of a batch at once."""

    flag = Flag("role_order", 1, Severity.ERROR, View.ALL, CODES, _TEXT)

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        masks = {}
        for code, places in wrong_places(rows.turns).items():
            masks[code] = np.zeros(rows.num_rows, bool)
            masks[code][rows.turns.rows[places]] = True
        masks["last_not_assistant"] |= rows.turns.begins == rows.turns.ends
        return masks

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`; a row without any turn ends without an answer."""
        turns = rows.turns
        for code, places in wrong_places(turns).items():
            for place in places.tolist():
                note = f"role {turns.roles[place]!r}" if turns.roles[place] else "no role"
                span = Span(code, 0, len(turns.contents[place].as_py()), note)
                yield Hit(int(turns.rows[place]), int(turns.numbers[place]), span)
        for row in np.flatnonzero(turns.begins == turns.ends).tolist():
            yield Hit(row, None, Span("last_not_assistant", 0, 0, "no turns"))


def wrong_places(turns: Turns) -> dict[str, Places]:
    """For each code the turns that show it, as positions among all turns of the batch."""
    roles = turns.roles
    first = turns.numbers == 0
    last = np.append(turns.numbers[1:] == 0, True)[: len(roles)]
    before = np.append("", roles[:-1])[: len(roles)]
    before[first] = ""
    opens = first | (_is_any(before, "system", "developer") & (turns.numbers == 1))
    called = np.append(False, turns.has("tool_calls")[:-1])[: len(roles)] & ~first
    wrong = {
        "system_not_first": _is_any(roles, "system", "developer") & ~opens,
        "two_users": (roles == "user") & (before == "user"),
        "assistant_first": (roles == "assistant") & opens,
        "tool_without_call": (roles == "tool") & ~called & (before != "tool"),
        "last_not_assistant": last & (roles != "assistant"),
        "unknown_role": ~_is_any(roles, *KNOWN_ROLES),
    }
    return {code: np.flatnonzero(mask) for code, mask in wrong.items()}


def _is_any(roles: npt.NDArray[np.object_], *names: str) -> Mask:
    mask: Mask = np.logical_or.reduce([roles == name for name in names])
    return mask

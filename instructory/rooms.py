"""The rooms are top-level packages; this notices when somebody else's file stands in front of one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

ROOMS = ("registry", "analyzers", "mixtures", "dashboard")
HERE = Path(__file__).resolve().parent.parent


def refuse_shadowed_rooms() -> None:
    """Do nothing where each room is ours.

    Raises:
        ImportError: a file or folder on the import path has the name of a room and comes before it;
            the message names that file.
    """
    for room in ROOMS:
        found = _where(room)
        if found != HERE / room:
            raise ImportError(
                f"instructory needs its own package {room!r} from {HERE / room}, but Python finds "
                f"{found or 'nothing'}; rename that file or start Python from another folder"
            )


def _where(room: str) -> Path | None:
    spec = find_spec(room)
    if spec is None:
        return None
    if spec.origin is not None and Path(spec.origin).name == "__init__.py":
        return Path(spec.origin).resolve().parent
    return Path(spec.origin or next(iter(spec.submodule_search_locations or []), "nothing")).resolve()

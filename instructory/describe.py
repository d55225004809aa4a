"""Datasets and mixtures in the formats that others read: Croissant, Hub card, BibTeX, SPDX."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from registry.errors import InputRefusedError, NotMeasuredError, Problem, ProblemCode

if TYPE_CHECKING:
    from registry.entry import Entry
    from registry.registry import Registry

Form = Literal["croissant", "card", "bibtex", "spdx"]
FORMS: Final[tuple[Form, ...]] = ("croissant", "card", "bibtex", "spdx")


@dataclass(frozen=True, slots=True)
class Description:
    """A dataset or mixture in one format.

    `document` is the text as JSON where the format is JSON, else None; `gaps` are what the format asks for
    and nobody told us.
    """

    form: Form
    text: str
    document: Mapping[str, Any] | None = None
    gaps: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        told = {"text": self.text} if self.document is None else {"document": dict(self.document)}
        return {"as": self.form, **told, "gaps": list(self.gaps)}


def describe(
    registry: Registry, ref: str, *, form: str = "croissant", now: datetime | None = None
) -> Description:
    """The entry or sample `ref`, or the mixture whose lock or folder it is, in the format `form`.

    `now` is the time an SPDX document says it was made (default: this moment).

    Raises:
        InputRefusedError: no such format, one that a mixture does not have, or a lock that cannot be used.
        UnknownDatasetError: neither an entry nor a mixture.
        NotMeasuredError: the mixture was built without the file.
        IntegrityError: a file of the mixture is not what its lock says.
    """
    if _is_mixture(ref):
        return _of_mixture(registry, Path(ref), form, now or datetime.now(UTC))
    return describe_entry(registry, ref, form=form, now=now)


def describe_entry(
    registry: Registry, dataset: str, *, form: str = "croissant", now: datetime | None = None
) -> Description:
    """The entry or sample `dataset` in the format `form`; opens no path.

    Raises:
        InputRefusedError: no such format.
        UnknownDatasetError: no such entry.
    """
    entry = registry.entry(dataset)
    made = now or datetime.now(UTC)
    makers: Mapping[str, Callable[[], Description]] = {
        "croissant": lambda: _entry_croissant(registry, entry),
        "card": lambda: _entry_card(registry, entry),
        "bibtex": lambda: _entry_bibtex(registry, entry),
        "spdx": lambda: _entry_spdx(registry, entry, made),
    }
    if form not in makers:
        raise _refused(f"no format {form!r}; known are {', '.join(FORMS)}")
    return makers[form]()


def _entry_croissant(registry: Registry, entry: Entry) -> Description:
    from registry.croissant import croissant_gaps, entry_croissant
    from registry.figures import measured_sets

    measured = {found.entry: found for found in measured_sets().values() if found.part == "whole"}
    document = entry_croissant(
        entry,
        snapshot=registry.latest_snapshot(entry.id),
        measured=measured.get(entry.id),
        parents=[registry.entry(parent) for parent in entry.derived_from],
    )
    known = [] if document.get("recordSet") else ["recordSet"]
    return _as_json("croissant", document, gaps=[*croissant_gaps(document), *known])


def _entry_card(registry: Registry, entry: Entry) -> Description:
    from registry.hub_card import entry_card

    parents = [registry.entry(parent) for parent in entry.derived_from]
    text = entry_card(entry, parents=parents, verdict=registry.license(entry.id))
    return Description("card", text, gaps=() if entry.license else ("license",))


def _entry_bibtex(registry: Registry, entry: Entry) -> Description:
    from registry.bibtex import bibtex

    text = bibtex(entry, revision=_revision(registry, entry))
    return Description("bibtex", text, gaps=("author",) if entry.year else ("author", "year"))


def _entry_spdx(registry: Registry, entry: Entry, now: datetime) -> Description:
    from registry.spdx_document import entry_spdx

    ancestors = [registry.entry(name) for name in registry.lineage(entry.id).ancestors]
    document = entry_spdx(entry, ancestors, created=now, tool=_tool(), revision=_revision(registry, entry))
    return _as_json("spdx", document, gaps=() if entry.license else ("licenseDeclared",))


def _revision(registry: Registry, entry: Entry) -> str | None:
    snapshot = registry.latest_snapshot(entry.id)
    return snapshot.source.revision if snapshot else None


def _of_mixture(registry: Registry, path: Path, form: str, now: datetime) -> Description:
    from mixtures.lock import read_lock
    from registry.croissant import croissant_gaps

    lock, folder = read_lock(path)
    if form == "spdx":
        from mixtures.spdx_document import mixture_spdx

        return _as_json("spdx", mixture_spdx(registry, lock, created=now, tool=_tool()))
    if form == "card":
        return Description("card", _written(lock, folder, "README.md"))
    if form == "croissant":
        text = _written(lock, folder, "croissant.json")
        document = json.loads(text)
        return Description("croissant", text, document, tuple(croissant_gaps(document)))
    raise _refused(f"a mixture has no {form}: cite its sources (bibtex of each) and its recipe's SHA-256")


def _written(lock: Mapping[str, Any], folder: Path, name: str) -> str:
    """The text of a file of the mixture, once it is what the lock says."""
    from registry.errors import IntegrityError
    from registry.files import sha256_file

    output = next((output for output in lock["outputs"] if output["path"] == name), None)
    if output is None:
        raise NotMeasuredError(f"the mixture in {str(folder)!r} was built without {name}: build it again")
    path = folder / name
    if not path.is_file() or sha256_file(path) != output["sha256"]:
        raise IntegrityError(f"{name} is not what the lock says: `instructory verify` tells more")
    return path.read_text(encoding="utf-8")


def _is_mixture(ref: str) -> bool:
    path = Path(ref)
    return (path / "mixture.lock").is_file() or path.name == "mixture.lock"


def _as_json(form: Form, document: Mapping[str, Any], *, gaps: Any = ()) -> Description:
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return Description(form, text, document, tuple(gaps))


def _tool() -> str:
    from mixtures.lock import writer_versions

    return f"instructory-{writer_versions()['instructory']}"


def _refused(message: str) -> InputRefusedError:
    return InputRefusedError([Problem(code=ProblemCode.BAD_VALUE, message=message, file="as")])

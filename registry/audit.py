"""Declared beside measured: rows, languages, form of a row, parents, teachers; what differs is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from registry.entry import Entry
from registry.figures import MeasuredSet, measured_sets
from registry.kinship import LEAST_FOUND
from registry.lineage import Lineage
from registry.measurements import Measurement
from registry.vocabulary import RowFormat

if TYPE_CHECKING:
    from registry.snapshot import Snapshot

ModelsOf: TypeAlias = "Callable[[Snapshot, Entry], Mapping[str, float]]"

SAME_SIZE: Final = 0.02
"""Row counts that differ by less are the same: sources round."""

LANGUAGE_SHARE: Final = 0.05
"""From this share of answers on a language is one of a dataset's."""

TRACE_SHARE: Final = 0.001
"""Below this share of the answers a language may be a mistake of its detection."""

COMPLETE_WITHIN: Final = 1e-6
"""Shares of languages that sum to one but for this are those of all languages."""

_PREFERENCE_SHAPES: Final = frozenset({"preference", "dialogue-preference", "kto"})
_STEP_SHAPES: Final = frozenset({"steps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredRows:
    """What is known of the rows behind an entry: counted on this machine or shipped with the package.

    `is_whole` tells whether they are all rows of the entry; `models` share of rows by model as the rows'
    own fields say, None where nobody looked.
    """

    name: str
    source: str
    is_whole: bool
    rows: int
    shape: str
    measurements: tuple[Measurement, ...] = ()
    models: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One declared fact beside what was measured; `agrees` is None where the two cannot be compared."""

    fact: str
    declared: Any
    measured: Any
    agrees: bool | None
    note: str | None
    measured_on: str

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Everything that could be compared of one entry."""

    id: str
    checks: tuple[Check, ...]

    @property
    def disagreements(self) -> tuple[Check, ...]:
        """The checks that differ."""
        return tuple(check for check in self.checks if check.agrees is False)

    def to_json(self) -> dict[str, Any]:
        """The record as plain JSON types."""
        return {
            "id": self.id,
            "checks": [check.to_json() for check in self.checks],
            "disagreements": len(self.disagreements),
        }


class Audited(Protocol):
    """Where audits look things up; a `Registry` is one."""

    def entry(self, name: str) -> Entry:
        """The dataset or sample `name`."""

    def entry_or_none(self, name: str) -> Entry | None:
        """The dataset or sample `name`; None where nothing is called so."""

    def snapshots(self) -> list[Snapshot]:
        """Snapshots in the order they were added."""

    def measurements(self, dataset: str) -> list[Measurement]:
        """Figures measured here of one dataset."""

    def lineage(self, dataset_id: str) -> Lineage:
        """The family of a dataset with measured shares."""


def audit(entry: Entry, measured: Iterable[MeasuredRows], lineage: Lineage) -> Audit:
    """What was measured of `entry` beside what it declares; nothing is settled here."""
    checks = [check for rows in measured for check in rows_checks(entry, rows)]
    return Audit(id=entry.id, checks=(*checks, *_parents(entry, lineage)))


def audits(
    registry: Audited, ids: Sequence[str] | None = None, *, models_of: ModelsOf | None = None
) -> list[Audit]:
    """The audits of `ids`, or of every entry of which rows were measured, in order of ids.

    Rows counted on this machine count before the figures that ship with the package. `models_of` tells the
    share of rows by the model their own fields name; it is asked for rows on this machine.

    Raises:
        UnknownDatasetError: an id is not known.
    """
    found: dict[str, list[MeasuredRows]] = {}
    here = {snapshot.dataset: snapshot for snapshot in registry.snapshots()}
    for name, snapshot in here.items():
        entry = registry.entry_or_none(name)
        if entry is not None:
            models = models_of(snapshot, entry) if models_of else None
            figures = tuple(registry.measurements(name))
            found.setdefault(entry.id, []).append(_own_rows(snapshot, figures, models))
    for measured in measured_sets().values():
        if measured.entry and measured.entry not in here:
            found.setdefault(measured.entry, []).append(_shipped_rows(measured))
    for name in ids or ():
        registry.entry(name)
    wanted = sorted(found) if ids is None else list(dict.fromkeys(ids))
    return [audit(registry.entry(name), found.get(name, ()), registry.lineage(name)) for name in wanted]


def rows_checks(entry: Entry, rows: MeasuredRows) -> Iterator[Check]:
    """Size, languages, form and teachers of one measured set of rows beside the entry's."""
    yield _size(entry, rows)
    yield _languages(entry, rows)
    yield _form(entry, rows)
    if rows.models:
        yield _teachers(entry, rows, rows.models)


def _check(fact: str, rows: MeasuredRows, values: tuple[Any, Any], agrees: bool | None, note: str) -> Check:
    return Check(
        fact=fact,
        declared=values[0],
        measured=values[1],
        agrees=agrees,
        note=note or None,
        measured_on=f"{rows.name}{'' if rows.is_whole else ' (a part)'}, {rows.source}",
    )


def _size(entry: Entry, rows: MeasuredRows) -> Check:
    agrees, note = None, ""
    declared = entry.size_rows
    if declared is None:
        note = "no count is declared"
    elif rows.is_whole:
        agrees = abs(rows.rows - declared) <= SAME_SIZE * declared
        note = "" if agrees else f"{rows.rows - declared:+,} rows"
    elif rows.rows > (1 + SAME_SIZE) * declared:
        agrees, note = False, "a part has more rows than is declared of the whole"
    else:
        note = "a part was measured"
    return _check("size_rows", rows, (declared, rows.rows), agrees, note)


def _languages(entry: Entry, rows: MeasuredRows) -> Check:
    measured = {
        str(m.params.get("language")): m.value
        for m in rows.measurements
        if m.metric == "language_share" and m.value is not None
    }
    declared = {code.split("-")[0] for code in entry.languages}
    shares = {
        code: round(share, 4)
        for code, share in measured.items()
        if share >= LANGUAGE_SHARE or (share and code in declared)
    }
    told = {code for code, share in measured.items() if share >= LANGUAGE_SHARE} - {"und"}
    agrees, note = None, ""
    if not told:
        note = "not measured" if not measured else "answers too short to tell, or none"
    elif "multi" in declared:
        note = "many languages are declared without naming them"
    elif not told <= declared:
        agrees, note = False, f"not declared: {', '.join(sorted(told - declared))}"
    else:
        agrees, note = _rare_languages(sorted(declared - told), measured, is_whole=rows.is_whole)
    return _check("languages", rows, (list(entry.languages), shares), agrees, note)


def _rare_languages(
    codes: Sequence[str], measured: Mapping[str, float], *, is_whole: bool
) -> tuple[bool | None, str]:
    """Whether declared languages of less than 5 % of the answers are there, and what is said of them."""
    rare = {code: measured[code] for code in codes if measured.get(code)}
    absent = [code for code in codes if code not in rare]
    traces = [code for code, share in rare.items() if share < TRACE_SHARE]
    said = [f"rare: {code} {share:.2%}" for code, share in rare.items() if code not in traces]
    said += [
        f"in less than {TRACE_SHARE:.1%} of the answers, which may be mistakes of detection: {code}"
        for code in traces
    ]
    # Of many languages only the most frequent are measured: one that is not among them may still be there.
    is_complete = sum(measured.values()) > 1 - COMPLETE_WITHIN
    if absent:
        said.append(f"not {'found' if is_complete else 'among the most frequent'}: {', '.join(absent)}")
    if not is_whole and (absent or traces):
        said.append("a part was measured")
    agrees = False if absent and is_complete and is_whole else None if absent or traces else True
    return agrees, "; ".join(said)


def _form(entry: Entry, rows: MeasuredRows) -> Check:
    several = next((m.value for m in rows.measurements if m.metric == "multi_turn_share"), None)
    measured: dict[str, Any] = {"shape": rows.shape, "multi_turn_share": several}
    found = _format_of(rows.shape, several)
    agrees = None if found is None or entry.format is RowFormat.MIXED else found is entry.format
    note = "" if agrees is None or agrees else f"rows look {found}"
    return _check("format", rows, (str(entry.format), measured), agrees, note)


def _format_of(shape: str, several: float | None) -> RowFormat | None:
    if shape in _PREFERENCE_SHAPES:
        return RowFormat.PREFERENCE
    if shape in _STEP_SHAPES:
        return RowFormat.PROCESS_LABELS
    if several is None:
        return None
    return RowFormat.MULTI_TURN if several > 0.5 else RowFormat.SINGLE_TURN


def _teachers(entry: Entry, rows: MeasuredRows, models: Mapping[str, float]) -> Check:
    strangers = [model for model in models if not any(_is_same(model, known) for known in entry.teacher)]
    note = f"not declared: {', '.join(strangers[:5])}" if strangers else ""
    shares = {model: round(share, 4) for model, share in models.items()}
    return _check("teacher", rows, (list(entry.teacher), shares), not strangers, note)


def _is_same(one: str, other: str) -> bool:
    """Whether one name of a model holds the other: `gpt-4-0613` is a GPT-4."""
    first, second = ("".join(c for c in name.lower() if c.isalnum()) for name in (one, other))
    return bool(first and second) and (first in second or second in first)


def _parents(entry: Entry, lineage: Lineage) -> Iterator[Check]:
    steps = [edge for edge in lineage.edges if edge.child == entry.id and edge.measured is not None]
    for edge in steps:
        relation = edge.relation
        found = 0 if relation is None else relation.found
        agrees: bool | None = True
        note = f"{edge.measured:.1%} of its {relation.kind if relation else 'rows'} stand in it"
        if not edge.declared:
            if relation is not None and relation.explained_by:
                continue
            agrees, note = False, f"not declared, but {note}"
        elif found < LEAST_FOUND:
            agrees, note = None, "nothing of it was found; rows may have been rewritten"
        yield Check(
            fact="derived_from",
            declared=edge.parent if edge.declared else None,
            measured={"parent": edge.parent, "share": edge.measured},
            agrees=agrees,
            note=note,
            measured_on="shared texts",
        )
    for copy in lineage.copies:
        yield Check(
            fact="derived_from",
            declared=None,
            measured={"copy": copy},
            agrees=False,
            note="holds the same texts, and neither declares the other",
            measured_on="shared texts",
        )


def _own_rows(
    snapshot: Snapshot, figures: tuple[Measurement, ...], models: Mapping[str, float] | None
) -> MeasuredRows:
    return MeasuredRows(
        name=snapshot.dataset,
        source=f"snapshot {snapshot.id[:10]}",
        is_whole=snapshot.limit is None,
        rows=snapshot.rows_read,
        shape=snapshot.shape,
        measurements=figures,
        models=models,
    )


def _shipped_rows(measured: MeasuredSet) -> MeasuredRows:
    places = dict.fromkeys(f"{file.repository}@{file.commit[:10]}" for file in measured.files)
    return MeasuredRows(
        name=measured.name,
        source=", ".join(places),
        is_whole=measured.part == "whole",
        rows=measured.rows_read,
        shape=measured.shape,
        measurements=measured.measurements,
    )

"""The tables of the registry database, filled from validated records only.

Texts that decide an order compare by code point on every engine. Whole records are kept as JSON texts, so
that each engine gives back the same bytes; columns beside them exist to search and count.
"""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

_TEXT = Text()
_ORDERED = Text().with_variant(Text(collation="C"), "postgresql")


class MetaRecord(SQLModel, table=True):
    """One fact about the database itself, such as the hash of the catalogue it holds."""

    __tablename__ = "meta"

    key: str = Field(primary_key=True, sa_type=_ORDERED)
    value: str = Field(sa_type=_TEXT)


class EntryRecord(SQLModel, table=True):
    """One dataset or sample: what is searched and counted, beside the whole entry in `document`.

    `position` is the place among all ids in order: walking it, backwards too, is the order of ids.
    """

    __tablename__ = "entry"

    position: int = Field(primary_key=True)
    place: int = Field(unique=True, description="place in the catalogue")
    id: str = Field(unique=True, sa_type=_ORDERED)
    kind: str = Field(sa_type=_TEXT)
    name: str = Field(index=True, sa_type=_ORDERED)
    hf_id: str | None = Field(default=None, sa_type=_TEXT)
    category: str = Field(index=True, sa_type=_ORDERED)
    method: str = Field(index=True, sa_type=_ORDERED)
    focus: str = Field(index=True, sa_type=_ORDERED)
    format: str = Field(index=True, sa_type=_ORDERED)
    license: str = Field(index=True, sa_type=_ORDERED, description="unknown where the entry names none")
    commercial_use: str = Field(index=True, sa_type=_ORDERED)
    open: bool
    in_survey: bool
    year: int | None = Field(default=None, index=True)
    size_rows: int | None = Field(default=None, index=True)
    words: str = Field(sa_type=_TEXT, description="searchable words, normalised, blanks around each")
    document: str = Field(sa_type=_TEXT)


class EntryValueRecord(SQLModel, table=True):
    """One value of a field that holds several: languages, teacher, modality."""

    __tablename__ = "entry_value"

    field: str = Field(primary_key=True, sa_type=_ORDERED)
    value: str = Field(primary_key=True, sa_type=_ORDERED)
    entry_id: str = Field(primary_key=True, foreign_key="entry.id", index=True, sa_type=_ORDERED)


class FacetRecord(SQLModel, table=True):
    """One value of one facet: how many datasets carry it, and which (see `registry.facets`)."""

    __tablename__ = "facet"
    # Counts are read without touching the sets beside them.
    __table_args__ = (Index("ix_facet_entries", "field", "value", "entries"),)

    field: str = Field(primary_key=True, sa_type=_ORDERED)
    value: str = Field(primary_key=True, sa_type=_ORDERED)
    entries: int
    bits: bytes = Field(sa_type=LargeBinary)


class EntryParentRecord(SQLModel, table=True):
    """A declared step of lineage."""

    __tablename__ = "entry_parent"

    child: str = Field(primary_key=True, foreign_key="entry.id", sa_type=_ORDERED)
    parent: str = Field(primary_key=True, index=True, sa_type=_ORDERED)


class BenchmarkRecord(SQLModel, table=True):
    """One evaluation set; `kind` tells those of the catalogue from those that ship with the package."""

    __tablename__ = "benchmark"

    position: int = Field(primary_key=True)
    id: str = Field(unique=True, sa_type=_ORDERED)
    kind: str = Field(sa_type=_TEXT)
    document: str = Field(sa_type=_TEXT)


class SnapshotRecord(SQLModel, table=True):
    """One snapshot that was fetched here; the highest `sequence` of a dataset is its latest.

    `folder` is relative to the folder of snapshots where it lies inside it.
    """

    __tablename__ = "snapshot"

    id: str = Field(primary_key=True, sa_type=_ORDERED)
    sequence: int = Field(unique=True)
    dataset: str = Field(index=True, sa_type=_ORDERED)
    folder: str = Field(sa_type=_TEXT)
    document: str = Field(sa_type=_TEXT)


class ResultRecord(SQLModel, table=True):
    """One measurement or distribution of a snapshot; `key` names metric, view and settings."""

    __tablename__ = "result"

    snapshot_id: str = Field(primary_key=True, foreign_key="snapshot.id", sa_type=_ORDERED)
    kind: str = Field(primary_key=True, sa_type=_ORDERED, description="measurement or distribution")
    key: str = Field(primary_key=True, sa_type=_ORDERED)
    metric: str = Field(index=True, sa_type=_ORDERED)
    document: str = Field(sa_type=_TEXT)


class OverlapRecord(SQLModel, table=True):
    """One overlap between two snapshots; `key` names view, shingle and threshold."""

    __tablename__ = "overlap"

    a_snapshot: str = Field(primary_key=True, foreign_key="snapshot.id", sa_type=_ORDERED)
    b_snapshot: str = Field(primary_key=True, foreign_key="snapshot.id", index=True, sa_type=_ORDERED)
    key: str = Field(primary_key=True, sa_type=_ORDERED)
    document: str = Field(sa_type=_TEXT)


class HubStateRecord(SQLModel, table=True):
    """One look at a Hub repository, kept for ever; the highest `sequence` is the latest."""

    __tablename__ = "hub_state"

    repository: str = Field(primary_key=True, sa_type=_ORDERED, description="in lower case")
    sequence: int = Field(primary_key=True)
    commit_id: str = Field(sa_type=_ORDERED)
    document: str = Field(sa_type=_TEXT)

"""One list of filters for every door, as long as that of the registry."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Annotated, Any, get_type_hints

from typer.testing import CliRunner

from instructory.cli import app
from instructory.entry_filters import ENTRY_FILTERS, EntryFilter, Kind, spread
from registry.filters import Filters
from registry.registry import Registry


def test_every_filter_of_the_registry_has_one_word() -> None:
    assert sorted(each.field for each in ENTRY_FILTERS) == sorted(field.name for field in fields(Filters))
    assert len({each.word for each in ENTRY_FILTERS}) == len(ENTRY_FILTERS)
    assert {each.field for each in ENTRY_FILTERS} <= set(inspect.signature(Registry.find).parameters)
    assert all(bool(each.no) == (each.kind is Kind.YES_NO) for each in ENTRY_FILTERS)


def test_a_door_gets_its_filters_by_the_names_of_the_registry() -> None:
    def door(first: int, *, filters: dict[str, Any], limit: Annotated[int, "most"] = 3) -> list[Any]:
        """What the door is for."""
        return [first, filters, limit]

    def annotate(wanted: EntryFilter) -> Any:
        return Annotated[str | None, wanted.says]

    asked = spread(door, annotate)

    words = {each.word: None for each in ENTRY_FILTERS}
    first, filters, limit = asked(1, **{**words, "commercial": "yes"}, limit=9)
    assert (first, limit) == (1, 9)
    assert filters == {**{each.field: None for each in ENTRY_FILTERS}, "commercial_use": "yes"}
    names = list(inspect.signature(asked).parameters)
    assert names == [*(each.word for each in ENTRY_FILTERS), "first", "limit"]
    assert get_type_hints(asked, include_extras=True)["limit"] == Annotated[int, "most"]
    assert asked.__doc__ == "What the door is for."


def test_the_form_of_a_row_is_a_filter_of_the_command_line() -> None:
    done = CliRunner().invoke(app, ["list", "--format", "preference", "--limit", "2", "--json"])
    refused = CliRunner().invoke(app, ["list", "--format", "preferense"])

    assert done.exit_code == 0
    assert done.stdout.count('"id"') == 2
    assert (refused.exit_code, "did you mean preference" in refused.output) == (3, True)

"""What goes with the rows for people: a dataset card and the notices of every source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml

from mixtures.plan import Plan
from registry.errors import UnknownDatasetError

if TYPE_CHECKING:
    from registry.entry import Entry
    from registry.registry import Registry

CARD_FILE = "README.md"
NOTICES_FILE = "NOTICES.md"

_SIZES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
}


_CARD = """\
---
{front}
---

# {name}

{rows} rows of {sources} sources, seed {seed}, shape `{shape}`. {removed} rows left before the choice;
the ledger says which and why.

| part | rows | tokens | different rows | licence |
| --- | ---: | ---: | ---: | --- |
{table}

Licences together, for {use} use: **{verdict}**. See [NOTICES.md](NOTICES.md). This reads published
terms; it is not legal advice.

## Recipe

```yaml
{recipe}
```

Made with Instructory. `mixture.lock` pins every source and every file; check them with
`instructory verify mixture.lock`.
"""


def card_text(plan: Plan, parts: Sequence[dict[str, Any]], files: Sequence[str], removed: int) -> str:
    """A dataset card with front matter: what is in the mixture, what left it, and how to make it again.

    `parts` are the manifest's records of the parts, `files` the names of those that hold rows.
    """
    recipe = plan.recipe
    total = sum(part["rows"] for part in parts)
    return _CARD.format(
        front=_yaml(_front_matter(plan, files, total)),
        name=recipe.name,
        rows=f"{total:,}",
        sources=len(parts),
        seed=recipe.seed,
        shape=recipe.output.shape,
        removed=f"{removed:,}",
        table="\n".join(_table_row(part) for part in parts),
        use=plan.license.use,
        verdict=plan.license.verdict,
        recipe=_yaml(recipe.portable(), flow=None),
    )


def notices_text(registry: Registry, plan: Plan) -> str:
    """The sources with their licences and addresses, and every fact that bears on the licence verdict."""
    lines = ["# Notices", "", "Rows of this mixture come from the following sources.", ""]
    for part in plan.parts:
        lines += [f"## {_cell(part.label)}", ""]
        entry = _entry(registry, part.part.dataset)
        lines += (
            _entry_lines(entry) if entry else ["- a file that is no catalogue entry; licence unknown", ""]
        )
    lines += [f"## What the terms say of {plan.license.use} use: {plan.license.verdict}", ""]
    for reason in plan.license.reasons:
        lines.append(f"- {reason.verdict}: {_cell(' <- '.join(reason.path))}: {_cell(reason.fact)}")
    return "\n".join([*lines, ""])


def _table_row(part: dict[str, Any]) -> str:
    name, licence = _cell(part["part"]), _cell(part["license"] or "unknown")
    return f"| {name} | {part['rows']:,} | {part['tokens']:,} | {part['distinct_rows']:,} | {licence} |"


def _yaml(plain: dict[str, Any], *, flow: bool | None = False) -> str:
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=flow).rstrip()


def _front_matter(plan: Plan, files: Sequence[str], total: int) -> dict[str, Any]:
    licences = {part.license for part in plan.parts}
    only = licences.pop() if len(licences) == 1 else None
    preferred = min(files, key=lambda name: name.endswith(".jsonl"))
    size = next((name for bound, name in _SIZES.items() if total < bound), "n>10M")
    return {
        "license": only.lower() if only and not only.startswith("LicenseRef") else "other",
        "task_categories": ["text-generation"],
        "size_categories": [size],
        "tags": ["instruction-tuning", "mixture", "instructory"],
        "configs": [
            {"config_name": "default", "data_files": [{"split": "train", "path": preferred}]},
        ],
    }


def _entry_lines(entry: Entry) -> list[str]:
    facts = {
        "name": entry.name,
        "licence": entry.license_name or entry.license or "unknown",
        "licence text": entry.license_url,
        "note": entry.license_note,
        "Hugging Face": entry.hf_id,
        "GitHub": entry.github,
        "homepage": entry.homepage,
        "paper": entry.paper,
        "derived from": ", ".join(entry.derived_from) or None,
    }
    return [*(f"- {name}: {_cell(str(value))}" for name, value in facts.items() if value), ""]


def _entry(registry: Registry, dataset: str | None) -> Entry | None:
    if dataset is None:
        return None
    try:
        return registry.entry(dataset)
    except UnknownDatasetError:
        return None


def _cell(text: str) -> str:
    """`text` on one line and without what Markdown would read as table, tag or link."""
    flat = " ".join(text.split())
    return "".join(f"\\{c}" if c in "|<>[]`*_\\" else c for c in flat)

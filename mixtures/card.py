"""What goes with the rows for people: a dataset card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from mixtures.plan import Plan
from registry.card_license import hub_license
from registry.hub_card import front_yaml, inert, size_category

CARD_FILE = "README.md"
NOTICES_FILE = "NOTICES.md"

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
        front=front_yaml(_front_matter(plan, files, total)),
        name=recipe.name,
        rows=f"{total:,}",
        sources=len(parts),
        seed=recipe.seed,
        shape=recipe.output.shape,
        removed=f"{removed:,}",
        table="\n".join(_table_row(part) for part in parts),
        use=plan.license.use,
        verdict=plan.license.verdict,
        recipe=_yaml(recipe.portable()),
    )


def _table_row(part: dict[str, Any]) -> str:
    name, licence = inert(part["part"]), inert(part["license"] or "unknown")
    return f"| {name} | {part['rows']:,} | {part['tokens']:,} | {part['distinct_rows']:,} | {licence} |"


def _yaml(plain: dict[str, Any]) -> str:
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=None).rstrip()


def _front_matter(plan: Plan, files: Sequence[str], total: int) -> dict[str, Any]:
    preferred = min(files, key=lambda name: name.endswith(".jsonl"))
    return {
        **_hub_license(plan),
        "task_categories": ["text-generation"],
        "size_categories": [size_category(total)],
        "tags": ["instruction-tuning", "mixture", "instructory"],
        "configs": [
            {"config_name": "default", "data_files": [{"split": "train", "path": preferred}]},
        ],
    }


def _hub_license(plan: Plan) -> dict[str, str | list[str]]:
    """The licences of all parts together; where the Hub has no name for one, the notices say which."""
    licences = sorted({part.license or "" for part in plan.parts})
    if "" not in licences and "other" not in licences:
        told = hub_license(" AND ".join(f"({one})" if " OR " in one else one for one in licences))
        if told["license"] != "other":
            return told
    return {"license": "other", "license_name": "licences-of-the-sources", "license_link": NOTICES_FILE}

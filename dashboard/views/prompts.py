"""What prompts ask for: root verbs and their nouns, tasks and domains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboard import charts, diagrams
from dashboard.views.figures import Figures
from dashboard.views.numbers import count, percent
from dashboard.views.plain import one_line, visible
from registry.measurements import Measurement

# The rule whose pairs are drawn where several were measured.
RULES = ("full", "lexicon", "compat")
MOST_LABELS = 12
_LONGEST = 24


def verb_chart(figures: Figures) -> dict[str, Any] | None:
    """Root verbs of the prompts and their commonest nouns as two rings; None where no pair was found."""
    verbs, nouns = _drawn(figures, "verb_share"), _drawn(figures, "verb_noun_share")
    if not verbs:
        return None
    nodes = [_verb_node(verb, nouns, place) for place, verb in enumerate(verbs)]
    drawn = sum(m.value or 0 for m in nouns)
    heading = charts.title(
        "Root verbs and their objects",
        f"the 20 commonest verbs, 4 nouns of each · {percent(drawn)} of n = {count(verbs[0].n_used)} prompts",
    )
    return diagrams.two_rings(heading, nodes)


def verb_note(figures: Figures) -> str:
    """Who read the sentences, and that the rest of the prompts is not drawn."""
    verbs = _drawn(figures, "verb_share")
    return (
        f"Read by {visible(verbs[0].backend or '')}; other prompts have other pairs or none." if verbs else ""
    )


def task_chart(figures: Figures) -> dict[str, Any] | None:
    """Shares of the tasks the rules see in the prompts; None where none was measured."""
    return _label_chart(figures, "task", "Tasks of the prompts")


def domain_chart(figures: Figures) -> dict[str, Any] | None:
    """Shares of the domains the rules see in the prompts; None where none was measured."""
    return _label_chart(figures, "domain", "Domains of the prompts")


def _label_chart(figures: Figures, kind: str, title: str) -> dict[str, Any] | None:
    shares = [m for m in figures.measurements if m.metric == f"{kind}_share" and m.value]
    if not shares:
        return None
    ranked = sorted(shares, key=lambda m: (-(m.value or 0), str(m.params[kind])))[:MOST_LABELS]
    heading = charts.title(title, f"share of prompts, labelled by rules · n = {count(ranked[0].n_used)}")
    names = [str(m.params[kind]).replace("_", " ") for m in ranked]
    return charts.share_bars(heading, names, [m.value or 0.0 for m in ranked])


def _drawn(figures: Figures, metric: str) -> list[Measurement]:
    """The measured shares of the preferred rule, the largest first."""
    found = [m for m in figures.measurements if m.metric == metric and m.value]
    rule = next((rule for rule in RULES if any(m.params.get("rule") == rule for m in found)), None)
    own = [m for m in found if m.params.get("rule") == rule]
    return sorted(own, key=lambda m: (-(m.value or 0), str(m.params.get("verb")), str(m.params.get("noun"))))


def _verb_node(verb: Measurement, nouns: Sequence[Measurement], place: int) -> dict[str, Any]:
    """One verb with its nouns, whose shares its arc adds up, as in the figure of Self-Instruct."""
    colour = charts.SERIES[place % len(charts.SERIES)]
    own = [m for m in nouns if m.params.get("verb") == verb.params.get("verb")]
    pale = charts.tint(colour, 0.6)
    return {
        "name": one_line(str(verb.params.get("verb")), _LONGEST),
        "itemStyle": {"color": colour},
        "children": [_leaf(str(m.params.get("noun")), m.value or 0.0, pale) for m in own],
    }


def _leaf(name: str, share: float, colour: str) -> dict[str, Any]:
    return {"name": one_line(name, _LONGEST), "value": round(100 * share, 3), "itemStyle": {"color": colour}}

"""The structure of prompts: root verb and object noun, and how deep sentences nest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from analyzers import clauses, parsing, tag_templates, verb_lexicon
from analyzers.base import Batch, Finding
from analyzers.drawn_texts import Budget, DrawnTexts
from analyzers.language import may_be_english
from analyzers.tally import Tally, entropy_bits
from analyzers.text import Hashes
from registry.errors import UnknownParserError
from registry.measurements import Param

VIEW = "first_prompt"
PARSERS = ("lexicon", "spacy")
VERBS_DRAWN = 20
NOUNS_DRAWN = 4
NO_PARSE = "takes a parse: --parser spacy (extra nlp)"
NO_PROMPT = "no prompt in English"
NO_PAIR = "no prompt with a verb and its noun"

POS_METRICS = ("pos_template_rate", "pos_compression_ratio")
TAGS = Budget(texts=2_000, text_bytes=4_096, total_bytes=2_000 * 4_097)

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Structures:
    """English prompts of the sample: pairs "verb noun" by rule, and tallies of depth and nodes.

    `Structures()` is the neutral element of `+`.
    """

    rows: int = 0
    pairs: dict[str, Counts] = field(default_factory=dict)
    depths: Tally = field(default_factory=Tally)
    nodes: Tally = field(default_factory=Tally)
    tags: DrawnTexts = field(default_factory=lambda: DrawnTexts(TAGS))

    def __add__(self, other: Structures) -> Structures:
        rules = dict.fromkeys((*self.pairs, *other.pairs))
        return Structures(
            self.rows + other.rows,
            {rule: _added(self.pairs.get(rule, {}), other.pairs.get(rule, {})) for rule in rules},
            self.depths + other.depths,
            self.nodes + other.nodes,
            self.tags + other.tags,
        )


class Syntax:
    """Root verb and noun, and depth, of the English prompts of the sample.

    `parser` is `lexicon` (word lists, always there) or `spacy` (a dependency parse, extra `nlp`), which knows
    two rules: `full`, and `compat` as widely copied code has it.
    """

    name = "syntax"
    version = 1
    metrics = ("verb_noun", "verb_share", "verb_noun_share", "dep_depth", "dep_nodes", *POS_METRICS)
    columns = ("turns",)

    def __init__(self, *, seed: int = 0, parser: str = "lexicon") -> None:
        if parser not in PARSERS:
            raise UnknownParserError(parser, PARSERS)
        if parser == "spacy":
            parsing.model_name()
        self.seed = seed
        self.parser = parser

    def start(self) -> Structures:
        """No prompts."""
        return Structures()

    def measure(self, batch: Batch) -> Structures:
        """What the English prompts of the sampled rows of one batch hold."""
        sample = batch.sample()
        known = may_be_english(sample.languages(VIEW))
        prompts = sample.view(VIEW).filter(known)
        if self.parser != "spacy":
            return _by_lexicon(prompts)
        return _by_spacy(prompts, sample.keys[known.to_numpy(zero_copy_only=False)])

    def merge(self, a: Structures, b: Structures) -> Structures:
        """The sums of both."""
        return a + b

    def finish(self, total: Structures) -> list[Finding]:
        """For each rule the figures of its pairs and the rings of the sunburst, then depth and nodes."""
        rules = ("full", "compat") if self.parser == "spacy" else ("lexicon",)
        found = [finding for rule in rules for finding in self._pairs(rule, total)]
        reason = NO_PROMPT if self.parser == "spacy" else NO_PARSE
        for metric, tally, why in (
            ("dep_depth", total.depths, NO_PROMPT),
            ("dep_nodes", total.nodes, reason),
        ):
            stats = {"mean": tally.mean, "median": tally.quantile(0.5), "p95": tally.quantile(0.95)}
            for stat, value in stats.items():
                backend = clauses.BACKEND if self.parser == "lexicon" and metric == "dep_depth" else None
                found.append(
                    self._finding(metric, value, total.rows, {"stat": stat}, reason=why, backend=backend)
                )
        return [*found, *self._templates(total)]

    def _templates(self, total: Structures) -> Iterator[Finding]:
        rows = [text.decode() for text in total.tags.texts]
        reason = NO_PROMPT if self.parser == "spacy" else NO_PARSE
        found: list[tuple[str, float | None, dict[str, Param]]] = [
            ("pos_template_rate", tag_templates.template_rate(rows, n), {"n": n, "top": tag_templates.TOP})
            for n in tag_templates.ORDERS
        ]
        zipped = tag_templates.tag_compression(rows)
        found.append(("pos_compression_ratio", zipped, {"codec": "zlib", "level": tag_templates.LEVEL}))
        for metric, value, params in found:
            held = {**params, "rows": len(rows)}
            yield self._finding(metric, value, len(rows), held, reason=reason, direction="-")

    def _pairs(self, rule: str, total: Structures) -> Iterator[Finding]:
        pairs = total.pairs.get(rule, {})
        for stat, value in pair_figures(pairs, total.rows).items():
            direction: Literal["-", "+"] = "-" if stat == "top_verbs_share" else "+"
            reason = NO_PAIR if total.rows else NO_PROMPT
            params: dict[str, Param] = {"rule": rule, "stat": stat}
            yield self._finding("verb_noun", value, total.rows, params, reason=reason, direction=direction)
        rings = rings_of(pairs)
        for verb, nouns in rings.items() or {None: {}}.items():
            rows = sum(count for pair, count in pairs.items() if pair.split(" ")[0] == verb)
            share = rows / total.rows if verb else None
            yield self._finding("verb_share", share, total.rows, {"rule": rule, "verb": verb}, reason=NO_PAIR)
            for noun, count in nouns.items() or {None: 0}.items():
                share = count / total.rows if noun else None
                params = {"rule": rule, "verb": verb, "noun": noun}
                yield self._finding("verb_noun_share", share, total.rows, params, reason=NO_PAIR)

    def _finding(
        self,
        metric: str,
        value: float | None,
        rows: int,
        params: Mapping[str, Param],
        *,
        reason: str,
        direction: Literal["+", "-", "0"] = "0",
        backend: str | None = None,
    ) -> Finding:
        own = parsing.backend() if self.parser == "spacy" else verb_lexicon.BACKEND
        return Finding(
            metric=metric,
            view=VIEW,
            n_used=rows,
            value=value,
            params=params,
            backend=backend or own,
            reason=reason if value is None else None,
            direction="+" if metric in ("dep_depth", "dep_nodes") else direction,
            evidence="B",
            seed=self.seed,
        )


def pair_figures(pairs: Mapping[str, int], rows: int) -> dict[str, float | None]:
    """Coverage, distinct pairs, their entropy, effective pairs, share of the top verbs; None without any."""
    counts = np.array(list(pairs.values()), np.int64)
    found = int(counts.sum())
    bits = entropy_bits(counts) if found else None
    verbs = sorted(_verb_counts(pairs).values(), reverse=True)
    return {
        "coverage": found / rows if rows else None,
        "distinct": float(len(pairs)) if rows else None,
        "entropy_bits": bits,
        "entropy_normalised": bits / math.log2(len(pairs)) if bits is not None and len(pairs) > 1 else None,
        "effective_pairs": None if bits is None else 2**bits,
        "top_verbs_share": sum(verbs[:VERBS_DRAWN]) / found if found else None,
    }


def rings_of(pairs: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """The 20 verbs of most pairs, and for each its 4 commonest nouns with their rows."""
    verbs = _verb_counts(pairs)
    rings: dict[str, dict[str, int]] = {}
    for verb in sorted(verbs, key=lambda verb: (-verbs[verb], verb))[:VERBS_DRAWN]:
        nouns = {pair.split(" ")[1]: count for pair, count in pairs.items() if pair.split(" ")[0] == verb}
        rings[verb] = dict(sorted(nouns.items(), key=lambda item: (-item[1], item[0]))[:NOUNS_DRAWN])
    return rings


def _verb_counts(pairs: Mapping[str, int]) -> Counts:
    verbs: Counts = {}
    for pair, count in pairs.items():
        verb = pair.split(" ")[0]
        verbs[verb] = verbs.get(verb, 0) + count
    return verbs


def _by_lexicon(prompts: pa.LargeStringArray) -> Structures:
    found = [verb_lexicon.root_verb_noun(text) for text in _texts(prompts)]
    depths = Tally.of(clauses.nesting_depths(prompts))
    return Structures(len(prompts), {"lexicon": _counted(found)}, depths)


def _by_spacy(prompts: pa.LargeStringArray, keys: Hashes) -> Structures:
    found = list(parsing.parse(_texts(prompts)))
    return Structures(
        len(prompts),
        {"full": _counted([p.full for p in found]), "compat": _counted([p.compat for p in found])},
        Tally.of(np.array([p.depth for p in found], np.int64)),
        Tally.of(np.array([p.nodes for p in found], np.int64)),
        DrawnTexts.of(pa.array([p.tags for p in found], pa.large_string()), keys, TAGS),
    )


def _texts(prompts: pa.LargeStringArray) -> list[Any]:
    texts: list[Any] = prompts.to_pylist()
    return texts


def _counted(found: list[verb_lexicon.Pair]) -> Counts:
    """Rows of each pair "verb noun", in the order of the pairs."""
    counts: Counts = {}
    for verb, noun in found:
        if verb is not None and noun is not None:
            pair = f"{_one_word(verb)} {_one_word(noun)}"
            counts[pair] = counts.get(pair, 0) + 1
    return dict(sorted(counts.items()))


def _one_word(text: str) -> str:
    return "_".join(text.split()) or "_"


def _added(a: Counts, b: Counts) -> Counts:
    return {pair: a.get(pair, 0) + b.get(pair, 0) for pair in sorted(a.keys() | b.keys())}

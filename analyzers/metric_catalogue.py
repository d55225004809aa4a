"""What each metric is called and what it is associated with: the one place that reports, pages and docs read.

Direction and evidence grade travel with each figure; here stands how to say them. The wording is "associated
with", never "improves": no number here forecasts what a model will score.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from analyzers.hygiene import FLAGS
from analyzers.table import metric_owners

GRADES: Mapping[str, str] = {
    "A": "models were trained and it, or selecting by it, tracked the result",
    "B": "indirect: agreement with people or other metrics, or one small study",
    "C": "no study seen; plainly informative, or plainly a defect",
    "-": "mixed evidence, or evidence against",
}
DIRECTIONS: Mapping[str, str] = {"+": "↑ richer, cleaner", "-": "↓ richer, cleaner", "0": "describes"}
_BY_GRADE: Mapping[str, str] = {
    "A": "associated with scores of tuned models in published studies",
    "B": "associated with what people or other metrics call diverse or complex; no tuned models seen",
    "C": "descriptive; no association with scores was seen published",
    "-": "studies disagree",
}
_DEFECT = "a defect of rows; no published study says how much of it matters"
_VOCABULARY = "associated with lexical richness as people judge it; falls as a corpus grows"
_TESTED = "among the measures tested against tuned models in arXiv 2502.17184; its own rank there not read"
_LENGTH = (
    "length of responses: associated with judged preference (arXiv 2402.04833) and stable as a filter at a "
    "million rows (2410.09335)"
)


class MetricFacts(NamedTuple):
    """A metric for people: its name, the analyzer it belongs to, what it is associated with beyond its grade.

    `note` None means that the sentence of the grade says all there is to say.
    """

    label: str
    section: str
    note: str | None = None

    def association(self, evidence: str) -> str:
        """What the metric is associated with, given the grade of a figure."""
        return self.note or _BY_GRADE.get(evidence, _BY_GRADE["C"])


_NAMED: Mapping[str, tuple[str, str | None]] = {
    "len_chars": ("Characters", _LENGTH),
    "len_words": ("Words", _LENGTH),
    "len_tokens": ("Tokens", _LENGTH),
    "loss_tokens": ("Tokens to learn", "decides the budget of a run; descriptive"),
    "row_tokens": ("Tokens of a whole row", "decides what a trainer cuts; descriptive"),
    "loss_tokens_within": ("Tokens to learn within a limit", "decides the budget of a run; descriptive"),
    "rows_too_long": ("Rows over a limit", "decides what a trainer cuts; descriptive"),
    "n_turns": ("Turns of a row", None),
    "n_user_turns": ("User turns of a row", None),
    "multi_turn_share": ("Rows with several turns", None),
    "system_share": ("Rows with a system text", None),
    "language_share": ("Language of the response", None),
    "lang_entropy": ("Entropy of languages", None),
    "ttr": ("Type-token ratio", _VOCABULARY),
    "distinct_n": ("Distinct n-grams", _VOCABULARY),
    "nds": ("N-gram diversity", _VOCABULARY),
    "ead_n": ("Distinct n-grams, adjusted", "agrees with people better than distinct-n (arXiv 2202.13587)"),
    "entropy_n": ("Entropy of n-grams", None),
    "mattr": ("Type-token ratio in windows", "favours short responses (arXiv 2507.15092)"),
    "mtld": ("MTLD", "lexical richness that hardly moves with length (McCarthy & Jarvis 2010)"),
    "hdd": ("HD-D", None),
    "self_repetition": ("Self-repetition", "shared phrases across rows (arXiv 2403.00553)"),
    "compression_ratio": (
        "Compression ratio",
        "choosing rows of low ratio was associated with better tuned models (arXiv 2407.06645)",
    ),
    "compression_ratio_long": ("Compression ratio, long reach", None),
    "self_bleu": ("Self-BLEU", "noisy on short text (arXiv 2403.00553)"),
    "mean_shingle_jaccard": ("Mean Jaccard of shingles", None),
    "rougeL_nn": ("ROUGE-L to the nearest row", "used to reject generated prompts (arXiv 2212.10560)"),
    "verb_noun": ("Root verbs and nouns", None),
    "verb_share": ("Most frequent verbs", None),
    "verb_noun_share": ("Most frequent verbs with nouns", None),
    "dep_depth": ("Depth of sentences", "arXiv 2308.05696 for a related tree of instructions"),
    "dep_nodes": ("Words in sentence trees", "arXiv 2308.05696 for a related tree of instructions"),
    "reasoning_rows": ("Rows with reasoning", None),
    "steps": ("Steps of reasoning", "the density of steps was associated with scores in arXiv 2512.14051"),
    "reason_share": ("Reasoning in responses", None),
    "reflect_rate": ("Second thoughts", None),
    "tags_balanced": ("Balanced reasoning tags", None),
    "answer_after_block": ("Answer after reasoning", None),
    "logic_words": ("Connectives", None),
    "answer_known": ("Answers a rule can tell", None),
    "answer_conflict": ("Answers that disagree", _DEFECT),
    "chosen_longer": ("Chosen side is longer", None),
    "chosen_words_ratio": ("Words of chosen over rejected", None),
    "ppl": ("Perplexity of the response", None),
    "ifd": (
        "Instruction-following difficulty",
        "selecting by it beat random in its own paper (arXiv 2308.12032)",
    ),
    "ifd_dropped": ("Rows that IFD leaves out", None),
    "pos_template_rate": ("Rows with a common word-class pattern", None),
    "pos_compression_ratio": ("Compression ratio of word classes", None),
    "trainer_refuses": ("Rows a trainer refuses", "descriptive of trainers, not of scores"),
    "trainer_cuts": ("Rows a trainer cuts for their length", "descriptive of trainers, not of scores"),
    "cut_at_length": ("Responses cut at one length", _DEFECT),
    "cut_length": ("Length at which responses are cut", "descriptive"),
    "n_constraints": (
        "Constraints of a prompt",
        "deeper instructions were associated with higher scores (arXiv 2308.05696, another measure)",
    ),
    "constraint_share": ("Prompts with constraints", None),
    "task_share": ("Kind of task", None),
    "task_entropy": ("Entropy of tasks", None),
    "domain_share": ("Domain", None),
    "domain_entropy": ("Entropy of domains", None),
    "concept_coverage": ("Covered pairs of task and domain", None),
    "code_ratio": ("Code in the response", None),
    "math_ratio": ("Mathematics in the response", None),
    "readability": ("Readability", None),
    "mean_pairwise_cosine": ("Mean cosine of pairs", _TESTED),
    "vendi_q": ("Vendi score", _TESTED),
    "radius": ("Spread of vectors", None),
    "knn_distance": ("Distance to the nearest rows", _TESTED),
    "cluster_entropy": ("Entropy over clusters", _TESTED),
    "facility_coverage": ("Coverage of the pool", _TESTED),
    "kcenter_radius": ("Farthest uncovered prompt", None),
    "logdet": ("Log-determinant", "associated with how much data is worth (arXiv 2402.02318)"),
    "novelsum": (
        "NovelSum",
        "correlated 0.97 with tuned models in one study of one pool of English chat (arXiv 2502.17184)",
    ),
    "usable_rate": (
        "Usable rows",
        "rows without a defect of severity error; no published study relates it to scores",
    ),
    "dup_row": ("Equal rows", _DEFECT),
    "dup_exact": ("Equal texts", _DEFECT),
    "dup_near": ("Near duplicates", _DEFECT),
    "dup_prompt_exact": ("Equal prompts", _DEFECT),
}


_FLAG_LABELS: Mapping[str, str] = {
    "ai_boilerplate": "Speaks as a model",
    "gopher_quality": "Fails web page rules",
    "pii": "Private data",
    "tool_args_json": "Broken tool calls",
    "url_only": "Only a link",
}


@cache
def metric_facts() -> Mapping[str, MetricFacts]:
    """Every metric by name, in the order of the table of analyzers; flags are named by what they find."""
    flags = {flag.id: flag.text for flag in FLAGS}
    found = {}
    for metric, owner in metric_owners().items():
        if metric in flags:
            label = _FLAG_LABELS.get(metric, metric.replace("_", " ").capitalize())
            found[metric] = MetricFacts(label, owner, f"{flags[metric]}; {_DEFECT}")
        else:
            label, note = _NAMED.get(metric, (metric.replace("_", " ").capitalize(), None))
            found[metric] = MetricFacts(label, owner, note)
    return found


def uncatalogued() -> list[str]:
    """Metrics of the table that have no name of their own here."""
    flags = {flag.id for flag in FLAGS}
    return [metric for metric in metric_owners() if metric not in _NAMED and metric not in flags]


def facts_of(metric: str) -> MetricFacts:
    """The facts of one metric; of one no analyzer answers with (an old figure), its bare name."""
    return metric_facts().get(metric, MetricFacts(metric, "other"))

"""Pairs of a chosen and a rejected side: does the longer side win?"""

from __future__ import annotations

from dataclasses import dataclass

from analyzers.base import Batch, Finding, View
from analyzers.flags.preference_pairs import pairs
from analyzers.flags.turns import Turns
from analyzers.intervals import wilson_interval
from analyzers.text import TOKENIZER, word_list


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Pairs seen, those whose chosen or rejected side has more words, and the words of either side."""

    pairs: int = 0
    chosen_longer: int = 0
    rejected_longer: int = 0
    chosen_words: int = 0
    rejected_words: int = 0


class Preferences:
    """`chosen_longer`: of the pairs whose sides differ in words, the share whose chosen side has more.

    A share far from one half says that length alone tells much of the preference, which a reward model or
    direct preference optimisation will learn. `chosen_words_ratio`: words of all chosen over words of all
    rejected sides. Both look at the turns from where the sides part. Null where no row holds a pair.
    """

    name = "preferences"
    version = 1
    metrics = ("chosen_longer", "chosen_words_ratio")
    columns = ("turns",)

    def start(self) -> PairCounts:
        """No pairs."""
        return PairCounts()

    def measure(self, batch: Batch) -> PairCounts:
        """Counts over one batch."""
        total = PairCounts()
        for pair in pairs(Turns(batch.rows)):
            chosen, rejected = len(word_list(pair.chosen_text)), len(word_list(pair.rejected_text))
            total = self.merge(
                total, PairCounts(1, int(chosen > rejected), int(chosen < rejected), chosen, rejected)
            )
        return total

    def merge(self, a: PairCounts, b: PairCounts) -> PairCounts:
        """Counts over both."""
        return PairCounts(
            a.pairs + b.pairs,
            a.chosen_longer + b.chosen_longer,
            a.rejected_longer + b.rejected_longer,
            a.chosen_words + b.chosen_words,
            a.rejected_words + b.rejected_words,
        )

    def finish(self, total: PairCounts) -> list[Finding]:
        """The share with its Wilson 95 % interval, and the ratio."""
        unequal = total.chosen_longer + total.rejected_longer
        low, high = wilson_interval(total.chosen_longer, unequal) if unequal else (None, None)
        ratio = total.chosen_words / total.rejected_words if total.rejected_words else None
        missing = "no preference pairs" if not total.pairs else "no pair with sides of different length"
        return [
            Finding(
                metric="chosen_longer",
                view=str(View.RESPONSE),
                n_used=unequal,
                value=total.chosen_longer / unequal if unequal else None,
                tokenizer=TOKENIZER,
                ci_low=low,
                ci_high=high,
                reason=None if unequal else missing,
            ),
            Finding(
                metric="chosen_words_ratio",
                view=str(View.RESPONSE),
                n_used=total.pairs,
                value=ratio,
                tokenizer=TOKENIZER,
                reason=None if ratio is not None else "no preference pairs",
            ),
        ]

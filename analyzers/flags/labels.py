"""Flag `rejected_answer`: the row's own label says that its answer is not wanted (KTO data)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from analyzers.arrow import pc
from analyzers.flags.rule import Flag, Hit, Mask, RowTexts, Severity, Span, masks_of_hits
from analyzers.views import View

# Labels are JSON that our own shapes write, so the fields are spelt just so.
_THUMB_DOWN = r'"(?:label|kto_tag)":\s*false'


class RejectedAnswer:
    """Reads the labels of turns; training on such a row as if it were right teaches the opposite."""

    flag = Flag(
        "rejected_answer",
        1,
        Severity.ERROR,
        View.RESPONSE,
        (),
        "the row's own label says that this answer is not wanted",
    )

    def masks(self, rows: RowTexts) -> Mapping[str, Mask]:
        """See `Rule.masks`."""
        return masks_of_hits(self.flag, self.hits(rows), rows.num_rows)

    def hits(self, rows: RowTexts) -> Iterator[Hit]:
        """See `Rule.hits`."""
        turns = rows.turns
        labels = turns.field("label")
        if labels is None:
            return
        down = pc.fill_null(pc.match_substring_regex(labels, _THUMB_DOWN), False)
        for place in np.flatnonzero(down.to_numpy(zero_copy_only=False)).tolist():
            length = len(turns.contents[place].as_py())
            yield Hit(int(turns.rows[place]), int(turns.numbers[place]), Span("", 0, length, "label false"))

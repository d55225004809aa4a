"""The report: what it has to say, that it is inert, offline and the same each time."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

import instructory as ins
from dashboard.report import svg
from dashboard.report.document import Chart, Document, Excerpts, Paragraph, Section, table
from dashboard.report.html import to_html
from dashboard.report.markdown import code, inert, to_markdown
from dashboard.report.sections import plainest
from registry.measurements import Measurement

HOSTILE = (
    "<script>alert(1)</script>\u202e [x](https://evil.example) |\n# `a` ![i](http://e.x/i.png) "
    "me@evil.example \ud800"
)
FORBIDDEN = {"script", "img", "iframe", "object", "embed", "link", "base", "form", "a", "image", "use"}


class Tags(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A report of two samples and a file of hostile rows, in both forms, and once more."""
    folder = tmp_path_factory.mktemp("report")
    rows = [
        {
            "prompt": f"{HOSTILE.encode('utf-8', 'replace').decode()} {n}",
            "completion": "I'm sorry, but I cannot help.",
        }
        for n in range(6)
    ]
    rows.append(
        {
            "prompt": "Who?",
            "completion": "I cannot help. Write to jane.roe@somewhere.net or call 202-456-1111.",
        }
    )
    rows.append({"prompt": "Empty?", "completion": ""})
    hostile = folder / "hostile.jsonl"
    hostile.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    names = ["sample-human", str(hostile)]
    with ins.Registry.open(ins.Settings(home=folder / "home")) as registry:
        ins.compare_fair(registry, ["sample-human", str(hostile)], size=6, only=["ttr", "distinct_n"])
        ins.overlap(registry, "sample-human", "sample-distilled")
        for name in ("a.html", "b.html", "a.md"):
            made_on = "1 May" if name == "a.md" else None
            ins.report(registry, names, to=folder / name, against=["sample-benchmark"], made_on=made_on)
    return {name: (folder / name).read_text(encoding="utf-8") for name in ("a.html", "b.html", "a.md")}


def test_a_report_says_what_the_data_is_and_what_it_does_not_say(written: dict[str, str]) -> None:
    text = Tags(written["a.html"]).text

    for part in (
        "At a glance",
        "Compared fairly",
        "Commercial use: allowed",
        "162 rows read = 162 kept + 0 bad",
        "Words in the response",
        "Grades of evidence: associated with",
        "What this does not say",
        "Zero is not absence",
        "sample-distilled",
        "sample-benchmark",
        "mtld v1",
        "first_prompt+final_answer",
        "No licence is known of these rows",
    ):
        assert part in text, part
    assert "improve" not in text.replace("self-improvement", "")
    assert "random" in text


def test_a_report_needs_nothing_else_and_runs_nothing(written: dict[str, str]) -> None:
    page = Tags(written["a.html"])

    assert not page.tags & FORBIDDEN
    assert {"svg", "table", "details"} <= page.tags
    assert not [a for a in page.attributes if a[0].startswith("on") or a[0] in {"href", "src", "xlink:href"}]
    assert "url(" not in written["a.html"]
    assert "default-src 'none'" in written["a.html"]


def test_equal_facts_give_equal_bytes_and_no_path_of_this_machine(
    written: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert written["a.html"] == written["b.html"]
    assert str(tmp_path_factory.getbasetemp()) not in written["a.html"] + written["a.md"]
    assert "1 May" in written["a.md"]


def test_examples_of_private_rows_show_their_shape_only(written: dict[str, str]) -> None:
    for form in ("a.html", "a.md"):
        assert "jane" not in written[form]
        assert "202-456" not in written[form]
    assert "xxxx.xxx@xxxxxxxxx.xxx" in written["a.html"]


def test_every_number_of_the_tables_names_its_rows_and_grade(written: dict[str, str]) -> None:
    heads = re.findall(r"^\| (Metric .*) \|$", written["a.md"], flags=re.MULTILINE)

    assert heads
    for head in heads:
        assert "Grade" in head or "Evidence" in head, head
        assert any(word in head for word in ("Rows used", "Drawn", "Associated with")), head


def test_hostile_text_stays_text_in_both_forms() -> None:
    held = table((HOSTILE, "b"), [(HOSTILE, HOSTILE)], caption=HOSTILE)
    chart = Chart(svg.histogram(HOSTILE, ["1"], {HOSTILE: [1.0]}), held)
    blocks = (Paragraph(HOSTILE), held, chart, Excerpts(((HOSTILE, HOSTILE),), HOSTILE))
    document = Document(HOSTILE, HOSTILE, (Section(HOSTILE, blocks),))

    page = Tags(to_html(document))
    lines = to_markdown(document).splitlines()

    assert not page.tags & FORBIDDEN
    assert "<script>alert(1)</script>⟨U+202E⟩" in page.text
    tables = [line for line in lines if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {3}
    outside = re.sub(r"(?<!\\)(`+) .*? \1(?!`)", "", "\n".join(lines))
    assert not re.search(r"https?:|@evil", outside)
    tokens = MarkdownIt("commonmark").enable("table").parse(to_markdown(document))
    kinds = {kind.type for token in tokens for kind in (token, *(token.children or ()))}
    assert kinds & {"table_open", "code_inline"} == {"table_open", "code_inline"}
    assert not [kind for kind in kinds if kind.startswith(("html", "link", "image", "fence"))]
    to_html(document).encode()


@pytest.mark.parametrize("text", ["- a", "1. a", "+ a", "= a", "# a", "> a", "a  \n b"])
def test_no_line_of_a_text_begins_a_list_or_a_heading(text: str) -> None:
    assert re.match(r"(\\|\d+\\|a b)", inert(text))
    assert inert("0.5 (95 %)") == r"0.5 \(95 %\)"


@pytest.mark.parametrize("text", ["`", "a``b```", "|", "x", ""])
def test_a_code_span_ends_where_its_text_ends(text: str) -> None:
    span = code(text)

    fence = re.match("`*", span)
    assert fence is not None
    assert (
        fence[0] not in span[len(fence[0]) : -len(fence[0]) or None].split(" ", 1)[-1].rsplit(" ", 1)[0]
        or not fence[0]
    )


def test_charts_are_well_formed_and_to_scale() -> None:
    lines = [svg.Ranged("a & b", 0.1, 0.2, 0.4, "20 %"), svg.Ranged("c", 0.0, 0.1, 0.2, "10 %")]

    bars = ET.fromstring(svg.rates("Rates <x>", lines))
    points = ET.fromstring(svg.ranges("Points", lines, axis="more"))
    outline = ET.fromstring(svg.histogram("H", ["0", "1"], {"a": [0.25, 0.75]}))

    widths = [float(r.get("width", "")) for r in bars.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.01)
    assert bars.get("aria-label") == "Rates <x>"
    middles = [float(c.get("cx", "")) for c in points.iter("{http://www.w3.org/2000/svg}circle")]
    assert middles[0] > middles[1]
    (shape,) = [p for p in outline.iter("{http://www.w3.org/2000/svg}path") if p.get("fill")]
    heights = {float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", shape.get("d", ""))}
    low, high = max(heights), min(heights)
    assert sorted(heights)[1] == pytest.approx(low - (low - high) / 3, abs=0.2)


def test_the_plainest_figure_of_each_metric_and_view_is_shown() -> None:
    def made(metric: str, **params: object) -> Measurement:
        return Measurement(
            dataset="d", metric=metric, version=1, view="v", n_total=1, n_used=1, value=1, params=params
        )

    held = [
        made("a", n=2),
        made("a", n=1),
        made("a", draws=20, n=1),
        made("l", stat="mean"),
        made("l", stat="p95"),
    ]

    assert plainest(held) == (held[1], held[3], held[4])


def test_another_ending_or_a_file_that_is_there_is_refused(tmp_path: Path, settings: ins.Settings) -> None:
    there = tmp_path / "r.html"
    there.write_text("mine")
    with ins.Registry.open(settings) as registry:
        for path in (tmp_path / "r.pdf", there):
            with pytest.raises(ins.InputRefusedError, match=r"ends in .html or .md|force replaces"):
                ins.report(registry, ["sample-human"], to=path)
        with pytest.raises(ins.NotMeasuredError, match="fetch"):
            ins.report(registry, ["open-orca-x/nope"], to=tmp_path / "n.html")

    assert there.read_text() == "mine"


def test_a_set_without_rows_is_told_by_its_shipped_figures(tmp_path: Path, settings: ins.Settings) -> None:
    with ins.Registry.open(settings) as registry:
        path = ins.report(registry, ["alpaca"], to=tmp_path / "a.md", title="Mine")

    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Mine\n")
    assert "52,002 rows measured" in text
    assert "Commercial use: forbidden" in text

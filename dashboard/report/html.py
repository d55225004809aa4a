"""A report as one HTML file: no script, no address loaded, every text escaped, fit for paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

from dashboard.report.document import Block, Chart, Document, Excerpts, Paragraph, Table
from dashboard.views.plain import visible

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1F2A37; background: #fff; margin: 0 auto;
  max-width: 1080px; padding: 24px 20px 64px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 40px 0 8px; padding-top: 12px; border-top: 1px solid #E3E6E8;
  overflow-wrap: anywhere; }
h3 { font-size: 1.02rem; margin: 24px 0 6px; }
p { margin: 6px 0; overflow-wrap: anywhere; }
.quiet, figcaption, caption { color: #5F6B78; font-size: .86rem; }
.good, .warn, .error { border-left: 4px solid #3A9C83; background: #F5F6F4; padding: 6px 12px; }
.warn { border-color: #E08A3C; } .error { border-color: #C2483D; }
.wide { overflow-x: auto; margin: 8px 0 16px; }
table { border-collapse: collapse; font-size: .86rem; width: max-content; max-width: none; }
caption { text-align: left; padding-bottom: 4px; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid #E3E6E8; }
td { max-width: 17em; overflow-wrap: break-word; } td:last-child { max-width: 40em; }
th { font-weight: 600; white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr));
  gap: 8px 32px; margin: 8px 0 16px; }
summary { color: #5F6B78; font-size: .86rem; cursor: pointer; }
svg { width: 100%; max-width: 560px; height: auto; display: block; margin: 6px 0; }
dl { margin: 8px 0 16px; } dt { color: #5F6B78; font-size: .82rem; margin-top: 6px; }
dd { margin: 0; font: .84rem/1.4 ui-monospace, monospace; background: #F5F6F4; padding: 3px 8px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .wide { overflow: visible; } table { font-size: 7.5pt; width: auto; max-width: 100%; }
  th, th.n, td.n { white-space: normal; padding-right: 6px; }
  details { display: none; }
  h2 { break-after: avoid; } h3 { break-after: avoid; } tr, svg, dd { break-inside: avoid; }
}
"""


def to_html(document: Document) -> str:
    """The whole file; equal documents give equal bytes."""
    title = _plain(document.title)
    body = [f"<h1>{title}</h1>", f'<p class="quiet">{_plain(document.subtitle)}</p>']
    for section in document.sections:
        body.append(f"<h{section.depth}>{_plain(section.title)}</h{section.depth}>")
        body += _blocks(section.blocks)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    for is_chart, some in groupby(blocks, key=lambda block: isinstance(block, Chart)):
        inside = [part for block in some for part in _block(block)]
        yield from ['<div class="charts">', *inside, "</div>"] if is_chart else inside


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        kind = "" if block.tone == "plain" else f' class="{block.tone}"'
        yield f"<p{kind}>{_plain(block.text)}</p>"
    elif isinstance(block, Table):
        yield from _folded(block) if block.is_folded else _table(block)
    elif isinstance(block, Chart):
        yield f"<figure>{block.svg}"
        if block.table.rows:
            yield from _folded(block.table)
        yield "</figure>"
    else:
        yield from _excerpts(block)


def _table(held: Table) -> Iterator[str]:
    yield '<div class="wide"><table>'
    if held.caption:
        yield f"<caption>{_plain(held.caption)}</caption>"
    kinds = [' class="n"' if name in held.numbers else "" for name in held.columns]
    heads = "".join(f"<th{k}>{_plain(name)}</th>" for k, name in zip(kinds, held.columns, strict=True))
    yield f"<thead><tr>{heads}</tr></thead><tbody>"
    for row in held.rows:
        yield "<tr>" + "".join(f"<td{k}>{_plain(c)}</td>" for k, c in zip(kinds, row, strict=True)) + "</tr>"
    yield "</tbody></table></div>"


def _folded(held: Table) -> Iterator[str]:
    yield f"<details><summary>{_plain(held.caption)}</summary>"
    yield from _table(replace(held, caption=""))
    yield "</details>"


def _excerpts(held: Excerpts) -> Iterator[str]:
    if held.caption:
        yield f'<p class="quiet">{_plain(held.caption)}</p>'
    yield "<dl>"
    for where, text in held.items:
        yield f"<dt>{_plain(where)}</dt><dd>{_plain(text)}</dd>"
    yield "</dl>"


def _plain(text: str) -> str:
    # A lone surrogate has no bytes in UTF-8; `visible` shows it, as it does whatever cannot be seen.
    return escape(visible(text), quote=True)

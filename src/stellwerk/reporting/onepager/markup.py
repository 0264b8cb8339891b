"""The typst functions of the status report: head lines, tables, lists, lights."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
#set page(paper: "a4", flipped: true, margin: (x: 10mm, top: 9mm, bottom: 10.5mm), footer-descent: 2mm,
  footer: block(width: 100%, stroke: (top: .4pt + hair), inset: (top: 2.5pt), text(6.8pt, grey)[#footer-text #h(1fr) #context counter(page).display("1 / 1", both: true)]))
#set text(font: "Arimo", size: 7.8pt, fill: ink, lang: "@LANG@", number-type: "lining", hyphenate: false)
#set par(leading: .5em, spacing: .5em)
#show heading: it => it.body
#show heading: set text(size: 1em)
#let head(t, r: none) = block(above: 0pt, below: 0pt, width: 100%, stroke: (bottom: .8pt + ink), inset: (bottom: 2.6pt),
  grid(columns: (1fr, auto), heading(level: 2, text(8.6pt, weight: "bold", t)), if r != none { text(6.9pt, grey, r) }))
#let gap(h) = block(above: h, below: 0pt)[]
#let tab(cols, al, header, rows, sum: false) = table(columns: cols, align: al, stroke: none,
  inset: (x, _y) => (left: if x == 0 { 0pt } else { 2pt }, right: if x == cols.len() - 1 { 0pt } else { 2pt }, top: 2.35pt, bottom: 2.35pt),
  ..if header != none { (table.header(..header.map(h => text(6.9pt, weight: "bold", fill: grey, h))), table.hline(stroke: .6pt + ink)) },
  ..rows.enumerate().map(((n, row)) => (
    if n > 0 { (table.hline(stroke: if sum and n == rows.len() - 1 { .6pt + ink } else { .35pt + hair }),) } else { () },
    row.map(c => if sum and n == rows.len() - 1 { strong(c) } else { c }))).flatten(),
  table.hline(stroke: .35pt + hair))
#let points(items) = for item in items { block(above: 4.4pt, below: 0pt, grid(columns: (7pt, 1fr), text(fill: accent, weight: "bold")[·], item)) }
#let two(a, b) = stack(spacing: 3pt, a, text(grey, b))
#let lamp(name, s, alt) = box(baseline: 12%, figure(alt: alt, light(name, s)))
#let strip(items) = block(above: 3pt, below: 0pt, fill: band, width: 100%, inset: (x: 4pt, y: 3.4pt), text(7.4pt, items.join(h(1fr))))
"""

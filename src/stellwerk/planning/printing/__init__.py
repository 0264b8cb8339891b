"""The chart of a plan on paper: one SVG sheet, or PDF pages to read or to glue together.

``facts.py`` reads, ``scale.py`` divides time, ``sheet.py`` divides paper, ``drawing.py`` draws SVG, ``chart.py`` is the way in.
"""

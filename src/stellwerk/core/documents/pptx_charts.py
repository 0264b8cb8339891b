"""Native, editable charts: made by python-pptx with their workbook, then given fixed axes, theme colours and number formats."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn

from stellwerk.core.documents.numbers import Numbers, serial
from stellwerk.core.documents.pptx_template import Frame
from stellwerk.core.documents.scene import Axis, Chart, Color, Series

if TYPE_CHECKING:
    from stellwerk.core.documents.pptx_writer import Palette

DATA_DATE: Final = "Data date"
_NS: Final = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
_TYPES: Final = {
    "columns": XL_CHART_TYPE.COLUMN_STACKED,
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,
    "lines": XL_CHART_TYPE.LINE_MARKERS,
}


def add_chart(
    page: Any, chart: Chart, frame: Frame, palette: Palette, numbers: Numbers, type_scale: float = 1.0
) -> Any:
    """Add the chart to a slide; returns its graphic frame."""
    number_format = numbers.month_format if chart.axis.dates else numbers.number_format(chart.places)
    data: Any = CategoryChartData(number_format=number_format)  # type: ignore[no-untyped-call]
    days = _days(chart) if chart.kind == "lines" else None
    data.categories = days if days is not None else chart.categories
    for series in chart.series:
        values = _spread(chart, series, days) if days is not None else series.values
        data.add_series(series.name, [None if value is None else float(value) for value in values], number_format)
    if chart.data_date is not None and days is not None:
        data.add_series(
            DATA_DATE, [float(chart.axis.high) if day == chart.data_date else None for day in days], number_format
        )
    box = (frame.x(chart.x), frame.y(chart.y), frame.length(chart.w), frame.length(chart.h))
    graphic = page.shapes.add_chart(_TYPES[chart.kind], *box, data)
    _style(graphic.chart, chart, frame.points(chart.size) * type_scale, palette, numbers)
    return graphic


def _days(chart: Chart) -> list[date]:
    """Categories, with the data date added where it lies between."""
    days = {day for day in chart.categories if isinstance(day, date)}
    if chart.data_date is not None and min(days) <= chart.data_date <= max(days):
        days.add(chart.data_date)
    return sorted(days)


def _spread(chart: Chart, series: Series, days: list[date]) -> list[Decimal | None]:
    known = dict(zip(chart.categories, series.values, strict=True))
    return [known.get(day) for day in days]  # type: ignore[call-overload,unused-ignore]


def _style(native: Any, chart: Chart, points: float, palette: Palette, numbers: Numbers) -> None:
    native.has_legend = False
    native.has_title = False
    space = native._chartSpace
    size = round(points * 10) * 10
    for old in space.findall(qn("c:txPr")):
        space.remove(old)
    native.font.size = None
    _text_properties(space, size, palette, numbers)
    plot = space.find(f".//{qn('c:plotArea')}")
    _layout(plot, chart)
    _axes(plot, chart, palette, numbers)
    blanks = space.find(f".//{qn('c:dispBlanksAs')}")
    if blanks is None:
        blanks = parse_xml(f'<c:dispBlanksAs {_NS} val="span"/>')
        space.find(qn("c:chart")).append(blanks)
    blanks.set("val", "span" if chart.kind == "lines" else "gap")
    group = plot[1]
    for old in group.findall(qn("c:dLbls")):
        group.remove(old)
    nodes = group.findall(qn("c:ser"))
    for node, series in zip(nodes, chart.series, strict=False):
        _series(node, chart, series, palette, numbers)
    if len(nodes) > len(chart.series):
        _data_date(nodes[-1], palette)
    if chart.kind != "lines":
        _spacing(group, chart)


def _text_properties(space: Any, size: int, palette: Palette, numbers: Numbers) -> None:
    for old in space.findall(qn("c:txPr")):
        space.remove(old)
    node = parse_xml(
        f'<c:txPr {_NS}><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}">{palette.fill("grey")}</a:defRPr></a:pPr>'
        f'<a:endParaRPr lang="{numbers.language_code}"/></a:p></c:txPr>'
    )
    space.find(qn("c:chart")).addnext(node)


def _layout(plot: Any, chart: Chart) -> None:
    x, y, w, h = chart.plot
    old = plot.find(qn("c:layout"))
    if old is not None:
        plot.remove(old)
    parts = {"x": (x - chart.x) / chart.w, "y": (y - chart.y) / chart.h, "w": w / chart.w, "h": h / chart.h}
    inner = "".join(f'<c:{name} val="{value:.6f}"/>' for name, value in parts.items())
    plot.insert(
        0,
        parse_xml(
            f'<c:layout {_NS}><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>{inner}</c:manualLayout></c:layout>'
        ),
    )


def _axes(plot: Any, chart: Chart, palette: Palette, numbers: Numbers) -> None:
    value = plot.find(qn("c:valAx"))
    category = next(node for node in plot if node.tag in (qn("c:catAx"), qn("c:dateAx")))
    identifiers = category.find(qn("c:axId")).get("val"), value.find(qn("c:axId")).get("val")
    plot.replace(category, parse_xml(_category_axis(chart, identifiers, palette, numbers)))
    plot.replace(value, parse_xml(_value_axis(chart, identifiers, palette, numbers)))


def _line(palette: Palette, color: Color, points: float, dashed: bool = False) -> str:
    dash = '<a:prstDash val="dash"/>' if dashed else ""
    return f'<a:ln w="{round(points * 12700)}" cap="rnd">{palette.fill(color)}{dash}<a:round/></a:ln>'


def _category_axis(chart: Chart, identifiers: tuple[str, str], palette: Palette, numbers: Numbers) -> str:
    lines = chart.kind == "lines"
    tag = "dateAx" if lines else "catAx"
    orientation = "maxMin" if chart.kind == "bars" else "minMax"
    position = "l" if chart.kind == "bars" else "b"
    labels = "none" if chart.kind == "bars" else "low"
    span = ""
    if lines:
        first, last = chart.categories[0], chart.categories[-1]
        assert isinstance(first, date) and isinstance(last, date)
        span = f'<c:max val="{serial(last)}"/><c:min val="{serial(first)}"/>'
    tail = (
        f'<c:auto val="0"/><c:lblOffset val="60"/><c:baseTimeUnit val="days"/><c:majorUnit val="{chart.month_step}"/><c:majorTimeUnit val="months"/>'
        if lines
        else '<c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="60"/><c:noMultiLvlLbl val="1"/>'
    )
    form = numbers.month_format if lines else "General"
    return (
        f'<c:{tag} {_NS}><c:axId val="{identifiers[0]}"/><c:scaling><c:orientation val="{orientation}"/>{span}</c:scaling><c:delete val="0"/>'
        f'<c:axPos val="{position}"/><c:numFmt formatCode="{form}" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="{labels}"/><c:spPr>{_line(palette, "neutral", 0.75)}</c:spPr><c:crossAx val="{identifiers[1]}"/><c:crosses val="min"/>{tail}</c:{tag}>'
    )


def _value_axis(chart: Chart, identifiers: tuple[str, str], palette: Palette, numbers: Numbers) -> str:
    axis: Axis = chart.axis
    form = numbers.month_format if axis.dates else numbers.number_format(axis.places)
    grid = (
        f"<c:majorGridlines><c:spPr>{_line(palette, 'hair', 0.5)}</c:spPr></c:majorGridlines>" if axis.visible else ""
    )
    labels = "none" if not axis.visible else "high" if chart.kind == "bars" else "low"
    position = "t" if chart.kind == "bars" else "l"
    between = "midCat" if chart.kind == "lines" else "between"
    return (
        f'<c:valAx {_NS}><c:axId val="{identifiers[1]}"/><c:scaling><c:orientation val="minMax"/><c:max val="{axis.high}"/><c:min val="{axis.low}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{position}"/>{grid}<c:numFmt formatCode={_quoted(form)} sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="{labels}"/><c:spPr><a:ln><a:noFill/></a:ln></c:spPr><c:crossAx val="{identifiers[0]}"/><c:crosses val="min"/><c:crossBetween val="{between}"/><c:majorUnit val="{axis.step}"/></c:valAx>'
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;") + '"'


def _series(node: Any, chart: Chart, series: Series, palette: Palette, numbers: Numbers) -> None:
    for tag in ("c:spPr", "c:marker", "c:dLbls", "c:invertIfNegative", "c:smooth"):
        for old in node.findall(qn(tag)):
            node.remove(old)
    after = node.find(qn("c:tx"))
    extra = []
    if chart.kind == "lines":
        extra.append(f"<c:spPr {_NS}>{_line(palette, series.color, series.points, series.dashed)}</c:spPr>")
        symbol = (
            f'<c:symbol val="diamond"/><c:size val="5"/><c:spPr>{palette.fill(series.color)}<a:ln><a:noFill/></a:ln></c:spPr>'
            if series.markers
            else '<c:symbol val="none"/>'
        )
        extra.append(f"<c:marker {_NS}>{symbol}</c:marker>")
    else:
        fill = palette.fill("white" if series.outline else series.color)
        edge = _line(palette, series.color if series.outline else "white", 0.75)
        extra.append(f"<c:spPr {_NS}>{fill}{edge}</c:spPr>")
        extra.append(f'<c:invertIfNegative {_NS} val="0"/>')
    if series.labels:
        extra.append(_labels(chart, series, palette, numbers))
    for xml in reversed(extra):
        after.addnext(parse_xml(xml))
    if chart.kind == "lines":
        node.append(parse_xml(f'<c:smooth {_NS} val="0"/>'))


def _labels(chart: Chart, series: Series, palette: Palette, numbers: Numbers) -> str:
    position = (
        '<c:dLblPos val="ctr"/>'
        if chart.kind == "columns"
        else '<c:dLblPos val="outEnd"/>'
        if chart.kind == "bars"
        else '<c:dLblPos val="t"/>'
    )
    # A zero is not written: its bar has no height, the label would lie on its neighbour.
    form = numbers.number_format(chart.places) + ";;"
    if series.label_from is not None:
        form = f"[>={series.label_from:.4f}]{form}"
    return (
        f'<c:dLbls {_NS}><c:numFmt formatCode={_quoted(form)} sourceLinked="0"/><c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>'
        f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr b="1">{palette.fill(series.label_color)}</a:defRPr></a:pPr><a:endParaRPr lang="{numbers.language_code}"/></a:p></c:txPr>'
        f'{position}<c:showLegendKey val="0"/><c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/><c:showBubbleSize val="0"/></c:dLbls>'
    )


def _data_date(node: Any, palette: Palette) -> None:
    """The data date as an error bar of one invisible point: a line from top to bottom that follows edits of the data."""
    for tag in ("c:spPr", "c:marker", "c:dLbls", "c:smooth"):
        for old in node.findall(qn(tag)):
            node.remove(old)
    after = node.find(qn("c:tx"))
    bars = (
        f'<c:errBars {_NS}><c:errDir val="y"/><c:errBarType val="minus"/><c:errValType val="percentage"/><c:noEndCap val="1"/><c:val val="100"/>'
        f"<c:spPr>{_line(palette, 'ink', 0.75, True)}</c:spPr></c:errBars>"
    )
    for xml in (
        bars,
        f'<c:marker {_NS}><c:symbol val="none"/></c:marker>',
        f"<c:spPr {_NS}><a:ln><a:noFill/></a:ln></c:spPr>",
    ):
        after.addnext(parse_xml(xml))
    node.append(parse_xml(f'<c:smooth {_NS} val="0"/>'))


def _spacing(group: Any, chart: Chart) -> None:
    for tag in ("c:gapWidth", "c:overlap"):
        for old in group.findall(qn(tag)):
            group.remove(old)
    first_axis = group.find(qn("c:axId"))
    first_axis.addprevious(parse_xml(f'<c:gapWidth {_NS} val="{chart.gap}"/>'))
    first_axis.addprevious(parse_xml(f'<c:overlap {_NS} val="{100 if chart.kind == "columns" else 0}"/>'))

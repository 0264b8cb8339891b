"""The contract between published status reports and the documents made from them.

Pure frozen data without Django: a caller freezes a snapshot into these classes, the deck and the status report read nothing
else. Whatever is unknown is ``None`` or empty; a document leaves out what has no data and never invents a value.

Units: money is :class:`Money` (integer minor units and ISO 4217 code), effort and indices are ``Decimal``, dates are dates.
Texts (names, reasons, narratives) are shown as they are; codes (phase, light, severity) are put into words by the document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from stellwerk.reporting.payload_json import Document
from stellwerk.reporting.payload_json import PayloadError as PayloadError

LightValue = Literal["red", "amber", "green", "grey"]
Arrow = Literal["up", "down", "flat", "none"]
LightSource = Literal["computed", "reported", "overridden"]
DIMENSIONS: Final = ("schedule", "cost", "scope", "quality", "resources", "risk")


@dataclass(frozen=True)
class Money:
    """An amount in integer minor units (cents for EUR, whole won for KRW) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + Money(-other.minor, other.currency)


@dataclass(frozen=True)
class Light:
    """One traffic light. ``value`` None means "not assessed"; grey means "no data, late, on hold or missed"."""

    value: LightValue | None = None
    word: str = ""  # own word for the value; empty: the language's usual word
    source: LightSource = "computed"
    computed_value: LightValue | None = None  # what the rules say, when it is overridden or reported
    previous: LightValue | None = None  # in the last published report
    arrow: Arrow = "none"
    reason: str = ""
    reported_value: str = ""  # value of a foreign scale, as "Amber/Red"
    half_step: Literal["better", "worse"] | None = None  # a five-point scale's half step within amber


@dataclass(frozen=True)
class Forecast:
    """What a report said about a milestone: at ``reported`` it was expected on ``expected``."""

    reported: date
    expected: date


def without_code(code: str, name: str) -> str:
    """“G1 Plan release” with the code G1 is “Plan release”."""
    rest = name.removeprefix(code) if code else name
    return (rest.lstrip(" :–-·") or name) if rest[:1] in (" ", ":", "–", "-", "·") else name


@dataclass(frozen=True)
class MilestoneLine:
    """A milestone or gate; ``delta_days`` is forecast (or actual) minus baseline in working days, later is positive."""

    name: str
    code: str = ""
    is_gate: bool = False
    baseline: date | None = None
    forecast: date | None = None
    actual: date | None = None
    delta_days: int | None = None
    history: tuple[Forecast, ...] = ()

    @property
    def label(self) -> str:
        """The name without its code in front, for a table that shows the code beside it."""
        return without_code(self.code, self.name)


@dataclass(frozen=True)
class Amounts:
    """Money of one project, programme or cost class at the data date. VAC = BAC - EAC."""

    budget: Money | None = None
    bac: Money | None = None
    ac: Money | None = None
    commitment: Money | None = None
    etc: Money | None = None
    eac: Money | None = None
    vac: Money | None = None

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, item.name) is None for item in fields(self))


@dataclass(frozen=True)
class MoneyFacts:
    """Total, and where known its split into capital and operating expenditure."""

    total: Amounts = Amounts()
    capex: Amounts | None = None
    opex: Amounts | None = None


@dataclass(frozen=True)
class CurvePoint:
    """Cumulative planned value, earned value, actual cost and forecast at a date; unknown is None."""

    on: date
    pv: Money | None = None
    ev: Money | None = None
    ac: Money | None = None
    forecast: Money | None = None


@dataclass(frozen=True)
class PathStep:
    """One row of the path to green for a dimension of :data:`DIMENSIONS` (or "overall")."""

    dimension: str
    cause: str = ""
    measure: str = ""
    owner: str = ""
    due: date | None = None
    help_needed: str = ""


@dataclass(frozen=True)
class RiskLine:
    """A risk: probability and impact 1-5 (residual), ``score`` their product, ``emv`` the expected monetary value."""

    key: str
    title: str
    probability: int | None = None
    impact: int | None = None
    score: int | None = None
    emv: Money | None = None
    arrow: Arrow = "none"
    response: str = ""
    owner: str = ""
    due: date | None = None


@dataclass(frozen=True)
class IssueLine:
    key: str
    title: str
    severity: str = ""  # code: low, medium, high, critical; another text is shown as it is
    owner: str = ""
    due: date | None = None


@dataclass(frozen=True)
class DecisionOption:
    """One way to decide. ``effects`` are (criterion, effect) in display order, the same criteria for every option."""

    name: str
    effects: tuple[tuple[str, str], ...] = ()
    recommended: bool = False


@dataclass(frozen=True)
class DecisionLine:
    """A decision needed: what, by whom, by when, and what follows."""

    question: str
    key: str = ""
    project_key: str = ""
    project_name: str = ""
    submitted_by: str = ""
    decided_by: str = ""
    due: date | None = None
    impact: str = ""
    impact_money: Money | None = None  # change of the estimate at completion if the recommendation is followed
    options: tuple[DecisionOption, ...] = ()
    recommendation: str = ""
    without_decision: str = ""


@dataclass(frozen=True)
class StaffingLine:
    """Demand and covered demand of a role in FTE over the next eight weeks."""

    role: str
    demand: Decimal
    covered: Decimal


@dataclass(frozen=True)
class ChangeRequestLine:
    key: str
    title: str
    cost: Money | None = None
    days: int | None = None  # effect on the end in working days
    due: date | None = None


@dataclass(frozen=True)
class DependencyLine:
    """A delivery between projects; ``delta_days`` is promised minus needed in working days, late is positive."""

    giver: str
    taker: str
    deliverable: str
    needed_by: date | None = None
    promised_for: date | None = None
    delta_days: int | None = None
    affects: str = ""
    measure: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Figure:
    """A published figure in canonical form ("0.86", "2026-11-20") with its source."""

    value: str
    source: str = ""  # code: computed, reported, imported, overridden; another text is shown as it is
    unit: str = ""
    on: date | None = None  # since when it stands
    label: str = ""  # what the source calls itself: a file, a report
    url: str = ""


@dataclass(frozen=True)
class StatusPayload(Document):
    """One project's published status at a data date."""

    key: str
    name: str
    data_date: date
    organisation: str = ""
    portfolio: str = ""
    programme: str = ""
    size: str = ""
    pm: str = ""
    sponsor: str = ""
    phase: str = ""  # code of the project state machine, or a text of the source
    reported_by: str = ""
    published_on: date | None = None
    version: int | None = None
    previous_date: date | None = None  # data date of the report that arrows compare with
    confidentiality: str = ""
    overall: Light = Light()
    schedule: Light = Light()
    cost: Light = Light()
    scope: Light = Light()
    quality: Light = Light()
    resources: Light = Light()
    risk: Light = Light()
    summary: str = ""
    achieved: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    path_to_green: tuple[PathStep, ...] = ()
    milestones: tuple[MilestoneLine, ...] = ()
    start: date | None = None
    baseline_finish: date | None = None
    forecast_finish: date | None = None
    money: MoneyFacts | None = None
    curve: tuple[CurvePoint, ...] = ()
    cpi: Decimal | None = None
    spi_t: Decimal | None = None
    risks: tuple[RiskLine, ...] = ()
    issues: tuple[IssueLine, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()
    staffing: tuple[StaffingLine, ...] = ()
    change_requests: tuple[ChangeRequestLine, ...] = ()
    dependencies: tuple[DependencyLine, ...] = ()
    figures: dict[str, Figure] = field(default_factory=dict)

    def light(self, dimension: str) -> Light:
        """The light of "overall" or one of :data:`DIMENSIONS`."""
        if dimension != "overall" and dimension not in DIMENSIONS:
            raise KeyError(dimension)
        result: Light = getattr(self, dimension)
        return result


@dataclass(frozen=True)
class CycleCounts:
    """Number of projects by overall light at an earlier (or this) data date."""

    on: date
    red: int = 0
    amber: int = 0
    green: int = 0
    grey: int = 0
    not_assessed: int = 0


@dataclass(frozen=True)
class ChangeLine:
    """What is different from the last published report. Use the pair of fields that fits ``kind``."""

    project_key: str
    project_name: str
    kind: Literal["new", "ended", "light", "eac", "milestone", "phase", "person", "other"]
    subject: str = ""  # dimension code for a light, name of the milestone, role of the person
    before: str = ""
    after: str = ""
    before_date: date | None = None
    after_date: date | None = None
    before_money: Money | None = None
    after_money: Money | None = None
    days: int | None = None  # shift in working days, later is positive


@dataclass(frozen=True)
class MoneyRow:
    """Amounts of a programme; ``projects`` were added, ``without_data`` of the programme's projects had no amounts."""

    name: str
    amounts: Amounts
    projects: int
    without_data: int = 0


@dataclass(frozen=True)
class LateReport:
    key: str
    name: str
    pm: str = ""
    state: Literal["missing", "late", "stale"] = "missing"
    last_data_date: date | None = None


@dataclass(frozen=True)
class FollowUp:
    """What the last published report asked for or promised, and what this one says about it.

    ``open``: still there (``due`` is the date of this report); ``gone``: not in this report any more; ``unknown``: no report
    this time. Whether it is overdue or was moved follows from the dates.
    """

    project_key: str
    project_name: str
    kind: Literal["decision", "measure"]
    text: str
    state: Literal["open", "gone", "unknown"]
    owner: str = ""  # who decides, who is responsible
    asked: date | None = None  # data date of the report that named it
    due_before: date | None = None
    due: date | None = None
    dimension: str = ""  # of a measure
    light: LightValue | None = None  # of that dimension now


@dataclass(frozen=True)
class MoneyPoint:
    """Sums at a reporting date."""

    on: date
    bac: Money
    ac: Money
    eac: Money


@dataclass(frozen=True)
class MoneyTrend:
    """Sums over always the same projects (``keys``): those that know all three amounts at every date; oldest date first."""

    keys: tuple[str, ...]
    points: tuple[MoneyPoint, ...]


@dataclass(frozen=True)
class RoleMonth:
    """Net capacity, demand and covered demand of a role in a month (first day), in FTE."""

    role: str
    month: date
    capacity: Decimal
    demand: Decimal
    covered: Decimal
    role_en: str = ""  # empty: the same


@dataclass(frozen=True)
class DeckPayload(Document):
    """Everything a steering committee deck shows, frozen at one data date."""

    organisation: str
    data_date: date
    portfolio_key: str
    portfolio_name: str
    body: str = ""  # name of the deciding body, as "Lenkungsausschuss Portfolio"
    meeting_date: date | None = None
    previous_date: date | None = None
    confidentiality: str = ""
    projects: tuple[StatusPayload, ...] = ()
    history: tuple[CycleCounts, ...] = ()
    changes: tuple[ChangeLine, ...] = ()
    money: tuple[MoneyRow, ...] = ()  # by programme; empty: added up from the projects
    curve: tuple[CurvePoint, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()  # in the order of the agenda; empty: those of the projects
    late: tuple[LateReport, ...] = ()
    capacity: tuple[RoleMonth, ...] = ()
    dependencies: tuple[DependencyLine, ...] = ()  # empty: those of the projects
    follow_up: tuple[FollowUp, ...] = ()
    money_trend: MoneyTrend | None = None
    curve_projects: int = 0  # projects that the curve adds up; 0: not known
    curve_keys: tuple[str, ...] = ()  # which these are; their AC and EAC of the data date are the curve's
    hidden_count: int = 0  # projects of the portfolio that the reader may not see


def add_amounts(parts: Iterable[Amounts]) -> Amounts:
    """Sum field by field. A field that is unknown in any part is unknown in the sum: no half totals."""
    rows = list(parts)
    values: dict[str, Money | None] = {}
    for item in fields(Amounts):
        column = [getattr(row, item.name) for row in rows]
        if not column or any(value is None for value in column):
            values[item.name] = None
            continue
        total = column[0]
        for value in column[1:]:
            total = total + value
        values[item.name] = total
    return Amounts(**values)

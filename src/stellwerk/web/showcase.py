"""Sample data for the page that shows every component; made up, the same in each language."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MONTHS = [
    "2025-12-31",
    *[f"2026-{month:02d}-28" for month in range(1, 13)],
    *[f"2027-{month:02d}-28" for month in range(1, 10)],
]
PV = [
    0,
    0.1,
    0.23,
    0.44,
    0.73,
    1.15,
    1.73,
    2.52,
    3.58,
    4.91,
    6.51,
    8.31,
    10.2,
    12.03,
    13.68,
    15.07,
    16.17,
    17.02,
    17.64,
    18.09,
    18.4,
    18.4,
]
AC = [0, 0.09, 0.23, 0.42, 0.69, 1.06, 1.58, 2.28, 3.18, 4.31, 5.63]
EV = [0, 0.09, 0.23, 0.42, 0.69, 1.06, 1.57, 2.23, 3.09, 4.12, 5.31]
DATA_DATE = "2026-11-20"


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("As it stands in the order.")
    )
    budget = forms.DecimalField(label=gettext_lazy("Budget"), required=False)
    start = forms.DateField(label=gettext_lazy("Start"), widget=forms.DateInput(attrs={"type": "date"}))
    size = forms.ChoiceField(label=gettext_lazy("Size"), choices=[("s", "S"), ("m", "M"), ("l", "L")], required=False)
    lead = forms.ChoiceField(
        label=gettext_lazy("Project manager"),
        choices=[("", "–"), ("1", "Mareike Jansen"), ("2", "Tim Okafor"), ("3", "Jana Petersen")],
        widget=forms.Select(attrs={"data-select": ""}),
        required=False,
    )
    kind = forms.MultipleChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("c", "CapEx"), ("o", "OpEx")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    goal = forms.CharField(
        label=gettext_lazy("Goal"),
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": ""}),
        max_length=500,
        required=False,
    )
    strict = forms.BooleanField(label=gettext_lazy("Strictly confidential"), required=False)


def _phases() -> list[dict[str, Any]]:
    return [
        {"name": _("Idea"), "state": "done", "gate": "G0", "date": "12.09.25"},
        {"name": _("Initiation"), "state": "done", "gate": "G1", "date": "18.12.25"},
        {"name": _("Planning"), "state": "done", "gate": "G2", "date": "30.06.26"},
        {"name": _("Execution"), "state": "now", "percent": 38, "gate": "G3", "date": "07.07.27", "delta": _("+21 wd")},
        {"name": _("Transition"), "state": "next", "gate": "G4", "date": "18.08.27"},
        {"name": _("Closing"), "state": "next", "gate": "G5", "date": "29.10.27"},
    ]


def _lights() -> list[dict[str, Any]]:
    return [
        {"label": _("Overall"), "state": "red", "trend": "down", "note": _("Cycle 10: amber"), "url": "#overall"},
        {"label": _("Schedule"), "state": "red", "trend": "down", "note": "SPI(t) 0,92 · G3 +21", "url": "#schedule"},
        {"label": _("Cost"), "state": "amber", "trend": "down", "note": "EAC +7,1 %", "url": "#cost"},
        {"label": _("Scope"), "state": "green", "trend": "same", "note": "1,4 % BAC", "url": "#scope"},
        {
            "label": _("Quality"),
            "state": "amber",
            "trend": "same",
            "note": "",
            "calculated": "green",
            "url": "#quality",
        },
        {"label": _("Resources"), "state": "red", "trend": "down", "note": "17 %", "url": "#resources"},
        {"label": _("Risk"), "state": "grey", "note": "–", "url": "#risk"},
    ]


def _scurve() -> dict[str, Any]:
    plan = list(zip(MONTHS, PV, strict=False))
    forecast = [["2026-11-20", 6.61], ["2027-02-22", 10.31], ["2027-05-27", 16.44], ["2027-09-30", 19.71]]
    return {
        "unit": "Mio. €",
        "data_date": DATA_DATE,
        "series": [
            {"name": _("Planned value (PV)"), "role": "plan", "points": plan, "end": "BAC 18,40"},
            {"name": _("Forecast (EAC)"), "role": "forecast", "points": forecast, "end": "19,71"},
            {
                "name": "AC",
                "role": "actual",
                "points": [*zip(MONTHS, AC, strict=False), (DATA_DATE, 6.61)],
                "end": "6,61",
            },
            {
                "name": "EV",
                "role": "earned",
                "points": [*zip(MONTHS, EV, strict=False), (DATA_DATE, 6.17)],
                "end": "6,17",
            },
        ],
    }


def _mta() -> dict[str, Any]:
    reports = [
        "2026-04-24",
        "2026-05-22",
        "2026-06-26",
        "2026-07-24",
        "2026-08-21",
        "2026-09-18",
        "2026-10-23",
        "2026-11-20",
    ]
    rectifier = ["2027-01-26"] * 4 + ["2027-02-02", "2027-02-09", "2027-02-09", "2027-03-03"]
    gate = ["2027-06-08"] * 5 + ["2027-06-15", "2027-06-15", "2027-07-07"]
    return {
        "milestones": [
            {"name": "G3", "points": list(zip(reports, gate, strict=True)), "delta": "+21", "hot": True},
            {"name": _("Rectifier"), "points": list(zip(reports, rectifier, strict=True)), "delta": "+26", "hot": True},
            {"name": "G2", "points": [["2026-04-24", "2026-06-15"], ["2026-06-26", "2026-06-30"]], "reached": True},
        ]
    }


def _bubble() -> dict[str, Any]:
    names = {4: "Wärmespeicher", 9: "Lubmin", 13: "Kiel-Ost", 17: "Stade"}
    points = [
        {
            "x": (place * 37) % 97,
            "y": (place * 53 + 11) % 95,
            "size": 1 + (place * 7) % 20,
            "name": names.get(place, f"P-{place}"),
            "label": place in names,
            "hot": place in (9, 17),
            "url": "#",
        }
        for place in range(1, 30)
    ]
    return {
        "x": {"name": _("Risk: EMV in % of the contingency"), "max": 100},
        "y": {"name": _("Value (points)"), "max": 100},
        "corners": [_("promote"), _("protect"), _("sideline"), _("review")],
        "points": points,
    }


def _stacked() -> dict[str, Any]:
    return {
        "unit": "Mio. €",
        "categories": ["Q1", "Q2", "Q3", "Q4", "Q1 27"],
        "series": [
            {"name": _("Actual"), "role": "actual", "values": [4.1, 5.2, 6.0, 3.1, 0]},
            {"name": _("Commitment"), "role": "commitment", "values": [0, 0, 0.5, 2.4, 3.0]},
            {"name": _("Remainder"), "role": "remainder", "values": [0, 0, 0, 1.2, 4.2]},
        ],
        "budget": [4.0, 5.0, 6.2, 6.4, 7.0],
    }


def context() -> dict[str, Any]:
    """Everything that ``web/components.html`` shows."""
    wrong = SampleForm({"name": "", "budget": "zwölf", "start": "31.02.2027", "goal": "…"})
    wrong.is_valid()
    people = [SimpleNamespace(name="Mareike Jansen"), SimpleNamespace(name="Tim Okafor")]
    now = dt.datetime(2026, 11, 20, 8, 42, tzinfo=dt.UTC)
    return {
        "form": SampleForm(auto_id="id_good_%s"),
        "wrong": wrong,
        "phases": _phases(),
        "lights": _lights(),
        "scurve": _scurve(),
        "mta": _mta(),
        "bubble": _bubble(),
        "stacked": _stacked(),
        "states": ["red", "amber", "green", "grey"],
        "tabs": [
            {"label": _("Overview"), "url": "#tabs", "current": True},
            {"label": _("Risks"), "url": "#tabs", "count": 23},
            {"label": _("History"), "url": "#tabs"},
        ],
        "segments": [
            {"label": _("Week"), "url": "#seg"},
            {"label": _("Month"), "url": "#seg", "current": True},
            {"label": _("Quarter"), "url": "#seg"},
        ],
        "page": Paginator(range(1, 2381), 50).page(7),
        "comments": [
            SimpleNamespace(
                pk=1,
                author=people[0],
                created_at=now,
                text="@Tim Okafor: Freigabe der zweiten Quelle bitte heute klären.",
                withdrawn_at=None,
            ),
            SimpleNamespace(pk=2, author=people[1], created_at=now, text="", withdrawn_at=now),
        ],
        "attachments": [
            {"name": "Nachtrag-4.pdf", "size": 482_113, "url": "#files", "remove_url": "#files"},
            {"name": "Kalkulation Gleichrichter, Stand Oktober.xlsx", "size": 91_220, "url": "#files"},
        ],
        "trail": [
            {
                "at": now,
                "who": "Mareike Jansen",
                "what": _("Forecast changed"),
                "changes": [{"label": "EAC", "old": "18,84", "new": "19,71"}],
                "why": "Nachtrag 4",
            }
        ],
        "steps": [
            {"date": "20.11.", "label": _("Data date"), "state": "done"},
            {"date": "23.11.", "label": _("Steering committee"), "state": "now"},
            {"date": "25.11.", "label": _("Reports complete"), "state": ""},
        ],
        "rows": [
            {
                "key": "2417",
                "name": "Elektrolyse Lubmin 20 MW",
                "lights": ["red", "amber", "green", "amber", "red", "amber"],
                "overall": "red",
                "trend": "down",
                "eac": "+7,1",
                "delta": "+21",
            },
            {
                "key": "2422",
                "name": "Fernwärmeleitung Kiel-Ost",
                "lights": ["amber", "green", "green", "green", "red", "green"],
                "overall": "amber",
                "trend": "same",
                "eac": "+4,2",
                "delta": "+10",
            },
            {
                "key": "2450",
                "name": "Wärmespeicher Rostock",
                "lights": ["green"] * 6,
                "overall": "green",
                "trend": "up",
                "eac": "−0,8",
                "delta": "0",
            },
            {
                "key": "2444",
                "name": "Klimabericht 2026",
                "lights": ["grey"] * 6,
                "overall": "grey",
                "trend": None,
                "eac": "–",
                "delta": "–",
            },
        ],
        "dims": [_("Schedule"), _("Cost"), _("Scope"), _("Quality"), _("Resources"), _("Risk")],
        "history": [0.99, 0.98, 0.99, 0.97, None, 0.96, 0.96],
        "money": [
            {"name": "Wasserstoff", "act": 24.6, "com": 18.9, "rest": 18.7, "bud": 58.0, "eac": "62,2"},
            {"name": "Netze", "act": 19.8, "com": 11.0, "rest": 11.3, "bud": 41.2, "eac": "42,1"},
        ],
        "loads": [("d1", 64.0), ("hatch", 18.0)],
    }

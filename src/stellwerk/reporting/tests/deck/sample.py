"""Made-up payloads for tests and for looking at: Nordlicht Anlagenbau AG with 60 projects, and an imported list of lights."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from stellwerk.reporting.payload import (
    DIMENSIONS,
    Amounts,
    ChangeLine,
    ChangeRequestLine,
    CurvePoint,
    CycleCounts,
    DecisionLine,
    DecisionOption,
    DeckPayload,
    DependencyLine,
    Figure,
    FollowUp,
    Forecast,
    IssueLine,
    LateReport,
    Light,
    MilestoneLine,
    Money,
    MoneyFacts,
    MoneyPoint,
    MoneyTrend,
    PathStep,
    RiskLine,
    RoleMonth,
    StaffingLine,
    StatusPayload,
)

DATA_DATE = date(2026, 11, 20)
PREVIOUS = date(2026, 11, 6)
CYCLES = [DATA_DATE - timedelta(days=14 * n) for n in range(5, -1, -1)]
_NAMES = [
    ("ERP27", "Ablösung ERP-Kern"),
    ("LOG", "Logistikzentrum Süd"),
    ("ALPHA", "Instandhaltungsplattform"),
    ("MES", "Fertigungssteuerung Werk 2"),
    ("KAB", "Kabelfertigung Linie 3"),
    ("H2", "Prüfstand Wasserstoff"),
    ("PLM", "Produktdaten-Management"),
    ("SEC", "Informationssicherheit nach ISO 27001"),
    ("DATA", "Servicedaten-Plattform"),
    ("CO2", "Energie- und Klimabericht"),
    ("WERK", "Werkserweiterung Nord"),
    ("CRM", "Vertriebsplattform"),
    ("KALK", "Angebotskalkulation"),
    ("ZEIT", "Zeitwirtschaft"),
    ("ROB", "Roboterzelle Schweißerei"),
    ("LACK", "Lackieranlage Halle 4, Ersatz der Abluftreinigung und Brandschutz"),
    ("DOKU", "Technische Dokumentation"),
    ("SRM", "Lieferantenportal"),
    ("HR", "Personalakte digital"),
    ("NETZ", "Werksnetz Segmentierung"),
]
_PROGRAMMES = ["Digitale Fabrik", "Werke und Anlagen", "Kunde und Service", "Zentrale Systeme", "Nachhaltigkeit"]
_PEOPLE = [
    "Katrin Voss",
    "Jens Jansen",
    "Anja Petersen",
    "Olaf Sörensen",
    "Mehmet Kaya",
    "Birte Ehlers",
    "Lars Brandt",
    "Ute Harms",
    "Jonas Wulff",
    "Ina Lehmann",
]
_SPONSORS = ["Christian Behrens", "Dr. Heike Lorenz", "Malte Sörensen", "Dr. Petra Albers"]
_REASONS = {
    "schedule": ["SPI(t) 0,86; Freigabe G3 verspätet", "Testumgebung drei Wochen zu spät"],
    "cost": ["Prognose über Plan", "Nachtrag Fördertechnik"],
    "resources": ["Bedarf Testkoordination offen", "Schlüsselrolle unbesetzt"],
    "risk": ["Lieferant in Schieflage", "Vorsorge zu 86 % belegt"],
    "scope": ["Anträge in Höhe von 6,4 % des BAC offen", "Zusatzwunsch Werk 1"],
    "quality": ["Zwei kritische Mängel offen", "Testquote 91 %"],
}


def eur(value: float) -> Money:
    return Money(round(value * 100), "EUR")


def big(count: int = 60, seed: int = 7) -> DeckPayload:
    rng = random.Random(seed)
    projects = tuple(_project(rng, index) for index in range(count))
    return DeckPayload(
        organisation="Nordlicht Anlagenbau AG",
        data_date=DATA_DATE,
        previous_date=PREVIOUS,
        portfolio_key="NAB",
        portfolio_name="Projektportfolio 2026",
        body="Lenkungsausschuss Projektportfolio",
        meeting_date=date(2026, 12, 1),
        confidentiality="Vertraulich – nur für Mitglieder",
        projects=projects,
        history=_history(projects),
        changes=_changes(projects),
        decisions=_decisions(),
        late=_late(projects),
        capacity=_capacity(rng),
        curve=_curve(projects),
        follow_up=_follow_up(projects),
        money_trend=_money_trend(projects),
        hidden_count=2,
    )


def _project(rng: random.Random, index: int) -> StatusPayload:
    base, name = _NAMES[index % len(_NAMES)]
    lap = index // len(_NAMES)
    key = base if lap == 0 else f"{base}-{lap + 1}"
    name = name if lap == 0 else f"{name}, Stufe {lap + 1}"
    programme = _PROGRAMMES[index % 5]
    grey = index in (13, 33, 47)
    shape = "grey" if grey else rng.choices(["red", "amber", "green"], [7, 14, 36])[0] if index > 3 else "red"
    lights: dict[str, Any] = {d: _light(rng, d, shape) for d in DIMENSIONS}
    if shape == "red":
        worst = rng.choice(["cost", "schedule"])
        lights[worst] = Light(
            "red", previous=rng.choice(["amber", "red"]), arrow="down", reason=rng.choice(_REASONS[worst])
        )
    previous = rng.choice([shape, shape, "amber" if shape != "grey" else "green"])
    lights["overall"] = Light(
        shape,
        previous=previous,
        arrow="none"
        if grey
        else "flat"
        if previous == shape
        else ("down" if shape == "red" else "up" if shape == "green" else "flat"),
        reason="Bericht versäumt"
        if grey
        else ""
        if shape == "green"
        else " und ".join(
            sorted(
                {
                    "schedule": "Termin",
                    "cost": "Kosten",
                    "scope": "Umfang",
                    "quality": "Qualität",
                    "resources": "Ressourcen",
                    "risk": "Risiko",
                }[d]
                for d in DIMENSIONS
                if lights[d].value == ("red" if shape == "red" else "amber")
            )
            or ["Kosten"]
        )
        + f" {'Rot' if shape == 'red' else 'Gelb'}",
    )
    if key == "H2":
        lights["risk"] = Light(
            "red",
            source="overridden",
            computed_value="amber",
            previous="amber",
            arrow="down",
            reason="Lieferant in Schieflage",
        )
    bac = rng.choice([500, 640, 860, 1150, 1480, 2100, 2750, 3200, 3900, 4600, 5900, 9850, 12400]) * 1000
    over = {
        "red": rng.uniform(0.05, 0.14),
        "amber": rng.uniform(0.01, 0.07),
        "green": rng.uniform(-0.03, 0.02),
        "grey": 0,
    }[shape]
    done = rng.uniform(0.2, 0.8)
    eac = bac * (1 + over)
    ac = eac * done
    total = Amounts(
        eur(bac * 1.05),
        eur(bac),
        eur(ac),
        eur(bac * 0.08),
        eur(eac - ac),
        None if grey else eur(eac),
        None if grey else eur(bac - eac),
    )
    capex = Amounts(
        *[
            None if v is None else Money(v.minor * 6 // 10, "EUR")
            for v in (total.budget, total.bac, total.ac, total.commitment, total.etc, total.eac, total.vac)
        ]
    )
    opex = Amounts(*[None if v is None else v - w for v, w in zip(_parts(total), _parts(capex), strict=True)])
    start = DATA_DATE - timedelta(days=rng.randint(60, 500))
    slip = {"red": rng.randint(10, 44), "amber": rng.randint(0, 12), "green": rng.randint(-5, 4), "grey": 0}[shape]
    milestones = _milestones(rng, start, slip, grey)
    pm = _PEOPLE[index % len(_PEOPLE)]
    return StatusPayload(
        key=key,
        name=name,
        data_date=DATA_DATE,
        organisation="Nordlicht Anlagenbau AG",
        portfolio="Projektportfolio 2026",
        programme=programme,
        size="M",
        pm=pm,
        sponsor=_SPONSORS[index % 4],
        phase=rng.choice(["planning", "executing", "executing", "transition"]),
        reported_by=pm,
        published_on=date(2026, 11, 26),
        version=1,
        previous_date=PREVIOUS,
        confidentiality="Vertraulich",
        **lights,
        summary=""
        if grey
        else "Der Pilot im Werk 1 läuft technisch stabil, die Datenübernahme kostet jedoch mehr Aufwand als geplant. Ursache sind uneinheitliche Anlagenstammdaten in drei Werken und zwei ungeplante Schnittstellen. "
        "Die Leitung erwartet den Go-live im März 2027; der Terminindex ergibt Ende März. Ein Ausnahmebericht ist in Arbeit.",
        achieved=(
            "Schnittstelle Lager und Einkauf abgenommen",
            "1.840 von 4.100 Anlagen bereinigt",
            "Pilotwerk: 76 von 79 Testfällen bestanden",
            "Schulungskonzept mit Betriebsrat abgestimmt",
        ),
        next_steps=(
            "Pilotwerk produktiv setzen",
            "Zweites Bereinigungsteam einsetzen",
            "Probelauf Datenübernahme Werk 2",
            "Lasttest mit 250 Nutzern",
        ),
        path_to_green=()
        if shape in ("green", "grey")
        else (
            PathStep(
                "schedule",
                "Datenbereinigung im Rückstand",
                "Zweites Team für Werke 2 und 3 ab 07.12.",
                pm,
                date(2027, 1, 15),
            ),
            PathStep(
                "cost",
                "Zwei ungeplante Schnittstellen",
                "Budget anpassen, Berichte kürzen",
                _SPONSORS[index % 4],
                date(2026, 12, 1),
                "Beschluss E-1",
            ),
            PathStep(
                "resources",
                "0,5 FTE Datenarchitektur unbesetzt",
                "Architekt aus DATA abordnen",
                "Anja Petersen",
                date(2026, 12, 4),
                "Zustimmung Linie",
            ),
        ),
        milestones=milestones,
        start=start,
        baseline_finish=milestones[-1].baseline,
        forecast_finish=None if grey else milestones[-1].forecast,
        money=MoneyFacts(total, capex, opex),
        curve=_project_curve(start, bac, eac, done) if shape == "red" else (),
        cpi=None if grey else Decimal(rng.randint(88, 103)) / 100,
        spi_t=None if grey else Decimal(rng.randint(82, 103)) / 100,
        risks=() if grey else tuple(_risk(rng, key, n) for n in range(rng.randint(0, 3))),
        issues=()
        if rng.random() < 0.5
        else (
            IssueLine(
                f"P-{index + 10}",
                rng.choice(["Dublettenprüfung bricht ab", "Mobile Anmeldung instabil", "Drucker nicht lieferbar"]),
                rng.choice(["low", "medium", "high", "critical"]),
                "Lehmann",
                DATA_DATE + timedelta(days=rng.randint(-10, 30)),
            ),
        ),
        decisions=(
            DecisionLine(
                "Budget und Basisplan B1 festlegen?",
                "E-1",
                recommendation="Budget von 540,0 T€ auf 570,0 T€ erhöhen",
                decided_by="Lenkungsausschuss",
                due=date(2026, 12, 1),
            ),
        )
        if shape == "red"
        else (),
        staffing=(
            StaffingLine("Datenarchitektur", Decimal("1.0"), Decimal("0.5")),
            StaffingLine("Softwareentwicklung", Decimal("3.0"), Decimal("3.0")),
            StaffingLine("Test", Decimal("1.5"), Decimal("1.2")),
        ),
        change_requests=(
            ChangeRequestLine("CR-06", "Offline-Modus Instandhalter", eur(20000), 8, date(2026, 12, 1)),
            ChangeRequestLine("CR-07", "Berichte Ersatzteile", eur(12000), 3, date(2026, 12, 1)),
        ),
        dependencies=_dependencies() if index == 2 else (),
        figures={
            "eac": Figure(str(eur(eac).minor), "Istkosten aus SAP, Prognose BAC/CPI", "EUR"),
            "overall": Figure(shape, "Ampelregel"),
        },
    )


def _parts(amounts: Amounts) -> list[Money | None]:
    return [amounts.budget, amounts.bac, amounts.ac, amounts.commitment, amounts.etc, amounts.eac, amounts.vac]


def _light(rng: random.Random, dimension: str, shape: str) -> Light:
    if shape == "grey":
        return Light("grey")
    value = rng.choices(["green", "amber"], [10, {"red": 7, "amber": 5, "green": 0}[shape]])[0]
    previous = rng.choice([value, value, value, "amber"])
    arrow = "flat" if previous == value else "up" if value == "green" else "down"
    return Light(
        value, previous=previous, arrow=arrow, reason="" if value == "green" else rng.choice(_REASONS[dimension])
    )  # type: ignore[arg-type]


def _milestones(rng: random.Random, start: date, slip: int, grey: bool) -> tuple[MilestoneLine, ...]:
    rows = []
    day = start
    for number, name in enumerate(
        [
            "Fachkonzept abgenommen",
            "Realisierung frei",
            "Pilotwerk produktiv",
            "Betriebsbereitschaft",
            "Go-live alle Werke",
            "Abschluss",
        ],
        start=1,
    ):
        day = day + timedelta(days=rng.randint(50, 110))
        reached = day + timedelta(days=3) <= DATA_DATE
        moved = 0 if number < 3 else slip
        forecast = None if grey and not reached else day + timedelta(days=round(moved * 7 / 5))
        if forecast is not None and not reached and forecast <= DATA_DATE:
            forecast = DATA_DATE + timedelta(days=9)
            moved = max(moved, 5)
        history = (
            ()
            if reached or forecast is None
            else tuple(
                Forecast(c, forecast - timedelta(days=round((5 - n) / 5 * moved * 7 / 5 * rng.uniform(0.6, 1))))
                for n, c in enumerate(CYCLES)
            )
        )
        rows.append(
            MilestoneLine(
                name,
                f"G{number}" if number in (2, 3, 4, 5) else f"M{number}",
                number in (2, 3, 4, 5),
                day,
                None if reached else forecast,
                day + timedelta(days=3) if reached else None,
                2 if reached else None if forecast is None else moved,
                history,
            )
        )
    return tuple(rows)


def _risk(rng: random.Random, key: str, n: int) -> RiskLine:
    p, i = rng.randint(1, 5), rng.randint(2, 5)
    title = rng.choice(
        [
            "Altdaten unvollständig, Umstellung scheitert",
            "Fördertechnik über Budget, da kein Festpreis",
            "Testteam reicht für zwei Werke nicht aus",
            "Lieferant Prüfstand zahlungsunfähig",
            "Baugenehmigung Halle 4 verspätet",
            "Schlüsselperson fällt länger aus",
        ]
    )
    return RiskLine(
        f"R-{key}-{n}",
        title,
        p,
        i,
        p * i,
        eur(p * i * 9000 * rng.uniform(0.5, 3)),
        rng.choice(["up", "flat", "down"]),  # type: ignore[arg-type]
        rng.choice(
            [
                "Vermindern: zwei Generalproben",
                "Übertragen: Festpreisangebot",
                "Vorsorge: Zweitlieferant",
                "Vermeiden: Teilgenehmigung",
            ]
        ),
        rng.choice(_PEOPLE).split()[-1],
        DATA_DATE + timedelta(days=rng.randint(10, 70)),
    )


def _project_curve(start: date, bac: float, eac: float, done: float) -> tuple[CurvePoint, ...]:
    points = []
    total = 14
    for n in range(total + 1):
        on = start + timedelta(days=30 * n)
        share = n / total
        plan = bac * (3 * share**2 - 2 * share**3)
        past = on <= DATA_DATE
        points.append(
            CurvePoint(on, eur(plan), eur(plan * 0.88) if past else None, eur(plan * 1.02) if past else None, None)
        )
    last = max((n for n, point in enumerate(points) if point.ac is not None), default=0)
    points[last] = CurvePoint(points[last].on, points[last].pv, points[last].ev, points[last].ac, points[last].ac)
    points[-1] = CurvePoint(points[-1].on, points[-1].pv, None, None, eur(eac))
    return tuple(points)


def _curve(projects: tuple[StatusPayload, ...]) -> tuple[CurvePoint, ...]:
    bac = sum(p.money.total.bac.minor for p in projects if p.money and p.money.total.bac) / 100
    return _project_curve(date(2026, 1, 20), bac, bac * 1.035, 0.5)


def _history(projects: tuple[StatusPayload, ...]) -> tuple[CycleCounts, ...]:
    now = [sum(p.overall.value == name for p in projects) for name in ("red", "amber", "green", "grey")]
    rows = []
    for n, on in enumerate(CYCLES):
        back = 5 - n
        red, amber = max(now[0] - back, 0), max(now[1] - back // 2, 0)
        rows.append(CycleCounts(on, red, amber, len(projects) - red - amber - now[3], now[3]))
    return tuple(rows)


def _changes(projects: tuple[StatusPayload, ...]) -> tuple[ChangeLine, ...]:
    rows = []
    for p in projects:
        if p.overall.previous and p.overall.previous != p.overall.value:
            rows.append(ChangeLine(p.key, p.name, "light", "overall", p.overall.previous, p.overall.value or ""))
        if p.overall.value == "red" and p.money and p.money.total.eac:
            rows.append(
                ChangeLine(
                    p.key,
                    p.name,
                    "eac",
                    before_money=Money(p.money.total.eac.minor * 97 // 100, "EUR"),
                    after_money=p.money.total.eac,
                )
            )
            late = p.milestones[-1]
            if late.forecast:
                rows.append(
                    ChangeLine(
                        p.key,
                        p.name,
                        "milestone",
                        late.name,
                        before_date=late.forecast - timedelta(days=14),
                        after_date=late.forecast,
                        days=10,
                    )
                )
    return tuple(rows)


def _follow_up(projects: tuple[StatusPayload, ...]) -> tuple[FollowUp, ...]:
    """Two decisions (one settled, one open), and of every path to green its first measure: moved, overdue, settled in turn."""
    first = projects[0]
    rows = [
        FollowUp(first.key, first.name, "decision", "Zwei Stufen oder ein Termin?", "gone", "Lenkungsausschuss", PREVIOUS, DATA_DATE),
        FollowUp(first.key, first.name, "decision", "Drei externe Testkräfte?", "open", "Lenkungsausschuss", PREVIOUS, DATA_DATE, date(2026, 12, 8)),
    ]  # fmt: skip
    late, early = DATA_DATE + timedelta(days=21), DATA_DATE - timedelta(days=2)
    for number, p in enumerate(p for p in projects if p.path_to_green):
        step = p.path_to_green[0]
        state: Any = ("open", "open", "gone")[number % 3]
        due = (late, early, None)[number % 3]
        rows.append(
            FollowUp(
                p.key, p.name, "measure", step.measure, state, step.owner, PREVIOUS, early, due, step.dimension,
                p.light(step.dimension).value,
            )
        )  # fmt: skip
    return tuple(rows)


def _money_trend(projects: tuple[StatusPayload, ...]) -> MoneyTrend | None:
    known = [p for p in projects if p.money and p.money.total.eac and p.money.total.bac and p.money.total.ac]
    if not known:
        return None

    def total(name: str) -> int:
        return sum(getattr(p.money.total, name).minor for p in known if p.money)

    points = tuple(
        MoneyPoint(
            on,
            Money(total("bac"), "EUR"),
            Money(total("ac") * (10 - n) // 10, "EUR"),
            Money(total("eac") * (100 - n) // 100, "EUR"),
        )
        for n, on in zip(range(5, -1, -1), CYCLES, strict=True)
    )
    return MoneyTrend(tuple(p.key for p in known), points)


def _decisions() -> tuple[DecisionLine, ...]:
    criteria = (
        "Umfang der Inbetriebnahme",
        "Go-live",
        "EAC (Änderung) in T€",
        "Risikowert in T€",
        "Fehlende Testkapazität",
        "Haupteinwand",
    )

    def effects(*values: str) -> tuple[tuple[str, str], ...]:
        return tuple(zip(criteria, values, strict=True))

    return (
        DecisionLine(
            "Wie soll ERP27 produktiv gehen, nachdem SPI(t) auf 0,83 gefallen ist und im Test bis zu 5,0 FTE fehlen?",
            "E-1",
            "ERP27",
            "Ablösung ERP-Kern",
            "Dr. H. Lorenz",
            "Lenkungsausschuss",
            date(2026, 12, 1),
            "Go-live in zwei Stufen",
            eur(386700),
            (
                DecisionOption(
                    "A  Ein Termin, 03.05.2027",
                    effects(
                        "Alle Werke gleichzeitig",
                        "03.05.2027",
                        "13.333,3 (0,0)",
                        "1.120,0",
                        "5,0 FTE im März 2027",
                        "Rückfall nur bis 05.05.2027 möglich",
                    ),
                ),
                DecisionOption(
                    "B  Verschieben auf 01.09.2027",
                    effects(
                        "Alle Werke gleichzeitig",
                        "01.09.2027",
                        "14.180,0 (+846,7)",
                        "380,0",
                        "keine",
                        "Altsystem vier Monate länger",
                    ),
                ),
                DecisionOption(
                    "C  Zwei Stufen",
                    effects(
                        "Finanzen und Einkauf, dann Produktion",
                        "03.05. und 01.09.2027",
                        "13.720,0 (+386,7)",
                        "510,0",
                        "1,5 FTE im März 2027",
                        "Vier Monate Parallelbetrieb",
                    ),
                    True,
                ),
            ),
            "Stufenweiser Go-live: Finanzen und Einkauf 03.05.2027, Produktion 01.09.2027",
            "Testteam löst sich am 15.12. auf",
        ),
        DecisionLine(
            "Soll das Budget von ALPHA steigen?",
            "E-2",
            "ALPHA",
            "Instandhaltungsplattform",
            "C. Behrens",
            "Lenkungsausschuss",
            date(2026, 12, 1),
            "Basisplan B1",
            eur(4800),
            (),
            "Budget von 540,0 T€ auf 570,0 T€ erhöhen und Basisplan B1 festlegen",
            "Lizenzabruf stoppt am 04.12.",
        ),
        DecisionLine(
            "Sollen externe Testkräfte beauftragt werden?",
            "E-3",
            "",
            "Test und Abnahme",
            "A. Petersen",
            "Vorstand",
            date(2026, 12, 8),
            "",
            eur(168000),
            (),
            "Drei externe Testkräfte von Januar bis April 2027 beauftragen",
            "Go-live ERP27 und MES nicht haltbar",
        ),
        DecisionLine(
            "Wird G2 für LOG erteilt?",
            "E-4",
            "LOG",
            "Logistikzentrum Süd",
            "M. Sörensen",
            "Lenkungsausschuss",
            date(2026, 12, 15),
            "",
            eur(0),
            (),
            "Freigabe G2 nur mit Auflage: Festpreisangebot Fördertechnik bis 15.01.2027",
            "Mehrkosten nicht begrenzt",
        ),
    )


def _late(projects: tuple[StatusPayload, ...]) -> tuple[LateReport, ...]:
    return tuple(LateReport(p.key, p.name, p.pm, "missing", PREVIOUS) for p in projects if p.overall.value == "grey")


def _capacity(rng: random.Random) -> tuple[RoleMonth, ...]:
    rows = []
    for role, size in (
        ("ERP-Beratung", 9),
        ("Test und Abnahme", 10),
        ("Automatisierung", 14),
        ("Softwareentwicklung", 23),
        ("Projektleitung", 18),
        ("Konstruktion", 16),
    ):
        for n in range(6):
            month = date(2026 + (11 + n) // 12, (11 + n) % 12 + 1, 1)
            capacity, demand = (
                Decimal(size),
                Decimal(size) + Decimal(rng.randint(-30, 25)) / 10 + (Decimal(4) if size < 11 and n in (2, 3) else 0),
            )
            rows.append(RoleMonth(role, month, capacity, demand, min(capacity, demand)))
    return tuple(rows)


def _dependencies() -> tuple[DependencyLine, ...]:
    return (
        DependencyLine(
            "ERP27",
            "MES",
            "Schnittstelle Fertigung",
            date(2027, 1, 11),
            date(2027, 2, 12),
            24,
            "G3 MES",
            "Zwischenformat liefern",
            "Jansen",
        ),
        DependencyLine(
            "ERP27",
            "ALPHA",
            "Stammdaten Anlagen",
            date(2027, 1, 8),
            date(2027, 1, 22),
            10,
            "G3 ALPHA",
            "Teillieferung Werk 1",
            "Jansen",
        ),
        DependencyLine(
            "LOG",
            "WERK",
            "Layout Übergabebereich",
            date(2027, 2, 1),
            date(2027, 2, 19),
            14,
            "",
            "Puffer von 15 AT nutzen",
            "Sörensen",
        ),
        DependencyLine(
            "SEC",
            "CRM",
            "Zugriffskonzept Kundendaten",
            date(2026, 12, 18),
            date(2026, 12, 11),
            -5,
            "G4 CRM",
            "",
            "Brandt",
        ),
    )


def small() -> DeckPayload:
    """A foreign list: five-point scale, no money, no milestones, lights as reported."""
    rows = [
        ("Amber/Red", "amber", "worse"),
        ("Red", "red", None),
        ("Green", "green", None),
        ("Amber", "amber", None),
        ("Amber/Green", "amber", "better"),
        ("", None, None),
        ("Amber", "amber", None),
    ]
    names = [
        "Crossrail depot",
        "Census 2031",
        "Harbour defence",
        "=SUM(A1:A9)",
        "Hospital programme <script>alert(1)</script>",
        "Rural broadband",
        "Prison estate\x00\x0b with control characters \u202eevil",
    ]
    projects = tuple(
        StatusPayload(
            f"P{n:02}",
            name,
            date(2026, 3, 31),
            overall=Light(
                value,
                source="reported",
                reported_value=word,
                half_step=half,
                reason="Delivery confidence fell after the review of the supply chain; a re-plan is under way."
                if value == "red"
                else "",
            ),  # type: ignore[arg-type]
            pm="",
            sponsor="",
        )
        for n, (name, (word, value, half)) in enumerate(zip(names, rows, strict=True), start=1)
    )
    return DeckPayload(
        organisation="Ministry of Works",
        data_date=date(2026, 3, 31),
        portfolio_key="GMP",
        portfolio_name="Major projects",
        projects=projects,
    )

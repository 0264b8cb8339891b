"""CVs as people lay them out: side columns, tables, dates on either side, capitals, icons, marks for levels, headers, text boxes. The same facts are read from each."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
import zlib

import pytest
import typst

from stellwerk.core.errors import Refused
from stellwerk.staffing.profiles import Profile, read_profile

CONTACT = ("jule.petersen@example.org", "+49 151 23456789", "28195 Bremen")
WORK = (
    ("Projektleiterin Anlagenbau", "Nordwerk GmbH", "03/2019", "heute", "2019-03", "now"),
    ("Projektcontrollerin", "Hafenbau AG", "10/2015", "02/2019", "2015-10", "2019-02"),
)
TASKS = ("Terminplanung und Risikomanagement für drei Werke", "Earned-Value-Analyse je Monat")
DEGREE = ("M.Sc. Wirtschaftsingenieurwesen", "TU Braunschweig", "2010", "2015")


def pdf(body: str) -> Profile:
    source = f'#set page(width: 21cm, height: 29.7cm, margin: 1.6cm)\n#set text(size: 10pt, font: "Libertinus Serif", lang: "de")\n{body}'
    return read_profile(io.BytesIO(typst.compile(source.encode())), "cv.pdf")


def check(profile: Profile, *, town: bool = True) -> None:
    assert profile.name == "Jule Petersen"
    assert (profile.mail, profile.phone) == CONTACT[:2]
    assert profile.place == (CONTACT[2] if town else profile.place)
    told = [(one.kind, one.title, one.organisation, one.first, one.last) for one in profile.stations]
    assert told == [
        *(("work", title, firm, first, last) for title, firm, _from, _to, first, last in WORK),
        ("education", *DEGREE),
    ]
    assert "Terminplanung" in profile.stations[0].text and "Earned-Value" in profile.stations[0].text
    assert {"ms_project", "jira_tool", "scheduling", "risk", "evm", "pmp"} <= {one.code for one in profile.skills}
    assert [(one.code, one.level) for one in profile.languages] == [("de", "native"), ("en", "C1")]
    assert any("PMP" in name for name in profile.certificates)


def level_of(profile: Profile, code: str) -> int | None:
    return next(one.level for one in profile.skills if one.code == code)


SIDE = """
#text(weight: "bold")[KONTAKT] \\
jule.petersen\\@example.org \\ +49 151 23456789 \\ 28195 Bremen
#v(6pt) #text(weight: "bold")[KENNTNISSE] \\
MS Project ●●●●○ \\ Jira ●●○○○ \\ Kranführung ●○○○○
#v(6pt) #text(weight: "bold")[SPRACHEN] \\
Deutsch (Muttersprache) \\ Englisch C1
#v(6pt) #text(weight: "bold")[ZERTIFIKATE] \\ PMP, 2021
#v(6pt) #text(weight: "bold")[INTERESSEN] \\ Segeln
"""
MAIN = """
#text(weight: "bold")[BERUFLICHER WERDEGANG] \\
#v(4pt)
*Projektleiterin Anlagenbau* \\ Nordwerk GmbH \\ 03/2019 – heute
- Terminplanung und Risikomanagement für drei Werke
- Earned-Value-Analyse je Monat
#v(4pt)
*Projektcontrollerin* \\ Hafenbau AG \\ 10/2015 – 02/2019
- Berichte an den Vorstand
#v(8pt)
#text(weight: "bold")[AUSBILDUNG] \\
*M.Sc. Wirtschaftsingenieurwesen* \\ TU Braunschweig \\ 2010 – 2015
"""


@pytest.mark.parametrize("left", [True, False])
def test_a_side_column_is_read_apart_from_the_main_one(left: bool) -> None:
    columns = f"[{SIDE}], [{MAIN}]" if left else f"[{MAIN}], [{SIDE}]"
    widths = "(1fr, 2.2fr)" if left else "(2.2fr, 1fr)"
    profile = pdf(f"#text(size: 22pt)[Jule Petersen]\n\n#grid(columns: {widths}, gutter: 0.8cm, {columns})")
    check(profile)
    assert (level_of(profile, "ms_project"), level_of(profile, "jira_tool")) == (4, 2)
    assert ("Kranführung", 1) in [(one.label, one.level) for one in profile.skills if not one.code]


def test_the_name_may_stand_in_the_side_column_and_the_column_may_be_coloured() -> None:
    side = f"#text(size: 18pt)[Jule Petersen]\n{SIDE}"
    check(pdf(f"#grid(columns: (1fr, 2fr), gutter: 1cm, block(fill: aqua, inset: 8pt)[{side}], [{MAIN}])"))


TAIL = """
= Fähigkeiten
MS Project (sehr gut), Jira: Grundkenntnisse, Kranführung

= Sprachkenntnisse
Deutsch – Muttersprache, Englisch – verhandlungssicher (C1)

= Weiterbildung & Zertifikate
2021 #h(1cm) PMP (Project Management Institute)
"""
HEAD = "#align(center)[#text(size: 20pt)[JULE PETERSEN]]\n#align(center)[28195 Bremen · jule.petersen\\@example.org · +49 151 23456789]\n"


def test_dates_in_a_column_of_their_own_belong_to_the_row_beside_them() -> None:
    rows = f"""
= Berufserfahrung
#table(columns: (3.4cm, 1fr), stroke: none,
  [03/2019 – heute], [*Projektleiterin Anlagenbau*, Nordwerk GmbH \\ • {TASKS[0]} \\ • {TASKS[1]}],
  [10/2015 – 02/2019], [*Projektcontrollerin*, Hafenbau AG \\ • Berichte an den Vorstand])
= Ausbildung
#table(columns: (3.4cm, 1fr), stroke: none, [2010 – 2015], [M.Sc. Wirtschaftsingenieurwesen, TU Braunschweig])
"""
    profile = pdf(f"{HEAD}{rows}{TAIL}")
    profile.name = profile.name.title()
    check(profile)
    assert (level_of(profile, "ms_project"), level_of(profile, "jira_tool")) == (3, 1)


def test_dates_at_the_right_edge_and_the_firm_above_or_below() -> None:
    above = f"""
= BERUFSERFAHRUNG
*Nordwerk GmbH* #h(1fr) Bremen, Deutschland \\ Projektleiterin Anlagenbau #h(1fr) seit 03/2019
- {TASKS[0]}
- {TASKS[1]}
*Hafenbau AG* #h(1fr) Hamburg, Deutschland \\ Projektcontrollerin #h(1fr) 10/2015 – 02/2019
- Berichte an den Vorstand
= STUDIUM
*TU Braunschweig* #h(1fr) Braunschweig \\ M.Sc. Wirtschaftsingenieurwesen #h(1fr) 2010–2015
"""
    below = f"""
= BERUFSERFAHRUNG
*Projektleiterin Anlagenbau* #h(1fr) März 2019 bis heute \\ Nordwerk GmbH, Bremen
- {TASKS[0]}
- {TASKS[1]}
*Projektcontrollerin* #h(1fr) Okt. 2015 – Feb. 2019 \\ Hafenbau AG, Hamburg
- Berichte an den Vorstand
= STUDIUM
*M.Sc. Wirtschaftsingenieurwesen* #h(1fr) 2010 − 2015 \\ TU Braunschweig
"""
    for body in (above, below):
        profile = pdf(f"{HEAD}{body}{TAIL}")
        profile.name = profile.name.title()
        check(profile)


def test_an_english_page_with_icons_ranges_in_words_and_a_footer_on_each_page() -> None:
    body = """
#set page(footer: [Jule Petersen · Résumé #h(1fr) #context counter(page).display()])
#text(size: 24pt)[Jule Petersen]

Project manager

✉ jule.petersen\\@example.org #h(1cm) ☎ (+49) 151-23456789 #h(1cm) 28195 Bremen

= Professional Experience
*Project manager*, Northworks Ltd #h(1fr) Jan 2018 - Present \\ Led from 2019 to 2021 a programme of four sites.
#pagebreak()
*Project controller*, Harbour Inc. #h(1fr) June 2014 to Dec 2017
= Education
B.Sc. Industrial Engineering, University of Bremen #h(1fr) 2013
= Languages
German (native), English (fluent), Danish
= Awards
Best poster 2012
"""
    profile = pdf(body)
    assert (profile.name, profile.mail, profile.phone) == ("Jule Petersen", CONTACT[0], "(+49) 151-23456789")
    told = [(one.kind, one.title, one.organisation, one.first, one.last) for one in profile.stations]
    assert told == [
        ("work", "Project manager", "Northworks Ltd", "2018-01", "now"),
        ("work", "Project controller", "Harbour Inc.", "2014-06", "2017-12"),
        ("education", "B.Sc. Industrial Engineering", "University of Bremen", "", "2013"),
    ]
    assert not any("Résumé" in one.text for one in profile.stations)
    assert [(one.code, one.level) for one in profile.languages] == [("de", "native"), ("en", "C1"), ("da", "")]
    assert any("Awards" in note for note in profile.notes), "what is not taken is told"
    assert any("Danish" in note for note in profile.notes)


# ── Word ─────────────────────────────────────────────────────────────────────────────────────────

NAMES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def p(text: str, *, style: str = "", listed: bool = False) -> str:
    about = f'<w:pStyle w:val="{style}"/>' if style else ""
    about += '<w:numPr><w:ilvl w:val="0"/></w:numPr>' if listed else ""
    runs = "<w:r><w:tab/></w:r>".join(f"<w:r><w:t>{part}</w:t></w:r>" for part in text.split("\t"))
    return f"<w:p><w:pPr>{about}</w:pPr>{runs}</w:p>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


def docx(body: str, header: str = "") -> Profile:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {NAMES}><w:body>{body}</w:body></w:document>")
        if header:
            archive.writestr("word/header1.xml", f"<w:hdr {NAMES}>{header}</w:hdr>")
    return read_profile(io.BytesIO(stream.getvalue()), "cv.docx")


REST = "".join(
    [
        p("Kenntnisse", style="Heading1"), p("MS Project – sehr gut; Jira – gut"), p("Sprachen", style="Heading1"),
        p("Deutsch\tMuttersprache"), p("Englisch\tC1"), p("Zertifikate", style="Heading1"), p("PMP", listed=True),
    ]
)  # fmt: skip


def test_a_word_table_of_dates_and_a_head_that_holds_the_ways_of_contact() -> None:
    stations = row(p("03/2019 – heute"), p("Projektleiterin Anlagenbau") + p("Nordwerk GmbH") + p(TASKS[0], listed=True) + p(TASKS[1], listed=True))  # fmt: skip
    stations += row(p("10/2015 – 02/2019"), p("Projektcontrollerin") + p("Hafenbau AG") + p("Berichte", listed=True))
    study = row(p("2010 – 2015"), p("M.Sc. Wirtschaftsingenieurwesen") + p("TU Braunschweig"))
    body = p("Jule Petersen", style="Title") + p("Berufserfahrung") + f"<w:tbl>{stations}</w:tbl>" + p("Ausbildung") + f"<w:tbl>{study}</w:tbl>" + REST  # fmt: skip
    profile = docx(body, header=p(" | ".join(CONTACT)))
    check(profile)
    assert (level_of(profile, "ms_project"), level_of(profile, "jira_tool")) == (3, 2)


def test_a_word_page_of_two_cells_and_a_text_box_that_is_there_twice() -> None:
    work = p("BERUFSERFAHRUNG") + "".join(
        p(f"{title}\t{begin} - {end}") + p(firm) + "".join(p(task, listed=True) for task in TASKS)
        for title, firm, begin, end, _first, _last in WORK
    )
    study = p("STUDIUM") + p(f"{DEGREE[0]}\t{DEGREE[2]} - {DEGREE[3]}") + p(DEGREE[1])
    side = p("KONTAKT") + "".join(map(p, CONTACT)) + REST
    box = f"<w:txbxContent>{p('Jule Petersen')}</w:txbxContent>"
    twice = f"<w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    check(docx(f"{twice}<w:tbl>{row(side, work + study)}</w:tbl>"))


# ── data that a file carries beside its pages, labels, leaders ───────────────────────────────────


def test_a_list_of_projects_with_labels_says_role_and_client_by_name() -> None:
    body = "".join(
        p(line)
        for line in (
            "Projekthistorie", "Zeitraum: 01/2020 – 06/2021", "Rolle: Projektleitung", "Kunde: Nordwerk GmbH", "Einsatzort: Bremen", "Aufgaben: Terminplanung",
            "Zeitraum: 05/18 – 12/19", "Rolle: Terminplanerin", "Kunde: Hafenbau AG", "Aufgaben: Berichte",
        )
    )  # fmt: skip
    told = [(one.kind, one.title, one.organisation, one.place, one.first, one.last) for one in docx(body).stations]
    assert told == [
        ("project", "Projektleitung", "Nordwerk GmbH", "Bremen", "2020-01", "2021-06"),
        ("project", "Terminplanerin", "Hafenbau AG", "", "2018-05", "2019-12"),
    ]


def test_dots_that_lead_to_the_right_edge_part_what_they_join() -> None:
    lines = ("Work experience", "Project manager ....................... 2019 - 2021", "Northworks Ltd ---------------- Bremen", "• Schedule")  # fmt: skip
    station = docx("".join(map(p, lines))).stations[0]
    assert (station.title, station.organisation, station.place) == ("Project manager", "Northworks Ltd", "Bremen")


EUROPASS = """<?xml version="1.0" encoding="UTF-8"?>
<Candidate xmlns="http://www.europass.eu/1.0" xmlns:oa="http://www.openapplications.org/oagis/9" xmlns:hr="http://www.hr-xml.org/3">
<CandidatePerson><PersonName><oa:GivenName>Jule</oa:GivenName><hr:FamilyName>Petersen</hr:FamilyName></PersonName>
<Communication><ChannelCode>Email</ChannelCode><oa:URI>jule.petersen@example.org</oa:URI></Communication>
<PrimaryLanguageCode name="NORMAL">swe</PrimaryLanguageCode></CandidatePerson>
<CandidateProfile><EmploymentHistory><EmployerHistory><hr:OrganizationName>Nordwerk GmbH</hr:OrganizationName>
<PositionHistory><PositionTitle>Senior
   project manager</PositionTitle><EmploymentPeriod><StartDate><hr:FormattedDateTime>2021-06-15</hr:FormattedDateTime></StartDate><hr:CurrentIndicator>true</hr:CurrentIndicator></EmploymentPeriod></PositionHistory>
<PositionHistory><PositionTitle>Project manager</PositionTitle><EmploymentPeriod><StartDate><hr:FormattedDateTime>2018-01-01</hr:FormattedDateTime></StartDate><EndDate><hr:FormattedDateTime>2021-06-14</hr:FormattedDateTime></EndDate></EmploymentPeriod></PositionHistory>
</EmployerHistory></EmploymentHistory></CandidateProfile></Candidate>"""


def attached(xml: str, name: str = "attachment.xml") -> bytes:
    import pypdfium2

    page = typst.compile(b"Europass. Jule Petersen. What stands on this page says less than the data beside it.")
    document = pypdfium2.PdfDocument(page)
    document.new_attachment(name).set_data(xml.encode())
    stream = io.BytesIO()
    document.save(stream)
    document.close()
    return stream.getvalue()


def test_the_data_that_a_europass_pdf_carries_is_read_rather_than_its_pages() -> None:
    profile = read_profile(io.BytesIO(attached(EUROPASS)), "cv.pdf")
    assert (profile.name, profile.mail) == ("Jule Petersen", "jule.petersen@example.org")
    assert [(one.title, one.organisation, one.first, one.last) for one in profile.stations] == [
        ("Senior project manager", "Nordwerk GmbH", "2021-06", "now"),
        ("Project manager", "Nordwerk GmbH", "2018-01", "2021-06"),
    ]
    assert [(one.code, one.level) for one in profile.languages] == [("sv", "native")]
    assert any("Europass" in note for note in profile.notes)


@pytest.mark.parametrize(
    "xml", ["<Candidate", "<Invoice/>", '<!DOCTYPE a [<!ENTITY b "c">]><Candidate>&b;</Candidate>']
)
def test_other_attachments_leave_the_pages_to_be_read(xml: str) -> None:
    assert read_profile(io.BytesIO(attached(xml)), "cv.pdf").format == "pdf"


def test_json_texts_lose_their_marks_of_html_and_what_is_not_taken_is_told() -> None:
    data = (
        b'{"basics": {"name": "Jule Petersen", "phone": "upon request", "summary": "I <strong>plan</strong> schedules"},'
        b' "work": [{"name": null}], "awards": [{"title": "Poster"}], "languages": [{"language": "Greek", "fluency": "Native speaker"}]}'
    )
    profile = read_profile(io.BytesIO(data), "resume.json")
    assert (profile.phone, profile.summary, profile.stations) == ("", "I plan schedules", [])
    assert [(one.code, one.level) for one in profile.languages] == [("el", "native")]
    assert any("awards" in note for note in profile.notes)


def test_an_attachment_that_unpacks_without_end_is_not_unpacked() -> None:
    packed = zlib.compress(b"<Candidate>" + b" " * 30_000_000)
    hidden = b"\n99 0 obj\n<</Type/EmbeddedFile/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed) + packed + b"\nendstream\nendobj\n"  # fmt: skip
    page = typst.compile(b"Jule Petersen. What stands on this page is read, whatever hangs on the file.")
    before, mark, after = page.rpartition(b"startxref")
    tracemalloc.start()
    profile = read_profile(io.BytesIO(before + hidden + mark + after), "cv.pdf")
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert profile.format == "pdf" and most < 25_000_000


def test_tables_within_tables_and_endless_lines_take_no_longer_than_their_size() -> None:
    nested = "<w:tbl><w:tr><w:tc>" * 400 + p("Projektleitung") + "</w:tc></w:tr></w:tbl>" * 400
    assert docx(p("Jule Petersen") + nested).name == "Jule Petersen"
    profile = docx(p("Jule Petersen") + p("2019 - 2021 Projektleitung, Nordwerk GmbH") * 9_000)
    assert len(profile.stations) == 1
    assert any("4000" in note for note in profile.notes)


def test_a_page_that_unpacks_without_end_is_refused_before_it_is_opened() -> None:
    drawn = zlib.compress(b"BT /F 10 Tf 10 700 Td " + b"(Projektleitung) Tj 0 -1 Td " * 2_000_000 + b"ET")
    page = b"%PDF-1.4\n4 0 obj<</Length 1/Filter/FlateDecode>>stream\n" + drawn + b"\nendstream endobj\n"
    with pytest.raises(Refused) as refused:
        read_profile(io.BytesIO(page), "cv.pdf")
    assert refused.value.code == "bomb" and "PDF" in str(refused.value)


def test_dates_in_the_margin_are_no_phone_and_no_column_of_their_own_where_the_tasks_are_long() -> None:
    about = "#grid(columns: (3.4cm, 1fr), row-gutter: 4pt, [Kontakt], [Mobil: +49 151 23456789], [Nationalität], [deutsch], [Stand], [09.01.2026])"
    tasks = " \\ ".join(f"- {task} ({number}. Werk)" for number in range(1, 9) for task in TASKS)
    rows = ", ".join(
        f"[{begin} – {end}], [*{title}* \\ {firm}, Bremen \\ {tasks}]" for title, firm, begin, end, _f, _l in WORK
    )
    profile = pdf(f"#text(size: 20pt)[Jule Petersen]\n\n{about}\n= Berufserfahrung\n#grid(columns: (3.4cm, 1fr), row-gutter: 8pt, {rows})\n= Ausbildung\n#grid(columns: (3.4cm, 1fr), [2010 – 2015], [M.Sc. Wirtschaftsingenieurwesen \\ TU Braunschweig])")  # fmt: skip
    told = [(one.title, one.organisation, one.first, one.last) for one in profile.stations]
    assert told == [*((title, firm, first, last) for title, firm, _b, _e, first, last in WORK), DEGREE]
    assert profile.phone == "+49 151 23456789"


def test_title_firm_town_and_trade_in_one_line_are_parted() -> None:
    lines = ("Berufserfahrung", "Cloud-Architektin — Nordwerk GmbH\t03/2017 – 07/2018 · München · Finanzen", "• Betrieb", "Telefon 0421 123456, am 09.01.2026")  # fmt: skip
    profile = docx("".join(map(p, lines)))
    assert [(one.title, one.organisation) for one in profile.stations] == [("Cloud-Architektin", "Nordwerk GmbH")]
    long = docx("".join(map(p, ("Berufserfahrung", "01/2008 – 06/2008\tTest Release Manager", "Ingenieure für Nordische Netze, Ulm")))).stations[0]  # fmt: skip
    short = docx(
        "".join(map(p, ("Berufserfahrung", "2009–2013\tProjektingenieurin", "Planungsbüro Harms, Ulm")))
    ).stations[0]
    assert (short.organisation, short.place) == ("Planungsbüro Harms", "Ulm")
    assert (long.title, long.organisation) == ("Test Release Manager", "Ingenieure für Nordische Netze")
    assert profile.phone == "0421 123456"


@pytest.mark.parametrize("heading", ["Berufliche Stationen", "Was bisher geschah"])
def test_stations_under_a_heading_that_nobody_knows_are_not_swallowed_by_the_lines_above(heading: str) -> None:
    lines = ("Jule Petersen", "Kurzprofil", "Plant gern, und das seit langem.", "", heading, *(f"{begin} – {end}\t{title}, {firm}" for title, firm, begin, end, _f, _l in WORK), "Ausbildung", "2010 – 2015\tM.Sc. Wirtschaftsingenieurwesen, TU Braunschweig")  # fmt: skip
    profile = docx("".join(map(p, lines)))
    assert [one.title for one in profile.stations] == [WORK[0][0], WORK[1][0], DEGREE[0]]
    assert profile.summary == "Plant gern, und das seit langem."

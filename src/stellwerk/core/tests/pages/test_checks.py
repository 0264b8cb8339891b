import pytest
from django.apps import apps
from django.utils.translation import gettext_lazy as _

from stellwerk.core.checks import CHECKS, Check, Hit, check, findings, findings_for, register_check

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]
Project = apps.get_model("portfolio", "Project")


@pytest.fixture
def rule():
    known = dict(CHECKS)
    CHECKS.clear()

    @check(
        "TST001",
        "major",
        "portfolio.project",
        title=_("Project without sponsor"),
        explanation=_("Somebody must own it."),
        standard="DIN 69901",
    )
    def without_sponsor(projects):
        for project in projects.filter(sponsor__isnull=True):
            yield Hit(project, f"{project.key} has none")

    yield without_sponsor
    CHECKS.clear()
    CHECKS.update(known)


def test_findings_cover_only_what_one_may_see(cast, rule):
    assert [row.obj for row in findings(cast.petra)] == [cast.other_project]
    assert findings(cast.paul) == [] and findings(cast.uwe) == []
    assert [row.obj for row in findings(cast.olga)] == [cast.other_project]


def test_the_worst_comes_first(cast, rule):
    register_check(Check("TST000", "critical", "portfolio.project", "x", "y", lambda rows: [Hit(row) for row in rows]))
    assert [row.severity for row in findings(cast.petra)] == ["critical", "critical", "major"]


def test_findings_of_one_entity(cast, rule):
    assert findings_for(cast.project, cast.petra) == []
    assert [row.text for row in findings_for(cast.other_project, cast.petra)] == ["PRJ-0002 has none"]


def test_the_page_filters_and_links(cast, rule):
    client = cast.client("petra")
    page = client.get("/findings/").content.decode()
    assert "TST001" in page and "Rauchgasreinigung Stade" in page and "DIN 69901" in page
    assert "Rauchgasreinigung" not in client.get("/findings/?severity=minor").content.decode()
    assert "Rauchgasreinigung" in client.get("/findings/?check=TST001&kind=portfolio.project").content.decode()
    assert "Rauchgasreinigung" not in cast.client("paul").get("/findings/").content.decode()
    detail = client.get(f"/portfolio/project-detail/{cast.other_project.key}").content.decode()
    assert "Project without sponsor" in detail
    assert client.get(f"/entity/portfolio.project/{cast.other_project.pk}/findings").status_code == 200
    assert cast.client("paul").get(f"/entity/portfolio.project/{cast.other_project.pk}/findings").status_code == 404


def test_a_check_with_an_unknown_severity_or_a_taken_code_is_a_mistake(rule):
    with pytest.raises(ValueError):
        register_check(Check("TST009", "terrible", "portfolio.project", "x", "y", lambda rows: []))
    with pytest.raises(ValueError):
        register_check(Check("TST001", "minor", "people.person", "another", "y", lambda rows: []))

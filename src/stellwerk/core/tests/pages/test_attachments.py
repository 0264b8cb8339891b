import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from stellwerk.core.attachments import attach, attachments_of, remove_attachment, safe_name, sniff
from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import Attachment, AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.urls("stellwerk.core.tests.pages.urls")]
PDF = b"%PDF-1.7\n%content"


def upload(name="Bericht.pdf", content=PDF):
    return SimpleUploadedFile(name, content, content_type="text/html")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\Bericht.pdf", "Bericht.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("Übersicht & Maße.xlsx", "Übersicht & Maße.xlsx"),
    ],
)
def test_names_are_made_harmless(given, kept):
    assert safe_name(given) == kept


def test_the_type_comes_from_the_content_not_from_the_browser():
    assert sniff(PDF, "x.pdf") == "application/pdf"
    assert sniff(PDF, "ohne-endung") == "application/pdf"
    assert sniff(b"hallo", "x.txt") == "text/plain"
    assert sniff(b"<html>", "x.html") == "application/octet-stream"
    assert sniff(b"PK\x03\x04rest", "x.xlsx").endswith("spreadsheetml.sheet")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.pdf", b"MZ\x90"),
        ("x.exe", b"anything"),
        ("x.pdf", b"<html>"),
        ("x.png", PDF),
        ("x.xlsx", b"no zip"),
        ("run.sh", b"#!/bin/sh"),
        ("x.txt", PDF),
    ],
)
def test_programs_and_content_that_belies_its_name_are_refused(cast, name, content):
    with pytest.raises(Invalid):
        attach(cast.project, file=upload(name, content), by=cast.petra)
    assert not Attachment.objects.exists()


def test_empty_and_too_large_files_are_refused(cast, settings):
    settings.UPLOAD_LIMIT_BYTES = 10
    with pytest.raises(Invalid, match="larger"):
        attach(cast.project, file=upload(), by=cast.petra)
    with pytest.raises(Invalid, match="empty"):
        attach(cast.project, file=upload(content=b""), by=cast.petra)


def test_the_same_content_is_kept_once_per_entity(cast):
    first = attach(cast.project, file=upload(), by=cast.petra)
    assert attach(cast.project, file=upload("Anderer Name.pdf"), by=cast.paul) == first
    assert attach(cast.other_project, file=upload(), by=cast.petra) != first
    assert AuditEntry.objects.filter(verb="attach").count() == 2


def test_who_may_not_comment_may_not_attach(cast):
    with pytest.raises(NotAllowed):
        attach(cast.project, file=upload(), by=cast.uwe)


def test_removing_marks_and_keeps_the_trail(cast):
    file = attach(cast.project, file=upload(), by=cast.tom)
    with pytest.raises(NotAllowed):
        remove_attachment(file, by=cast.elke)
    remove_attachment(file, by=cast.paul)
    assert not attachments_of(cast.project).exists() and default_storage.exists(file.file.name)
    assert cast.client("tom").get(f"/files/{file.uid}").status_code == 404
    assert AuditEntry.objects.get(verb="detach").changes == {"file": ["Bericht.pdf", None]}


def test_a_file_is_served_as_a_sandboxed_download_to_who_may_see_the_entity(cast):
    file = attach(cast.project, file=upload("Maße & Übersicht.pdf"), by=cast.petra)
    response = cast.client("tom").get(f"/files/{file.uid}")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment") and response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for name in ("uwe", "olga"):
        assert cast.client(name).get(f"/files/{file.uid}").status_code == 404


def test_a_file_that_is_gone_from_the_storage_is_a_clear_message(cast):
    file = attach(cast.project, file=upload(), by=cast.petra)
    default_storage.delete(file.file.name)
    assert cast.client("petra").get(f"/files/{file.uid}").status_code == 404


def test_several_files_on_the_page_are_judged_one_by_one(cast):
    client, url = cast.client("petra"), f"/entity/portfolio.project/{cast.project.pk}/attachments"
    response = client.post(url, {"file": [upload(), upload("virus.exe", b"MZ")]})
    page = response.content.decode()
    assert response.status_code == 422 and "virus.exe" in page and "Bericht.pdf" in page
    assert client.post(url, {"file": [upload("zwei.txt", b"text")]}).status_code == 302
    assert attachments_of(cast.project).count() == 2
    assert client.post(url, {}).status_code == 422
    assert cast.client("uwe").post(url, {"file": [upload()]}).status_code == 404
    removed = client.post(f"/files/{attachments_of(cast.project).first().uid}/remove")
    assert removed.status_code == 302

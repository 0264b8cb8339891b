"""The mail queue against a real SMTP server, and notifications at once or in the digest."""

import datetime as dt
import email
import socket
from email import policy

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Invalid
from stellwerk.core.jobs import enqueue, run_pending
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import Mail, Notification, User
from stellwerk.core.notify import mark_read, notify


class Post:
    """Accepts mail, or answers what ``answers`` says first."""

    def __init__(self):
        self.received = []
        self.answers = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answers and self.answers[0].startswith("rcpt "):
            return self.answers.pop(0).removeprefix("rcpt ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answers:
            return self.answers.pop(0)
        self.received.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def post(settings):
    handler = Post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=number)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = number
    settings.DEFAULT_FROM_EMAIL = "Stellwerk <stellwerk@firma.example>"
    handler.controller = controller
    yield handler
    if controller._thread is not None:
        controller.stop()


def due():
    Mail.objects.update(next_attempt_at=timezone.now())
    enqueue("core.send_mail", unique_key="core.send_mail")
    run_pending()


def test_a_mail_arrives_with_umlauts_in_plain_text_and_html(db, post):
    queue_mail(
        "rita@example.com",
        subject="Überlast im März – 110 %",
        text="Grüße, ß und €",
        html="<p>Grüße, ß und €</p>",
        headers={"X-Stellwerk-Kind": "test"},
    )
    assert post.received == [], "nothing leaves inside the request"
    run_pending()
    message = post.received[0]
    assert message["Subject"] == "Überlast im März – 110 %"
    assert (message["To"], message["From"]) == ("rita@example.com", "Stellwerk <stellwerk@firma.example>")
    assert message["X-Stellwerk-Kind"] == "test"
    assert message.get_body(("plain",)).get_content().strip() == "Grüße, ß und €"
    assert "<p>Grüße, ß und €</p>" in message.get_body(("html",)).get_content()
    mail = Mail.objects.get()
    assert (mail.state, mail.attempts) == ("sent", 1)
    run_pending()
    due()
    assert len(post.received) == 1


def test_a_mail_of_a_transaction_that_rolls_back_is_never_sent(db, post):
    with pytest.raises(RuntimeError), transaction.atomic():
        queue_mail("rita@example.com", subject="x", text="x")
        raise RuntimeError
    due()
    assert (post.received, Mail.objects.count()) == ([], 0)


def test_a_mail_that_is_refused_for_now_is_tried_again_later_under_the_same_number(db, post):
    post.answers = ["451 try again", "451 try again"]
    queue_mail("rita@example.com", subject="x", text="x")
    waits = []
    for _attempt in range(2):
        run_pending()
        mail = Mail.objects.get()
        assert mail.state == "queued"
        assert "451" in mail.last_error
        waits.append(round((mail.next_attempt_at - timezone.now()).total_seconds() / 60))
        due()
    assert waits == [1, 2]
    mail = Mail.objects.get()
    assert (mail.state, mail.attempts, mail.last_error) == ("sent", 3, "")
    assert post.received[0]["Message-ID"] == f"<{mail.uid}@firma.example>"


def test_a_server_that_is_down_costs_no_mail(db, post):
    post.controller.stop()
    queue_mail("rita@example.com", subject="x", text="x")
    run_pending()
    assert Mail.objects.get().state == "queued"
    controller = Controller(post, hostname="127.0.0.1", port=django_settings.EMAIL_PORT)
    controller.start()
    due()
    controller.stop()
    assert Mail.objects.get().state == "sent"


def test_an_address_that_the_server_will_never_take_fails_and_others_go_on(db, post):
    post.answers = ["rcpt 550 no such user"]
    queue_mail("gone@example.com", subject="x", text="x")
    queue_mail("rita@example.com", subject="y", text="y")
    run_pending()
    assert dict(Mail.objects.values_list("to", "state")) == {"gone@example.com": "failed", "rita@example.com": "sent"}


def test_a_mail_that_is_refused_for_days_is_given_up(db, post):
    queue_mail("rita@example.com", subject="x", text="x")
    Mail.objects.update(attempts=11)
    post.answers = ["451 never"]
    run_pending()
    assert Mail.objects.get().state == "failed"


def test_without_a_mail_server_mails_stay_in_the_queue_and_lose_no_attempt(db, settings):
    settings.EMAIL_BACKEND = "stellwerk.core.mail_backend.HoldBackend"
    queue_mail("rita@example.com", subject="x", text="x")
    run_pending()
    mail = Mail.objects.get()
    assert (mail.state, mail.attempts) == ("queued", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "Hello\nBcc: all@example.com"},
        {"subject": "Hello\r\nX: y"},
        {"to": "rita@example.com\nBcc: all@example.com"},
        {"to": "rita@example.com, all@example.com"},
        {"to": "nobody"},
        {"headers": {"X-A": "b\r\nBcc: all@example.com"}},
        {"headers": {"Bcc": "all@example.com"}},
        {"headers": {"X-A\r\nBcc": "all@example.com"}},
    ],
)
def test_whoever_tries_to_smuggle_in_headers_is_refused(db, wrong):
    with pytest.raises(Invalid):
        queue_mail(**{"to": "rita@example.com", "subject": "Hello", "text": "x", **wrong})
    assert not Mail.objects.exists()


# ── notifications ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def german_paul(cast):
    User.objects.filter(pk=cast.paul.pk).update(language="de")
    cast.paul.refresh_from_db()
    return cast


def test_each_reads_the_news_in_the_own_language(german_paul, mailoutbox):
    cast = german_paul
    notify(
        [cast.paul, cast.petra],
        kind="tests",
        title=lambda: f"in {get_language()}",
        text=_("Notifications"),
        obj=cast.project,
    )
    run_pending()
    assert {mail.to[0]: mail.subject for mail in mailoutbox} == {
        "paul@example.com": "in de",
        "petra@example.com": "in en",
    }
    assert "Hello Petra Brandt" in next(mail.body for mail in mailoutbox if mail.to == ["petra@example.com"])
    assert Notification.objects.filter(entity_type="portfolio.project", entity_id=cast.project.pk).count() == 2


def test_a_line_feed_in_a_title_reaches_no_subject(cast, mailoutbox):
    notify([cast.paul], kind="tests", title="Hello\r\nBcc: all@example.com")
    run_pending()
    assert mailoutbox[0].subject == "Hello Bcc: all@example.com"
    assert mailoutbox[0].bcc == []


def test_who_may_not_see_the_entity_is_not_told_about_it(cast):
    notify([cast.paul, cast.uwe, cast.olga], kind="tests", title="Secret", obj=cast.project)
    assert [row.user for row in Notification.objects.all()] == [cast.paul]


def test_the_same_matter_is_told_once_while_it_is_unread(cast, mailoutbox):
    for _number in range(3):
        notify([cast.paul], kind="tests", title="Late", dedupe="late-7")
    run_pending()
    assert (Notification.objects.count(), len(mailoutbox)) == (1, 1)
    mark_read(cast.paul)
    notify([cast.paul], kind="tests", title="Late", dedupe="late-7")
    assert Notification.objects.count() == 2


def test_closed_and_erased_accounts_are_told_nothing(cast):
    User.objects.filter(pk=cast.paul.pk).update(is_active=False)
    cast.paul.refresh_from_db()
    assert notify([cast.paul], kind="tests", title="x") == []


def test_the_digest_is_one_mail_a_day_and_each_news_is_in_one_of_them(cast, mailoutbox):
    User.objects.filter(pk=cast.paul.pk).update(digest="daily")
    User.objects.filter(pk=cast.rita.pk).update(digest="none")
    people = list(User.objects.filter(pk__in=[cast.paul.pk, cast.rita.pk]))
    for number in range(3):
        notify(people, kind="tests", title=f"News {number}", url="/jobs/")
    run_pending()
    assert mailoutbox == []
    enqueue("core.send_digests")
    run_pending()
    assert [mail.to for mail in mailoutbox] == [["paul@example.com"]]
    assert all(f"News {number}" in mailoutbox[0].body for number in range(3))
    assert f"{django_settings.BASE_URL}/jobs/" in mailoutbox[0].body
    enqueue("core.send_digests")
    run_pending()
    assert len(mailoutbox) == 1


def test_script_in_a_title_is_escaped_in_the_html_part(cast, mailoutbox):
    notify([cast.paul], kind="tests", title="<script>alert(1)</script>", text="<img src=x>")
    run_pending()
    html = mailoutbox[0].alternatives[0][0]
    assert "<script>" not in html
    assert "<img" not in html
    assert "<script>alert(1)</script>" in mailoutbox[0].body, "plain text stays as it was written"


def test_the_bell_shows_own_news_and_forgets_them_when_read(cast):
    notify([cast.paul], kind="tests", title="For Paul", url="/jobs/")
    notify([cast.petra], kind="tests", title="For Petra")
    client = cast.client("paul")
    page = client.get("/notifications/").text
    assert "For Paul" in page
    assert "For Petra" not in page
    assert client.get("/notifications/dropdown?format=json").json()["unread"] == 1
    assert "For Paul" in client.get("/notifications/dropdown").text
    mine, hers = Notification.objects.get(user=cast.paul), Notification.objects.get(user=cast.petra)
    assert client.post(f"/notifications/{hers.pk}/open").status_code == 404
    assert client.get(f"/notifications/{mine.pk}/open").status_code == 405
    assert client.post(f"/notifications/{mine.pk}/open").headers["Location"] == "/jobs/"
    hers.refresh_from_db()
    mine.refresh_from_db()
    assert (mine.read_at is not None, hers.read_at) == (True, None)
    notify([cast.paul], kind="tests", title="More")
    client.post("/notifications/read-all")
    assert client.get("/notifications/dropdown?format=json").json()["unread"] == 0


def test_a_notification_never_leads_to_another_site(cast):
    row = Notification.objects.create(user=cast.paul, kind="x", title="x", url="https://evil.example/", entity_id=0)
    assert cast.client("paul").post(f"/notifications/{row.pk}/open").headers["Location"] == "/notifications/"


def test_sent_mails_are_forgotten_after_ninety_days(db):
    old = Mail.objects.create(
        to="a@example.com", subject="x", text="x", state="sent", sent_at=timezone.now() - dt.timedelta(days=91)
    )
    Mail.objects.create(to="b@example.com", subject="x", text="x", state="sent", sent_at=timezone.now())
    enqueue("core.prune_mail")
    run_pending()
    assert not Mail.objects.filter(pk=old.pk).exists()
    assert Mail.objects.count() == 1


def test_a_mail_leads_to_the_page_on_which_its_reader_chooses_which_mails_come(cast, mailoutbox):
    notify([cast.paul], kind="tests", title="Late")
    run_pending()
    page = f"{django_settings.BASE_URL}/people/profile"
    assert page in mailoutbox[0].body
    assert f'href="{page}"' in mailoutbox[0].alternatives[0][0]

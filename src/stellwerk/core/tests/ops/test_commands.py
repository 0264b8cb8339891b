"""The command line: help, clear errors, exit statuses, the server with its worker."""

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request

import pytest

from stellwerk.core import commandline, doctor
from stellwerk.core.tests.installation import until


def test_the_help_speaks_the_language_of_the_terminal():
    assert commandline.language_of({"LANG": "de_AT.UTF-8"}) == "de"
    assert commandline.language_of({"LANG": "en_GB.UTF-8", "LC_ALL": "de_DE"}) == "de"
    assert commandline.language_of({"LANG": "fr_FR.UTF-8"}) == "en"
    assert commandline.language_of({"STELLWERK_LANGUAGE": "en"}) == "en"
    assert commandline.language_of({}) == "de"
    assert "serve" in commandline.help_text("en")


def test_help_needs_no_django(monkeypatch):
    import subprocess

    code = "import sys; from stellwerk.core.commandline import run; run([]); sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_two_words_name_one_command():
    known = {"import_portfolio": "", "create_admin": "", "migrate": ""}
    assert commandline.command_of(["import", "portfolio", "a.xlsx"], known) == (
        "import_portfolio",
        "import portfolio",
        ["a.xlsx"],
    )
    assert commandline.command_of(["create-admin", "a@b.de"], known) == ("create_admin", "create-admin", ["a@b.de"])
    assert commandline.command_of(["migrate"], known) == ("migrate", "migrate", [])


def test_an_unknown_command_names_the_nearest_one(capsys):
    assert commandline.run(["wurker"]) == 2
    assert "worker" in capsys.readouterr().err


@pytest.mark.slow
def test_errors_are_one_sentence_without_a_traceback(installation, tmp_path):
    expected = (
        (["restore", str(tmp_path / "nothing.zip")], "does not exist"),
        (["backup", str(tmp_path / "no-folder" / "a.zip")], "does not exist"),
        (["worker", "--queues", "fast"], "no queue"),
    )
    ended = installation.commands(*(arguments for arguments, _words in expected))
    for done, (_arguments, words) in zip(ended, expected, strict=True):
        assert done.returncode != 0
        assert words in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


@pytest.mark.slow
def test_a_wrong_setting_and_an_unreachable_database_are_named(installation):
    done = installation.command("doctor", env={"STELLWERK_MAIL_PORT": "often"})
    assert done.returncode == 2
    assert "STELLWERK_MAIL_PORT" in done.stderr
    done = installation.command("doctor", env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"})
    assert done.returncode == 1
    assert "cannot be reached" in done.stdout


@pytest.mark.slow
def test_the_worker_does_what_is_due_and_ends(installation):
    queue = "from stellwerk.core.jobs import enqueue\nenqueue('core.housekeeping')\n"
    (done,) = installation.commands(["worker", "--once"], before=queue)
    assert done.returncode == 0, done.stderr
    assert installation.rows("SELECT state FROM core_job WHERE name = 'core.housekeeping'") == [("done",)]


@pytest.mark.slow
def test_one_command_migrates_creates_the_administrator_serves_and_works(installation):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    extra = {"STELLWERK_ADMIN_EMAIL": "ada@firma.de", "STELLWERK_ADMIN_PASSWORD": "right-horse-battery"}
    server = installation.start(sys.executable, "-m", "stellwerk", "serve", "--port", str(port), "--worker", **extra)

    def answers():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=20).status == 200
        except (urllib.error.URLError, OSError):
            return False

    until(answers, seconds=90)
    assert installation.rows("SELECT email FROM core_user") == [("ada@firma.de",)]
    first = until(lambda: installation.rows("SELECT worker FROM core_workerbeat"), seconds=90)[0][0]
    os.kill(int(first.split(":")[1]), signal.SIGKILL)
    until(
        lambda: [row for row in installation.rows("SELECT worker FROM core_workerbeat") if row[0] != first], seconds=90
    )
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=40)
    numbers = [int(row[0].split(":")[1]) for row in installation.rows("SELECT worker FROM core_workerbeat")]
    time.sleep(0.5)
    for number in numbers:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────


def found(check):
    return [(finding.level, finding.what, finding.why) for finding in check()]


def test_a_readable_secret_key_is_a_problem(settings, tmp_path):
    settings.HOME = tmp_path
    settings.SECRET_KEY = "k" * 50
    file = tmp_path / "secret-key"
    file.write_text("k" * 50)
    file.chmod(0o644)
    assert found(doctor.check_secret_key)[0][0] == doctor.PROBLEM
    file.chmod(0o600)
    assert found(doctor.check_secret_key)[0][0] == doctor.OK


def test_a_data_folder_that_cannot_be_written_is_a_problem(settings, tmp_path):
    settings.HOME = tmp_path / "missing"
    assert found(doctor.check_data_folder)[0][0] == doctor.PROBLEM


def test_a_known_time_zone_is_fine(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    assert found(doctor.check_time_zone)[0][0] == doctor.OK


def test_a_mail_server_that_does_not_answer_is_a_problem(settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert found(doctor.check_mail_server)[0][0] == doctor.PROBLEM


def test_without_an_administrator_there_is_a_problem_and_before_the_first_user_a_hint(cast, settings):
    from stellwerk.core.models import Grant

    assert found(doctor.check_accounts)[0][0] == doctor.OK
    Grant.objects.filter(role="administrator").delete()
    assert found(doctor.check_accounts)[0][0] == doctor.PROBLEM


def test_demo_mode_under_a_public_name_is_a_problem(settings):
    settings.DEMO, settings.BASE_URL, settings.ALLOWED_HOSTS = True, "https://pmo.firma.de", ["pmo.firma.de"]
    assert found(doctor.check_address)[0][0] == doctor.PROBLEM
    settings.DEMO = False
    assert found(doctor.check_address)[0][0] == doctor.OK


def test_every_finding_that_is_not_ok_says_why_and_what_to_do(cast):
    for finding in doctor.examine():
        assert finding.level == doctor.OK or (finding.why and finding.todo), finding.what


def test_an_empty_setting_is_an_unset_one(monkeypatch):
    """compose.yaml and systemd hand on variables that nobody filled in."""
    from stellwerk.config.environment import Environment

    for name in ("STELLWERK_DEMO", "STELLWERK_HOSTS", "STELLWERK_MAIL_PORT"):
        monkeypatch.setenv(name, "")
    assert Environment().demo is False
    assert Environment().hosts

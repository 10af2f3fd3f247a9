"""What people see where a page cannot be shown."""

from django.test import Client


def test_a_page_that_is_not_there(rows, as_viewer):
    answer = as_viewer.get("/media/999999999")

    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_an_error_in_a_page_says_where_more_is_said(rows, admin, monkeypatch):
    def fail(*_args):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("scanner.pages.library.library_page", fail)
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    answer = client.get("/library", headers={"Accept-Language": "de"})

    assert answer.status_code == 500
    assert "Hier ist etwas schiefgegangen" in answer.content.decode()
    assert "a secret detail" not in answer.content.decode()
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_a_form_that_is_too_old_says_what_to_do(rows, admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    answer = client.post("/theme", {"theme": "dark"})

    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()

"""Users: the role decides, and admins cannot shut themselves out."""

from __future__ import annotations

import pytest

from accounts.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", password="a long enough password")


@pytest.fixture
def browser(client, root):
    client.force_login(root)
    return client


def change_page(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/change/"


def form_of(user: User, **change: object) -> dict[str, object]:
    data = {
        "username": user.username,
        "role": user.role,
        "is_active": "on" if user.is_active else None,
        **change,
    }
    return {name: value for name, value in data.items() if value is not None}


def test_a_superuser_of_the_command_line_is_an_admin(root):
    assert root.is_admin
    assert (root.is_staff, root.is_superuser) == (True, True)


def test_djangos_flags_follow_the_role(root):
    root.role = Role.VIEWER
    root.save()
    root.refresh_from_db()
    assert (root.is_admin, root.is_staff, root.is_superuser) == (False, False, False)


def test_a_new_user_is_a_viewer_who_may_not_come_in_here(client):
    viewer = User.objects.create_user("guest", password="a long enough password")
    assert viewer.role == Role.VIEWER
    client.force_login(viewer)
    assert client.get("/admin/accounts/user/").status_code == 302


def test_users_are_listed_with_their_roles(browser):
    User.objects.create_user("guest")
    page = browser.get("/admin/accounts/user/?q=guest").content.decode()
    assert "guest" in page
    assert "Viewer" in page


def test_a_user_is_added_with_a_role(browser):
    data = {
        "username": "second",
        "usable_password": "true",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "role": Role.ADMIN,
    }
    assert browser.post("/admin/accounts/user/add/", data).status_code == 302
    second = User.objects.get(username="second")
    assert (second.is_admin, second.is_superuser) == (True, True)
    assert second.check_password("correct horse battery")


def test_another_admin_can_be_made_a_viewer_or_switched_off(browser):
    other = User.objects.create_user("other", role=Role.ADMIN)
    assert (
        browser.post(change_page(other), form_of(other, role=Role.VIEWER, is_active=None)).status_code == 302
    )
    other.refresh_from_db()
    assert (other.role, other.is_active, other.is_superuser) == (Role.VIEWER, False, False)


@pytest.mark.parametrize("change", [{"role": Role.VIEWER}, {"is_active": None}])
def test_admins_cannot_shut_themselves_out(browser, root, change):
    page = browser.post(change_page(root), form_of(root, **change))
    assert "You cannot take away your own rights" in page.content.decode()
    root.refresh_from_db()
    assert (root.role, root.is_active) == (Role.ADMIN, True)


def test_admins_can_change_what_else_is_theirs(browser, root):
    assert browser.post(change_page(root), form_of(root, email="root@example.lan")).status_code == 302
    root.refresh_from_db()
    assert root.email == "root@example.lan"


def test_users_can_be_deleted_but_not_oneself(browser, root):
    other = User.objects.create_user("other")
    assert browser.post(f"/admin/accounts/user/{root.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [root.pk, other.pk], "post": "yes"}
    browser.post("/admin/accounts/user/", chosen)
    assert set(User.objects.all()) == {root, other}
    assert browser.post(f"/admin/accounts/user/{other.pk}/delete/", {"post": "yes"}).status_code == 302
    assert set(User.objects.all()) == {root}


def test_groups_are_not_offered(browser):
    assert "auth/group" not in browser.get("/admin/").content.decode()

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


def test_groups_are_not_offered(browser):
    assert "auth/group" not in browser.get("/admin/").content.decode()

"""A feature that lies in a temporary folder, and that no file of ours names, is found everywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

TOY = {
    "__init__.py": '"""A feature."""',
    "apps.py": """
        from core.features import Feature

        class ToyConfig(Feature):
            name = "toy"
            slug = "toy"
            title = "Toys"
            summary = "Counts toys."
        """,
    "options.py": """
        from core.features import Options
        from core.flags import Flag

        BRINGS = Options(flags=(Flag("toy.loud", False, "Counts aloud."),))
        """,
    "jobs.py": """
        from jobs.contract import Default, Jobs, Periodic, Startable
        from jobs.handlers import JobHandler, Outcome, Plan
        from jobs.services import start

        class Count(JobHandler):
            name = "count_toys"

            def plan(self, run):
                return Plan(summary={"toys": 3})

            def work(self, run):
                return Outcome()

        def count(*, params, trigger, user):
            return start("count_toys", params=params, trigger=trigger, user=user)

        BRINGS = Jobs(
            handlers=(Count(),),
            startable=(Startable("count_toys", count),),
            schedules=(Default("count_toys", cron="5 5 * * *"),),
            periodic=(Periodic("peek", 60.0, lambda: None),),
        )
        """,
    "health.py": """
        from core.features import Health
        from core.issues import Action, Issue

        def missing_toys():
            look = Action("Look", "toys")
            told = {"what": "A toy is missing.", "meaning": "Somebody cries.", "remedy": "Find it."}
            yield Issue(source="Toys", action=look, **told)

        BRINGS = Health(stored=(missing_toys,))
        """,
    "metrics.py": """
        from core.features import Metrics
        from core.metrics import gauge

        def toys():
            found = gauge("toys", "Toys on the shelf.", [])
            found.add_metric([], 3)
            yield found

        BRINGS = Metrics((toys,))
        """,
    "words.py": """
        from core.features import Words

        BRINGS = Words(jobs={"count_toys": "count the toys"}, events={"toy_lost": "Toy lost"})
        """,
    "subjects.py": """
        from django.db.models import F
        from accounts.models import User
        from core.subjects import SubjectKind, Subjects

        def owners():
            return User.objects.annotate(subject_title=F("username"))

        BRINGS = Subjects({"toy": SubjectKind(owners, lambda pk: f"/toys?{pk}")})
        """,
    "news.py": """
        from notify.contract import News, Notice, Topic

        LOST = Topic("toy_lost", "A toy is lost", "toy/lost.txt", "warning")

        def lost(event):
            yield Notice("toy_lost", {"name": event.text})

        BRINGS = News(topics=(LOST,), events={"toy_lost": lost})
        """,
    "templates/toy/lost.txt": "A toy is lost\n{{ name }}",
    "cleaning.py": """
        from core.features import Cleaning

        BRINGS = Cleaning({"toys": lambda: 2})
        """,
    "connections.py": """
        from connections.fields import ChoiceField, SecretField, TextField
        from connections.kinds import Answer, ConnectionKind, Connections

        def answer(target):
            return Answer("Toy shop", f"{target.options['shelf']} {target.options.get('box', 'none')}")

        SHOP = ConnectionKind(
            "toy_shop", "Toy shop", "Where it is", answer, lambda _: None,
            secrets=(SecretField(name="password", title="Password"),),
            options=(
                ChoiceField(
                    name="shelf", title="Shelf", default="top", choices=(("top", "Top"), ("low", "Low"))
                ),
                TextField(name="box", title="Box", required=True, when=("shelf", ("low",))),
            ),
            may_connect=lambda _: None,
        )
        BRINGS = Connections(kinds=(SHOP,))
        """,
    "nav.py": """
        from web.contract import Card, InboxEntry, InboxKind, MenuEntry, Nav, Panel

        def bears(user, most):
            return [InboxEntry("Which bear?", template="toy/ask.html", context={"bears": 2})][:most]

        BRINGS = Nav(
            menu=(MenuEntry("toys", "Toys", "library", 50, ("toys",)),),
            cards=(Card("toy/card.html", 50, context=lambda request: {"toys": 3}),),
            inbox=(InboxKind("bears", "Bears in doubt", "library", 50, lambda user: 7, bears),),
            panels=(Panel("toy/panel.html", 50, lambda one: {"of": one.kind}),),
        )
        """,
    "pages.py": """
        from django.shortcuts import render
        from web.access import page

        @page
        def toys(request):
            return render(request, "toy/toys.html")
        """,
    "urls.py": """
        from django.urls import path
        from toy.pages import toys

        urlpatterns = [path("toys", toys, name="toys")]
        """,
    "api.py": """
        from django.urls import path
        from drf_spectacular.utils import extend_schema
        from rest_framework.response import Response
        from api.contract import Api
        from api.resource import Answering

        class Toys(Answering):
            @extend_schema(responses={200: dict})
            def get(self, request):
                return Response({"toys": 3})

        BRINGS = Api(paths=(path("toy/toys", Toys.as_view(), name="toy-toys"),))
        """,
    "templates/toy/toys.html": '{% extends "base.html" %}{% block content %}<p>three toys</p>{% endblock %}',
    "templates/toy/ask.html": "{{ entry.context.bears }} bears{% if may_act %}<b>This one</b>{% endif %}",
    "templates/toy/card.html": "<p>{{ card.toys }} toys on the shelf</p>",
    "templates/toy/panel.html": "<p>the panel of a {{ panel.of }}</p>",
}

SETTINGS = """
from taggarr.settings import *
INSTALLED_APPS = [*INSTALLED_APPS, "toy"]
"""

PROBE = """
import json, django
from html import unescape
django.setup()
from celery import current_app
from django.contrib.auth import get_user_model
from django.test import Client
from core import features, flags
from jobs import schedules
from history.services import record
from connections.models import Connection
from jobs.models import Job, Schedule
from notify.models import Channel, Message
from notify.services import tell_news
from jobs.services import run_inline, start
from jobs.handlers import SwitchedOffError
from scanner.models import Policy
from tests.connections.build import make_connection
from system.cleanup import CleanupHandler
from system.health import find_issues
from system.switches import switch
from tests.commands import run

user, _ = get_user_model().objects.get_or_create(username="toy-admin", defaults={"role": "admin"})
policy, _ = Policy.objects.get_or_create(name="Toy", defaults={"target_languages": ["eng"]})
make_connection(name="Toy", policy=policy)
client = Client(headers={"host": "localhost"}, REMOTE_ADDR="127.0.0.1")
client.force_login(user)
phone = {"kind": "webhook", "address": "http://toy.test", "topics": ["toy_lost"]}
Channel.objects.get_or_create(name="Toy", defaults=phone)
record("toy_lost", "The bear is gone.", subject_kind="toy", subject_id=user.pk)

def as_viewer(path="/inbox"):
    viewer, _ = get_user_model().objects.get_or_create(username="toy-viewer", defaults={"role": "viewer"})
    client = Client(headers={"host": "localhost"}, REMOTE_ADDR="127.0.0.1")
    client.force_login(viewer)
    return client.get(path).content.decode()

def see():
    flags.forget()
    home = client.get("/")
    told = {
        "menu": 'href="/toys"' in home.content.decode(),
        "card": "3 toys on the shelf" in home.content.decode(),
        "page": client.get("/toys").status_code,
        "route": client.get("/api/v1/toy/toys").status_code,
        "schema": "/toy/toys" in client.get("/api/v1/schema/?format=json").content.decode(),
        "health": any(issue.code == "missing_toys" for issue in find_issues(live=False)),
        "metric": "taggarr_toys 3.0" in client.get("/metrics").content.decode(),
        "word": str(features.words("jobs")["count_toys"]),
        "listed": "toy" in run("features").out,
        "topic": "A toy is lost" in client.get("/settings/notifications/add/webhook").content.decode(),
    }
    inbox = client.get("/inbox").content.decode()
    told["inbox"] = "Bears in doubt" in inbox and "2 bears<b>This one</b>" in inbox
    told["one kind"] = "Bears in doubt" in client.get("/inbox?kind=bears").content.decode()
    told["badge"] = ">7<" in client.get("/badges/inbox").content.decode() and ">7<" in inbox
    told["without rights"] = "2 bears" in as_viewer() and "<b>This one" not in as_viewer()
    told["badge without rights"] = ">7<" in as_viewer("/badges/inbox")
    history = client.get("/activity/history?kind=toy_lost").content.decode()
    told["event"] = "Toy lost" in history
    told["subject"] = f'href="/toys?{user.pk}"' in history
    tell_news()
    told["message"] = Message.objects.filter(topic="toy_lost").count()
    posted = client.post("/api/v1/jobs", {"name": "count_toys"}, content_type="application/json")
    told["posted"] = posted.status_code
    schedules.ensure()
    told["schedule"] = Schedule.objects.filter(job="count_toys").exists()
    try:
        job, _ = start("count_toys")
        told["job"] = run_inline(job).summary["toys"]
    except SwitchedOffError as error:
        told["job"] = str(error)
    return told

PAGE, API = "/settings/connections", "/api/v1/connections"
JSON = {"content_type": "application/json"}

def text_of(answer):
    return unescape(answer.content.decode())

def by_page():
    form = {"name": "Shop", "url": "http://shop.test", "enabled": "on", "password": "open-sesame"}
    form["shelf"] = "low"
    told = {"offered": "Toy shop" in text_of(client.get(f"{PAGE}/add"))}
    told["asked"] = "Box is missing: fill it in." in text_of(client.post(f"{PAGE}/add/toy_shop", form))
    client.post(f"{PAGE}/add/toy_shop", {**form, "box": "red"})
    shop = Connection.objects.get(name="Shop")
    told["kept"] = [shop.options, shop.reveal("password"), shop.version]
    client.post(f"{PAGE}/{shop.pk}", {**form, "password": "", "shelf": "top", "box": "ignored"})
    shop = Connection.objects.get(name="Shop")
    told["edited"] = [shop.options, shop.reveal("password"), shop.version]
    page = text_of(client.get(f"{PAGE}/{shop.pk}"))
    told["panel"] = "the panel of a toy_shop" in page and "open-sesame" not in page
    tested = client.post(f"{PAGE}/{shop.pk}/test", follow=True)
    told["tested"] = "Toy shop top none answers." in text_of(tested)
    client.post(f"{PAGE}/{shop.pk}/delete")
    told["deleted"] = not Connection.objects.filter(kind="toy_shop").exists()
    return told

def by_api():
    new = {"kind": "toy_shop", "name": "Shop", "url": "http://shop.test"}
    values = {"password": "open-sesame", "shelf": "low"}
    kinds = {one["kind"]: one for one in client.get(f"{API}/kinds").json()}
    told = {"offered": [one["name"] for one in kinds["toy_shop"]["values"]]}
    asked = client.post(API, {**new, "values": values}, **JSON).json()
    told["asked"] = asked["errors"][0]["field"]
    added = client.post(API, {**new, "values": {**values, "box": "red"}}, **JSON).json()
    told["kept"] = [added["values"], added["app_version"]]
    at = f"{API}/{added['id']}"
    told["edited"] = client.patch(at, {"values": {"shelf": "top"}}, **JSON).json()["values"]
    told["tested"] = client.post(f"{at}/test").json()["app_name"]
    told["deleted"] = client.delete(at).status_code
    return told

told = {"flag": flags.is_on("toy.loud"), "on": see(), "by_page": by_page(), "by_api": by_api()}
shop = {"kind": "toy_shop", "name": "Kept", "url": "http://a.test", "values": {"password": "x"}}
client.post(API, shop, **JSON)
kept = Connection.objects.get(name="Kept").pk
told["command"] = run("test_connection", "Kept").out
told["yaml"] = "toy_shop" in run("export_config").out
told["beat"] = "toy.peek" in current_app.conf.beat_schedule
switch("toy", False)
told["off"] = see()
told["off"]["connection"] = [client.get(f"{at}/{kept}").status_code for at in (PAGE, API)]
told["off"]["listed connection"] = "Kept" in text_of(client.get(PAGE))
told["offer"] = "Switch it on" in client.get("/toys").content.decode()
switch("toy", None)
told["again"] = see()["page"]
print(json.dumps(told))
"""


@pytest.fixture
def told(tmp_path: Path, process_environment: dict[str, str]) -> Any:
    for name, text in TOY.items():
        path = tmp_path / "toy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    (tmp_path / "toy_settings.py").write_text(SETTINGS, encoding="utf-8")
    environment = {
        **process_environment,
        "DJANGO_SETTINGS_MODULE": "toy_settings",
        "TAGGARR_METRICS_NETWORKS": "127.0.0.1",
        "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT))),
    }
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_a_feature_from_anywhere_is_found_everywhere_and_leaves_no_trace_when_it_is_off(told):
    assert told["flag"] is False
    assert told["beat"]
    assert told["on"] == {
        "menu": True,
        "card": True,
        "page": 200,
        "route": 200,
        "schema": True,
        "health": True,
        "metric": True,
        "word": "count the toys",
        "listed": True,
        "schedule": True,
        "job": 3,
        "topic": True,
        "inbox": True,
        "one kind": True,
        "badge": True,
        "without rights": True,
        "badge without rights": False,
        "event": True,
        "subject": True,
        "message": 1,
        "posted": 202,
    }
    assert told["by_page"] == {
        "offered": True,
        "asked": True,
        "kept": [{"shelf": "low", "box": "red"}, "open-sesame", "low red"],
        "edited": [{"shelf": "top"}, "open-sesame", "top none"],
        "panel": True,
        "tested": True,
        "deleted": True,
    }
    assert told["by_api"] == {
        "offered": ["password", "shelf", "box"],
        "asked": "values.box",
        "kept": [{"password": "****", "shelf": "low", "box": "red"}, "low red"],
        "edited": {"password": "****", "shelf": "top"},
        "tested": "Toy shop",
        "deleted": 204,
    }
    assert told["command"] == "Kept: Toy shop top none answers\n"
    assert told["yaml"]
    off = told["off"]
    assert off["connection"] == [404, 404]
    assert not off["listed connection"]
    assert not off["menu"]
    assert not off["card"]
    assert (off["page"], off["route"]) == (404, 404)
    assert not off["health"]
    assert not off["metric"]
    assert not off["topic"]
    assert (off["inbox"], off["one kind"], off["badge"]) == (False, False, False)
    assert (off["event"], off["subject"]) == (True, False), "history stays, the page of a toy does not"
    assert off["posted"] == 422
    assert off["job"] == "Toys is switched off: switch it on first."
    assert told["offer"]
    assert told["again"] == 200

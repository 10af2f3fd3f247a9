"""What waits for a person: changes that the brake holds, and tags that stood there before us."""

from __future__ import annotations

from pathlib import Path

import pytest

from connections.models import Connection
from core.errors import ConfigError
from demo.arr.state import ArrState
from demo.media_files import write
from history.models import Event
from jobs import services as jobs
from jobs.models import Job
from library.models import Media
from scanner.explain import explain
from scanner.labels.managed import labels_in_question
from scanner.models import ManagedLabel, Policy, ScanState
from scanner.policies import former_versions, go_back, preview_policy, save_policy
from scanner.scan import answers, brake

from .build import JPN_ENG, add_series, media_named, spec, tags_at

pytestmark = pytest.mark.django_db(transaction=True)


AFTER = {"Was dub": {"semi-dub", "4k"}, "Was half": {"dub"}, "Plain": {"dub"}, "Native": set()}


def run(job: Job | None) -> Job:
    assert job is not None
    jobs.run_inline(job)
    job.refresh_from_db()
    return job


@pytest.fixture
def held(sonarr, series_instance, shows, scan, monkeypatch) -> Connection:
    """An instance of which a scan would change two tags, which the brake holds."""
    monkeypatch.setattr(brake, "FLOOR", 1)
    scan(series_instance)
    for title in ("Dubbed", "Half"):
        for file in shows.files_of(shows.titled(title).id):
            size = write(Path(file.path), spec("jpn"))
            sonarr.change("replace_file", id=file.id, size=size + 1)
    job = scan(series_instance)
    assert job.outcome == "Held: 2 changes wait"
    return Connection.objects.select_related("scan_settings", "source").get()


def ids(*titles: str) -> list[int]:
    return [media_named(title).pk for title in titles]


def test_what_is_held_is_listed_with_before_and_after(held):
    rows = [(one.media.title, one.was, one.before, one.after) for one in answers.held_changes(held)]
    assert rows == [("Dubbed", "dub", ["dub"], []), ("Half", "semi-dub", ["semi-dub"], [])]


def test_some_are_released_and_the_others_wait_on(held, sonarr):
    run(answers.release(held, ids("Half")))
    assert (tags_at(sonarr)["Half"], tags_at(sonarr)["Dubbed"]) == (set(), {"4k", "dub"})
    assert [one.media.title for one in answers.held_changes(held)] == ["Dubbed"]
    assert Job.objects.filter(name="scan").latest("pk").outcome == "Held: 1 change waits"
    held.scan_settings.refresh_from_db()
    assert held.scan_settings.held_since is not None
    run(answers.release(held, ids("Dubbed")))
    assert tags_at(sonarr)["Dubbed"] == {"4k"}
    held.scan_settings.refresh_from_db()
    assert held.scan_settings.held_since is None
    assert Job.objects.filter(name="scan").latest("pk").outcome == ""


def test_what_is_declined_stays_as_it_was_through_later_scans_and_is_told(held, sonarr, scan):
    assert answers.decline(held, ids("Dubbed")) == ids("Dubbed")
    run(answers.release(held))
    assert (tags_at(sonarr)["Half"], tags_at(sonarr)["Dubbed"]) == (set(), {"4k", "dub"})
    assert not scan(held).summary["held"]
    assert tags_at(sonarr)["Dubbed"] == {"4k", "dub"}
    assert "somebody declined" in explain(media_named("Dubbed")).waiting
    assert Event.objects.filter(code="hand.declined").exists()


def test_a_declined_title_follows_again_where_its_verdict_asks_for_something_else(held, sonarr, shows, scan):
    answers.decline(held)
    held.scan_settings.refresh_from_db()
    assert held.scan_settings.held_since is None
    held.scan_settings.brake_verdicts_percent = 100
    held.scan_settings.save()
    for file in sonarr.state().files_of(shows.titled("Dubbed").id):
        size = write(Path(file.path), spec("ger"))
        sonarr.change("replace_file", id=file.id, size=size + 2)
    scan(held)
    assert tags_at(sonarr)["Dubbed"] == {"4k", "wrong-dub"}
    assert tags_at(sonarr)["Half"] == {"semi-dub"}


def test_an_answer_can_be_taken_back(held, sonarr):
    answers.decline(held)
    run(answers.reconsider(held))
    assert (tags_at(sonarr)["Half"], tags_at(sonarr)["Dubbed"]) == (set(), {"4k"})
    assert answers.reconsider(held) is None


def test_nothing_is_answered_where_nothing_waits(held, series_instance):
    with pytest.raises(ConfigError, match="None of these titles"):
        answers.release(held, ids("Native"))
    with pytest.raises(ConfigError, match="None of these titles"):
        answers.decline(held, [])
    answers.release(held)
    with pytest.raises(ConfigError, match="not held"):
        answers.decline(held)


def test_a_policy_is_held_by_the_same_brake_and_its_preview_says_so(
    sonarr, series_instance, shows, scan, monkeypatch
):
    monkeypatch.setattr(brake, "FLOOR", 1)
    scan(series_instance)
    before = tags_at(sonarr)
    policy = Policy.objects.get()
    policy.target_languages = ["deu"]
    preview = preview_policy(policy)
    assert (preview.brakes, preview.changed, preview.retagged) == (["Sonarr"], 2, 2)
    job = run(save_policy(policy))
    assert job.outcome == "Held: 2 changes wait"
    assert not Job.objects.filter(name="reconcile").exists()
    assert tags_at(sonarr) == before
    found = Connection.objects.get()
    assert found.scan_settings.held_reason.startswith("The policy “English” would change 2 of 4 verdicts")
    run(answers.release(found))
    job.refresh_from_db()
    assert job.outcome == ""
    assert tags_at(sonarr)["Dubbed"] == {"4k", "wrong-dub"}


def test_a_policy_goes_back_to_its_former_version(sonarr, series_instance, shows, scan):
    scan(series_instance)
    before = tags_at(sonarr)
    policy = Policy.objects.get()
    policy.target_languages = ["deu"]
    run(save_policy(policy))
    run(Job.objects.get(name="reconcile"))
    assert tags_at(sonarr) != before
    (former,) = former_versions(policy)
    assert preview_policy(former.applied()).changed == 2
    run(go_back(policy, former.pk))
    run(Job.objects.filter(name="reconcile").latest("pk"))
    assert tags_at(sonarr) == before
    assert Policy.objects.get().target_languages == ["eng"]
    assert len(former_versions(Policy.objects.get())) == 2


def test_twenty_versions_of_a_policy_are_kept_and_what_changes_nothing_makes_none(db):
    policy = Policy(name="p", target_languages=["eng"])
    for number in range(25):
        policy.exclude_tags = [str(number)]
        save_policy(policy)
        save_policy(policy)
    assert policy.versions.count() == 20
    assert former_versions(policy)[0].values["exclude_tags"] == ["23"]


def test_a_preview_counts_what_its_rules_exclude_and_what_a_dry_run_kept_back(
    sonarr, series_instance, shows, scan
):
    Policy.objects.update(dry_run=True)
    scan(series_instance)
    policy = Policy.objects.get()
    assert not preview_policy(policy)
    policy.dry_run = False
    assert preview_policy(policy).retagged == 3
    policy.exclude_tags = ["kids"]
    assert preview_policy(policy).left_out == 1


@pytest.fixture
def tagged(sonarr, series_instance, root, scan) -> Connection:
    """An instance whose titles carried tags of ours before we came."""
    state = ArrState("sonarr")
    add_series(state, root, "Was dub", {1: [spec("jpn"), spec(*JPN_ENG)]}, tags=["dub", "4k"])
    add_series(state, root, "Was half", {1: [spec(*JPN_ENG)]}, tags=["semi-dub"])
    add_series(state, root, "Plain", {1: [spec(*JPN_ENG)]})
    add_series(state, root, "Native", {1: [spec("jpn")]}, tags=["dub"])
    sonarr.load(state)
    scan(series_instance)
    return Connection.objects.select_related("scan_settings", "source").get()


def test_found_tags_are_one_plan_of_titles_and_all_follow_at_once(tagged, sonarr):
    before = tags_at(sonarr)
    plan = answers.plan_adoption(tagged)
    assert [(one.label, one.carried, one.kept, one.removed, one.added) for one in plan.labels] == [
        ("dub", 2, 0, 2, 2),
        ("semi-dub", 1, 0, 1, 1),
    ]
    assert {one.media.title: (one.before, one.after) for one in plan.titles} == {
        "Was dub": (["dub"], ["semi-dub"]),
        "Was half": (["semi-dub"], ["dub"]),
        "Plain": ([], ["dub"]),
        "Native": (["dub"], []),
    }
    assert tags_at(sonarr) == before
    run(answers.adopt(tagged))
    assert tags_at(sonarr) == {
        "Was dub": {"semi-dub", "4k"},
        "Was half": {"dub"},
        "Plain": {"dub"},
        "Native": set(),
    }


def test_adopting_some_never_leaves_two_tags_of_verdicts_on_a_title(tagged, sonarr):
    plan = answers.plan_adoption(tagged, ["dub"])
    assert (plan.blocked, {one.media.title for one in plan.titles}) == (2, {"Plain", "Native"})
    run(answers.adopt(tagged, ["dub"]))
    assert tags_at(sonarr) == {
        "Was dub": {"dub", "4k"},
        "Was half": {"semi-dub"},
        "Plain": {"dub"},
        "Native": set(),
    }
    run(answers.adopt(tagged, ["semi-dub"]))
    assert tags_at(sonarr) == {
        "Was dub": {"semi-dub", "4k"},
        "Was half": {"dub"},
        "Plain": {"dub"},
        "Native": set(),
    }


def test_one_tag_that_does_not_wait_keeps_the_others_from_being_adopted(tagged):
    with pytest.raises(ConfigError, match="No tag “4k”"):
        answers.adopt(tagged, ["dub", "4k"])
    assert ManagedLabel.objects.filter(found=True).count() == 2


def test_tags_that_are_left_alone_are_asked_of_no_more_and_can_be_adopted_later(tagged, sonarr):
    before = tags_at(sonarr)
    answers.leave(tagged)
    assert not labels_in_question().exists()
    with pytest.raises(ConfigError, match="No tag of Sonarr"):
        answers.leave(tagged)
    assert tags_at(sonarr) == before
    answers.ask_again(tagged, ["dub"])
    assert [row.label for row in labels_in_question()] == ["dub"]
    run(answers.adopt(tagged, ["dub", "semi-dub"]))
    assert tags_at(sonarr)["Was half"] == {"dub"}


def test_titles_without_a_verdict_are_counted_and_keep_their_tags(tagged):
    ScanState.objects.filter(media__title="Was dub").update(verdict="unknown")
    plan = answers.plan_adoption(tagged)
    assert plan.unread == 1
    assert "Was dub" not in {one.media.title for one in plan.titles}
    assert Media.objects.count() == 4


@pytest.fixture
def fewer(sonarr, series_instance, shows, scan) -> Connection:
    """An instance whose app no longer lists two of five series, which nobody has answered yet."""
    scan(series_instance)
    for title in ("Native", "Half"):
        sonarr.change("remove_media", id=shows.titled(title).id)
    assert scan(series_instance).summary["held"]
    return Connection.objects.select_related("scan_settings", "source").get()


def test_a_title_that_is_no_longer_listed_is_forgotten_alone_and_the_others_wait(fewer, scan):
    native, half = ids("Native", "Half")
    run(answers.release(fewer, [native]))
    assert not Media.objects.filter(pk=native).exists()
    assert Event.objects.filter(code="title.removed", title="Native").exists()
    assert Event.objects.get(code="hand.released-some").params["number"] == 1
    assert [one.media.pk for one in answers.held_orphans(fewer)] == [half]

    # One of four may go unasked; this one was asked about.
    assert scan(fewer).summary["held"]
    assert Media.objects.filter(pk=half).exists()
    fewer.scan_settings.refresh_from_db()
    assert fewer.scan_settings.held_since is not None

    run(answers.release(Connection.objects.get(), [half]))
    fewer.scan_settings.refresh_from_db()
    assert fewer.scan_settings.held_since is None
    assert not scan(fewer).summary["held"]
    assert {media.title for media in Media.objects.all()} == {"Dubbed", "Wrong", "Empty"}

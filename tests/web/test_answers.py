"""What waits for a person, on its pages: held changes, tags that stood there before, policies."""

from __future__ import annotations

import re

import pytest

from tests.policy_form import POLICY_FORM


@pytest.fixture
def held(rows, now):
    """An instance that holds the tags of three titles."""
    from scanner.models import ScanSettings, ScanState

    ScanSettings.objects.filter(pk=rows.sonarr.pk).update(
        held_since=now, held_reason="Too much would change."
    )
    ScanState.objects.filter(media__connection=rows.sonarr).update(dirty=True)
    for media in rows.series:
        media.tags = []
        media.save()
    return rows.sonarr


def dirty(connection):
    from scanner.models import ScanState

    states = ScanState.objects.filter(media__connection=connection, dirty=True, declined=None)
    return {state.verdict for state in states} & {"dub", "semi-dub", "wrong-dub"}


def test_held_changes_lie_in_the_inbox_with_before_and_after(held, rows, as_admin, as_viewer):
    text = as_admin.get("/inbox").content.decode()
    assert "Too much would change." in text
    assert "Release all 3" in text
    assert '<span class="tag">wrong-dub</span>' in text
    assert f'href="/media/{rows.series[0].pk}"' in text
    seen = as_viewer.get("/inbox").content.decode()
    assert "Too much would change." in seen
    assert "Release all" not in seen


def test_titles_are_declined_one_by_one_and_taken_back(held, rows, as_admin):
    where = f"/settings/connections/{held.pk}"
    answer = as_admin.post(f"{where}/decline", {"media": rows.series[0].pk, "back": "held"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{where}/held"
    assert "1 title stays as it is" in answer.content.decode()
    assert dirty(held) == {"semi-dub", "wrong-dub"}
    assert "1 title stays as it is" in as_admin.get(where).content.decode()

    as_admin.post(f"{where}/reconsider?media={rows.series[0].pk}")
    rows.series[0].scan_state.refresh_from_db()
    assert rows.series[0].scan_state.declined is None


def test_all_are_declined_and_the_brake_is_off(held, as_admin):
    as_admin.post(f"/settings/connections/{held.pk}/decline", {"all": "1"})
    held.scan_settings.refresh_from_db()
    assert (held.scan_settings.held_since, dirty(held)) == (None, set())
    assert "Too much would change." not in as_admin.get("/inbox").content.decode()


def test_some_are_released_by_a_job_of_their_own(held, rows, as_admin):
    from jobs.models import Job

    chosen = [media.pk for media in rows.series[:2]]
    as_admin.post(f"/settings/connections/{held.pk}/release", {"media": chosen})
    assert Job.objects.get(name="reconcile").params == {"media_ids": chosen, "released": True}
    held.scan_settings.refresh_from_db()
    assert held.scan_settings.held_since is not None
    nothing = as_admin.post(f"/settings/connections/{held.pk}/release", follow=True)
    assert "None of these titles" in nothing.content.decode()


def test_titles_that_the_app_lists_no_more_are_named_with_the_tags_they_carry(
    held, rows, as_admin, as_viewer
):
    from library.models import Source
    from scanner.models import ManagedLabel

    ManagedLabel.objects.create(connection=held, label="dub")
    gone = rows.series[0]
    gone.tags = ["dub", "4k"]
    gone.save()
    Source.objects.filter(pk=held.pk).update(orphans_held=[gone.arr_id])
    for client, path in ((as_admin, "/inbox"), (as_viewer, f"/settings/connections/{held.pk}/held")):
        text = client.get(path).content.decode()
        assert "Sonarr no longer lists 1 title." in text
        listed = text.partition("No longer listed")[2]
        assert f'href="/media/{gone.pk}"' in listed
        assert '<span class="tag">dub</span>' in listed
        assert '<span class="tag">4k</span>' not in listed
        assert "Taggarr forgets the title" in listed
        assert (f'name="media" value="{gone.pk}"' in listed) == (client is as_admin)
    as_admin.post(f"/settings/connections/{held.pk}/release", {"media": gone.pk})
    assert not type(gone).objects.filter(pk=gone.pk).exists()


def test_tags_that_stood_there_are_one_plan_in_the_inbox(rows, as_admin):
    from scanner.models import ManagedLabel

    for label in ("dub", "semi-dub"):
        ManagedLabel.objects.create(connection=rows.sonarr, label=label, found=True)
    text = as_admin.get("/inbox").content.decode()
    assert "the tags dub, semi-dub stood there before" in text
    where = f"/settings/connections/{rows.sonarr.pk}"
    plan = as_admin.post(f"{where}/adopt", {"label": "dub", "preview": "1"}, follow=True)
    assert plan.redirect_chain == [(f"{where}/tags?label=dub", 302)]
    assert ManagedLabel.objects.filter(found=True).count() == 2

    none = as_admin.post(f"{where}/leave", follow=True)
    assert "Choose at least one tag." in none.content.decode()
    as_admin.post(f"{where}/leave", {"label": ["dub", "semi-dub"]})
    assert "semi-dub stood there before" not in as_admin.get("/inbox").content.decode()
    as_admin.post(f"{where}/ask-again?label=dub")
    assert "the tag dub stood there before" in as_admin.get("/inbox").content.decode()
    as_admin.post(f"{where}/adopt", {"label": ["dub", "semi-dub"]})
    assert not ManagedLabel.objects.filter(found=True).exists()


def test_a_policy_that_changes_titles_is_saved_once_its_preview_was_seen(rows, as_admin):
    from scanner.models import ScanState
    from scanner.policies import save_policy

    save_policy(rows.policy)
    ScanState.objects.filter(media=rows.series[0]).update(verdict="dub")
    where = f"/settings/policies/{rows.policy.pk}"
    form = {**POLICY_FORM, "target_languages": "Japanese", "name": rows.policy.name}
    seen = as_admin.post(where, form)
    assert "Nothing is saved yet." in seen.content.decode()
    rows.policy.refresh_from_db()
    assert rows.policy.target_languages == ["eng"]

    confirmed = seen.context["confirmed"]
    other = as_admin.post(where, {**form, "target_languages": "German", "confirmed": confirmed})
    assert "Nothing is saved yet." in other.content.decode()
    as_admin.post(where, {**form, "confirmed": confirmed})
    rows.policy.refresh_from_db()
    assert rows.policy.target_languages == ["jpn"]

    (version,) = as_admin.get(where).context["versions"]
    assert version[1] == ["Languages you want to hear"]
    back = as_admin.get(f"{where}?version={version[0].pk}")
    assert "Go back to it" in back.content.decode()
    as_admin.post(where, {**form, "target_languages": "English", "confirmed": back.context["confirmed"]})
    rows.policy.refresh_from_db()
    assert rows.policy.target_languages == ["eng"]


def test_a_policy_that_changes_no_title_is_saved_at_once(rows, as_admin):
    from scanner.models import Policy

    other = Policy.objects.create(name="Other", target_languages=["fra"])
    form = {**POLICY_FORM, "name": "Other", "target_languages": "deu"}
    as_admin.post(f"/settings/policies/{other.pk}", form)
    other.refresh_from_db()
    assert other.target_languages == ["deu"]


def test_a_job_that_was_braked_says_so_in_place_of_completed(rows, as_admin):
    from core.words import Phrase

    rows.job.state, rows.job.summary = "completed", {"outcome": Phrase("brake.waiting", number=3).stored()}
    rows.job.save()
    for where in (f"/activity/jobs/{rows.job.pk}", "/activity"):
        assert "Held: 3 changes wait" in as_admin.get(where).content.decode()


def test_a_part_of_a_policy_is_folded_until_it_is_wrong_and_says_how_much_of_it_is_changed(rows, as_admin):
    def parts(answer):
        """The parts of the form, and which of them are open."""
        part = r'<legend>(.*?)</legend>|<details class="part"( open)?><summary><strong>(.*?)</strong>'
        found = re.findall(part, answer.content.decode())
        return [main or more for main, _, more in found], [
            main or more for main, is_open, more in found if main or is_open
        ]

    where = f"/settings/policies/{rows.policy.pk}"
    every, opened = parts(as_admin.get(where))
    assert (len(every), opened) == (8, ["Languages", "Labels"])

    rows.policy.genres, rows.policy.quick = ["Drama"], True
    rows.policy.save()
    answer = as_admin.get(where)
    assert parts(answer)[1] == ["Languages", "Labels"]
    assert answer.content.decode().count("1 changed") == 2

    wrong = {**POLICY_FORM, "name": rows.policy.name, "genres": "", "language_label_pattern": "Audio"}
    assert parts(as_admin.post(where, wrong))[1] == ["Languages", "Labels", "A tag for each language"]
    assert parts(as_admin.get("/settings/policies/add"))[1] == ["Languages", "Labels"]


def test_a_policy_says_in_a_sentence_what_it_does(rows, as_admin):
    where = f"/settings/policies/{rows.policy.pk}"
    told = (
        "get the tag “dub”, those dubbed in part “semi-dub”, and those dubbed into something else “wrong-dub”"
    )
    assert f"Titles dubbed into English {told}." in as_admin.get(where).content.decode()

    rows.policy.dry_run = True
    rows.policy.save()
    assert "this is a dry run, which writes nothing" in as_admin.get(where).content.decode()

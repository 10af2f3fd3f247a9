"""Reading the original's settings: every key, every source, and all that is wrong with them at once."""

from __future__ import annotations

import pytest

from original.document import path_mappings, sections_of
from original.files import WRONG_NOTE, read_settings_text
from original.settings import Original

from .build import settings

KEYS = {"SONARR_API_KEY": "the-key-of-sonarr"}
ENVIRONMENT = """
# the settings of the old container
export SONARR_URL=http://sonarr.lan:8989
SONARR_API_KEY='the-key-of-sonarr'   # secret
ROOT_TV_PATH="/tv, /tv2"
RADARR_URL=http://radarr.lan:7878
RADARR_API_KEY=the-key-of-radarr
ROOT_MOVIE_PATH=/movies
TARGET_LANGUAGES=english, french
TARGET_GENRE=Anime
TARGET_GENRE_MOVIES=
TAG_DUB=Dubbed
TAG_WRONG_DUB=wrong
QUICK_MODE=false
DRY_RUN=true
WRITE_MODE=2
RUN_INTERVAL_SECONDS=3600
START_RUNNING=false
ADD_TAG_TO_GENRE=TRUE
LOG_LEVEL=DEBUG
LOG_PATH=/logs
PUID=1000
"""
COMPOSE = """
services:
  sonarr:
    image: lscr.io/linuxserver/sonarr
    environment: [PUID=1000]
  taggarr:
    image: docker.io/basshous3/taggarr:latest
    environment:
      - SONARR_API_KEY=the-key-of-sonarr #REQUIRED
      - SONARR_URL=${SONARR}
      - TARGET_LANGUAGES=english, french
"""


def read(text: str, **environ: str) -> Original:
    found = read_settings_text(text, KEYS | environ)
    assert found.problems == []
    return found


def problems(text: str, **environ: str) -> list[str]:
    return [str(problem) for problem in sorted(read_settings_text(text, KEYS | environ).problems)]


def test_a_yaml_file_gives_every_instance_its_own_wishes_over_the_defaults():
    sonarr, anime = read(settings()).instances
    assert (sonarr.kind, sonarr.url, sonarr.api_key) == (
        "sonarr",
        "http://sonarr.lan:8989",
        "the-key-of-sonarr",
    )
    assert sonarr.roots == ("/tv",)
    assert sonarr.languages == ("english", "pt-BR")
    assert sonarr.labels == ("dub", "half-dub", "wrong-dub")
    assert (anime.languages, anime.genre, anime.quick) == (("ja", "en"), "Anime", True)
    assert anime.labels == sonarr.labels


def test_keys_that_nobody_knows_are_listed_with_their_line():
    text = settings() + "    tags: {dub: x, colour: y}\nwebhooks: {}\n"
    assert read(text).unknown == [
        (23, "webhooks"),
        (21, "instances.anime.colour"),
        (22, "instances.anime.tags.colour"),
    ]


def test_variables_give_an_instance_for_each_app():
    found = read(ENVIRONMENT)
    sonarr, radarr = found.instances
    assert (sonarr.name, sonarr.roots, sonarr.genre) == ("Sonarr", ("/tv", "/tv2"), "Anime")
    assert (radarr.name, radarr.kind, radarr.roots, radarr.genre) == ("Radarr", "radarr", ("/movies",), "")
    assert radarr.labels == ("dubbed", "semi-dub", "wrong")
    assert (radarr.dry_run, radarr.quick, radarr.dub_genre) == (True, False, True)
    assert (found.interval, found.enabled) == (3600, False)
    assert found.unknown == [(22, "PUID")]
    assert found.notes[0] == WRONG_NOTE
    assert any("mode remove" in note for note in found.notes)
    assert sum("is not taken over" in note for note in found.notes) == 2


def test_the_tag_that_the_original_read_wins_over_the_one_it_documented():
    found = read("SONARR_URL=http://s\nSONARR_API_KEY=k\nTAG_WRONG=a\nTAG_WRONG_DUB=b")
    assert found.instances[0].labels[2] == "a"
    assert WRONG_NOTE not in found.notes


def test_without_a_root_folder_those_of_the_image_are_taken():
    (sonarr,) = read("SONARR_URL=http://s\nSONARR_API_KEY=k").instances
    assert (sonarr.roots[0], sonarr.roots[1], sonarr.roots[-1]) == ("/tv", "/tv2", "/tv9")


@pytest.mark.parametrize("as_mapping", [False, True])
def test_a_compose_file_is_read_like_its_variables(as_mapping):
    text = COMPOSE
    if as_mapping:
        text = text.replace("- SONARR_API_KEY=", "SONARR_API_KEY: ").replace("- SONARR_URL=", "SONARR_URL: ")
        text = text.replace("- TARGET_LANGUAGES=english, french", "TARGET_LANGUAGES: english, french")
    (sonarr,) = read(text, SONARR="http://sonarr.lan:8989").instances
    assert sonarr.url == "http://sonarr.lan:8989"
    assert str(sonarr.api_key).startswith("the-key-of-sonarr")
    assert sonarr.languages == ("english", "french")


def test_everything_that_is_wrong_is_told_at_once_with_its_line():
    wrong = """\
defaults:
  run_interval_seconds: often
  tags: {dub: "no good!"}
  target_languages: ["${NOBODY}"]
instances:
  sonarr:
    type: plex
    url: http://x
    quick_mode: perhaps
  broken: 3
"""
    assert problems(wrong) == [
        "line 2: run_interval_seconds is a whole number, not often.",
        "line 3: “no good!” is no tag that Sonarr and Radarr take: use a-z, 0-9 and -.",
        "line 4: The variable NOBODY is not set: set it, or write the value here.",
        "line 7: The type of sonarr is sonarr or radarr, not plex.",
        "line 7: api_key is missing in the instance sonarr.",
        "line 7: root_path is missing in the instance sonarr.",
        "line 9: quick_mode is true or false, not perhaps.",
        "line 10: broken is a mapping with type, url, api_key and root_path.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "These are no settings of the original."),
        ("policies: []", "There are no instances: this is no taggarr.yaml."),
        ("defaults: 3\ninstances: {a: {}}", "defaults is a mapping."),
        ("a: [1", "This is no YAML"),
        (
            "defaults: {tags: dub}\ninstances:\n  a: {type: sonarr, url: u, api_key: k, root_path: /r}",
            "tags is a mapping",
        ),
        ("defaults: {tags: {dub: '${X}'}}\ninstances: {a: {}}", "The variable X is not set"),
        ("defaults: {dry_run: '${X}'}\ninstances: {a: {}}", "The variable X is not set"),
    ],
)
def test_what_are_no_settings_is_told(text, told):
    assert any(told in problem for problem in problems(text))


def test_instances_with_the_same_wishes_share_a_policy():
    sections = sections_of(read(ENVIRONMENT.replace("TARGET_GENRE=Anime", "")))
    assert [entry["name"] for entry in sections["policies"]] == ["From the original"]
    (policy,) = sections["policies"]
    assert policy["label_dub"] == "dubbed"
    assert (policy["write_nfo"], policy["dub_genre"], policy["dry_run"]) == (True, True, True)
    assert policy.lines["label_dub"] == 12
    assert [(entry["instance"], entry["every"], entry["enabled"]) for entry in sections["schedules"]] == [
        ("Sonarr", 3600, False),
        ("Radarr", 3600, False),
    ]


def test_other_wishes_make_another_policy_and_no_interval_makes_no_schedule():
    text = settings().replace("  run_interval_seconds: 7200\n", "")
    sections = sections_of(read(text))
    assert [entry["name"] for entry in sections["policies"]] == [
        "From the original",
        "From the original: anime",
    ]
    assert sections["policies"][1]["genres"] == ["Anime"]
    assert sections["schedules"] == []


def test_folders_are_mapped_by_the_names_of_the_titles_in_them():
    paths = ["/data/tv/A", "/data/tv/B", "/data/kids/C", "/data/tv/D", "D:\\TV\\E", "/gone/F"]
    folders = {"/tv": {"A", "B", "E"}, "/tv2": {"C", "D"}}
    assert path_mappings(paths, folders) == [("/data/kids", "/tv2"), ("/data/tv", "/tv"), ("D:\\TV", "/tv")]
    assert path_mappings(["/tv/A"], folders) == []

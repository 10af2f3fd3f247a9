"""All text of the pages can be translated, and is: in every language that the settings name."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.test import Client
from django.utils import translation

from taggarr import translations

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FOR_ADMIN_SITE = {"admin", "scanner"}
"""Parts of Django's admin site, which is no page of ours."""

SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-label")
NAMES = {"Taggarr", "Python", "Django", "PostgreSQL", "v", "OK"}
PLACEHOLDER = re.compile(r"%\(\w+\)[ds]|%[ds]")
MESSAGES = {"success", "error", "info", "warning"}


class Literals(HTMLParser):
    """Collects the words that a template says by itself, in text and in what is read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in SPOKEN:
                self.handle_data(value or "")

    def handle_data(self, data):
        self.found += [word for word in re.findall(r"[^\W\d_]+", data) if word not in NAMES]


def literal_words(source: str) -> list[str]:
    """The words of a template that are in no translate tag."""
    kept, inside = [], False
    for token in Lexer(source).tokenize():
        name = token.contents.split()[0] if token.contents.split() else ""
        if token.token_type == TokenType.BLOCK and "blocktranslate" in name:
            inside = not name.startswith("end")
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
    parser = Literals()
    parser.feed("".join(kept))
    return parser.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_that_cannot_be_translated(path):
    if path.relative_to(ROOT / "templates").parts[0] in FOR_ADMIN_SITE:
        pytest.skip("a part of the admin site")

    assert literal_words(re.sub(r"<code>[^{]*?</code>", "", path.read_text())) == []


def test_literal_text_of_a_template_is_found():
    source = '<p title="Hello">{% translate "Yes" %} there {% blocktranslate %}no{% endblocktranslate %}</p>'

    assert literal_words(source) == ["Hello", "there"]


@pytest.mark.parametrize("path", sorted((ROOT / "web").rglob("*.py")), ids=lambda path: path.stem)
def test_a_view_tells_nothing_that_cannot_be_translated(path):
    told = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        told += [one.value for one in node.keywords if one.arg in ("label", "help_text", "empty_label")]
        if isinstance(node.func, ast.Attribute) and node.func.attr in MESSAGES and len(node.args) == 2:
            told.append(node.args[1])

    literal = [one for one in told if isinstance(one, ast.JoinedStr) or is_text(one)]
    assert [f"line {one.lineno}" for one in literal] == []


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_every_language_that_can_be_chosen_has_a_catalogue():
    found = {path.parent.parent.name for path in translations.catalogues()}

    assert found == {code for code, _name in settings.LANGUAGES}


@pytest.mark.parametrize("path", translations.catalogues(), ids=lambda path: path.parent.parent.name)
def test_a_catalogue_is_complete_and_holds_nothing_else(path):
    wanted, catalog = translations.messages(path.parent.parent.name), translations.read(path)

    assert len(wanted) > 80
    assert translations.missing(catalog, wanted) == []
    assert {one.id for one in catalog if one.id} - wanted == set()


@pytest.mark.parametrize("path", translations.catalogues(), ids=lambda path: path.parent.parent.name)
def test_a_translation_fills_in_what_its_text_does(path):
    wrong = []
    for message in translations.read(path):
        for text in as_list(message.string) if message.id else ():
            allowed = [sorted(PLACEHOLDER.findall(one)) for one in as_list(message.id)]
            if sorted(PLACEHOLDER.findall(text)) not in allowed:
                wrong.append(text)

    assert wrong == []


def as_list(text) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


BORROWED = Path(allauth.__file__).parent
NOT_OURS = re.compile(
    r"snippets/(login|warn)|signup_(by|form)|confirm_|email|phone|verif|request_login|trust"
    r"|^account/(login|logout)|messages/(cannot|primary|unverified)"
)
"""Templates of what is switched off here, or has a page of ours."""


def borrowed_messages() -> set[str]:
    """What allauth says on the pages that can be reached here."""
    found: set[str] = set()
    for part in ("account", "mfa", "socialaccount"):
        for path in sorted((BORROWED / "templates" / part).rglob("*.*")):
            place = str(path.relative_to(BORROWED / "templates"))
            if not NOT_OURS.search(place):
                said = translations._in_template(path.read_text(encoding="utf-8"))
                found |= {one if isinstance(one, str) else one[0] for one in said}
    return found


@pytest.mark.parametrize(
    ("language", "strange"),
    [
        ("en", r"\b[A-Z][a-z]+ [A-Z][a-z]+\b|third.party|\blog ?in\b"),
        ("de", r"\b(Sie|Ihr\w*|Ihnen)\b|Drittanb"),
    ],
)
def test_pages_that_others_wrote_speak_as_ours_do(language, strange):
    said = borrowed_messages()
    with translation.override(language):
        wrong = {text for text in said if re.search(strange, translation.gettext(text))}

    assert len(said) > 80
    assert wrong == set()


def test_the_language_follows_the_browser_until_it_is_chosen(rows, as_viewer):
    asked = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
    german = as_viewer.get("/library", headers=asked).content.decode()
    assert '<html lang="de"' in german
    assert "Bibliothek" in german

    answer = as_viewer.post("/language", {"language": "en", "next": "/library"})
    assert answer["Location"] == "/library"
    assert '<html lang="en"' in as_viewer.get("/library", headers=asked).content.decode()


def test_a_chosen_language_is_the_users_in_every_browser(rows, viewer, as_viewer):
    as_viewer.post("/language", {"language": "de"})
    viewer.refresh_from_db()
    assert viewer.language == "de"

    elsewhere = Client()
    elsewhere.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert '<html lang="en"' in elsewhere.get("/login").content.decode()
    elsewhere.force_login(viewer)
    assert '<html lang="de"' in elsewhere.get("/library").content.decode()


def test_a_language_that_is_no_longer_offered_leaves_the_choice_to_the_browser(rows, viewer, as_viewer):
    viewer.language = "tlh"
    viewer.save()
    german = as_viewer.get("/library", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="de"' in german


def test_whether_taggarr_lives_is_told_without_asking_who_wants_to_know(as_viewer, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert as_viewer.get("/health/live").status_code == 200


def test_a_language_that_there_is_not_changes_nothing():
    answer = Client().post("/language", {"language": "tlh", "next": "//evil.example"})

    assert answer["Location"] == "/"
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def test_the_api_speaks_english_to_everybody(rows, as_viewer):
    asked = {"Accept-Language": "de"}
    as_viewer.get("/library", headers=asked)

    answer = as_viewer.get("/api/v1/media/999999", headers=asked)

    assert answer.status_code == 404
    assert "no" in answer.json()["detail"].lower()
    assert "Content-Language" not in answer


def test_a_policy_takes_languages_in_the_words_of_the_page(rows, as_admin):
    where = f"/settings/policies/{rows.policy.pk}"
    as_admin.post("/language", {"language": "de"})
    page = as_admin.get(where)
    assert 'value="Englisch"' in page.content.decode()
    fields = {name: value for name, value in page.context["form"].initial.items() if value}

    form = {**fields, "target_languages": "Japanisch, Deutsch", "undetermined": "original"}
    confirmed = as_admin.post(where, form).context["confirmed"]
    as_admin.post(where, {**form, "confirmed": confirmed})

    rows.policy.refresh_from_db()
    assert rows.policy.target_languages == ["jpn", "deu"]


def test_an_update_adds_new_texts_keeps_old_ones_and_tells_what_is_missing(tmp_path, monkeypatch, capsys):
    source = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr ""\n"Language: de\\n"\n"PO-Revision-Date: 2026-01-01 12:00+0000\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Yes"\nmsgstr "Ja"\n\nmsgid "Gone"\nmsgstr "Weg"\n'
    )
    (tmp_path / "feature").mkdir()
    (tmp_path / "feature" / "words.py").write_text(
        'a = _("Yes"), ngettext("%d file", "%d files", 2), ngettext("%d file"), _(name)\n'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("{% translate 'No' %}")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(translations, "PACKAGES", ["feature"])
    monkeypatch.setattr(translations, "unmarked", set)

    assert translations.main(["--update"]) == 1
    assert capsys.readouterr().out.splitlines() == ["de: ('%d file', '%d files')", "de: No"]
    catalog = translations.read(source)
    assert {one.id: one.string for one in catalog if one.id} == {
        "Yes": "Ja",
        "No": "",
        ("%d file", "%d files"): ("", ""),
    }
    assert "Revision" not in source.read_text()

    text = source.read_text().replace('msgid "No"\nmsgstr ""', 'msgid "No"\nmsgstr "Nein"')
    source.write_text(text.replace('[0] ""', '[0] "%d Datei"').replace('[1] ""', '[1] "%d Dateien"'))
    assert translations.main(["--update"]) == 0
    assert capsys.readouterr().out == ""
    assert source.with_suffix(".mo").exists()


def test_compiled_texts_are_made_once_and_again_when_their_source_is_newer(tmp_path, monkeypatch):
    source = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid "Yes"\nmsgstr "Ja"\n')
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    made = source.with_suffix(".mo")

    assert translations.main([]) == 0
    first = made.stat().st_mtime_ns
    translations.compile_all()
    assert made.stat().st_mtime_ns == first

    source.write_text('msgid "Yes"\nmsgstr "Jawohl"\n')
    import os

    os.utime(source, ns=(first + 10**9, first + 10**9))
    translations.compile_all()
    assert b"Jawohl" in made.read_bytes()


def test_names_of_languages_are_those_of_the_page():
    from scanner.languages.names import language_choices, named, understood

    with translation.override("de"):
        assert named("por-br") == "Portugiesisch (Brasilien)"
        assert named("original") == "original"
        assert understood("deutsch") == "deu"
        assert understood("pt-BR") == "pt-BR"
        assert ("fra", "Französisch") in language_choices()
    assert named("por-br") == "Portuguese (Brazil)"

import runpy
from pathlib import Path

import pytest

from core import data_folder, env, options
from core.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


def setting(parse=env.parse_text, default="", **more):
    return env.Setting("TAGGARR_X", "text", parse, default, "Group", "What it is for.", **more)


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (env.parse_text, " plain ", "plain"),
        (env.parse_flag, "On", True),
        (env.parse_flag, "1", True),
        (env.parse_flag, "no", False),
        (env.parse_flag, "off", False),
        (env.parse_words, "a, b,,c ", ["a", "b", "c"]),
        (env.parse_switches, "players=off, artwork = on", {"players": False, "artwork": True}),
        (env.parse_networks, "10.0.0.0/8, ::1", ["10.0.0.0/8", "::1"]),
        (env.parse_web_address, "https://taggarr.lan/x/", "https://taggarr.lan/x"),
        (env.parse_base_path, "/taggarr/", "/taggarr"),
        (env.parse_base_path, "/", ""),
        (env.parse_origins, "https://Home.example.org:8443", ["https://home.example.org:8443"]),
        (env.parse_header, "Remote-User", "Remote-User"),
        (env.parse_folders, "/tv, /movies", [Path("/tv"), Path("/movies")]),
        (env.parse_folder, "/srv/taggarr", Path("/srv/taggarr")),
        (env.parse_folder, "~/taggarr", Path.home() / "taggarr"),
        (env.parse_zone, "Europe/Berlin", "Europe/Berlin"),
        (env.parse_mode, "027", 0o027),
        (env.parse_host, "127.0.0.1", "127.0.0.1"),
        (env.parse_host, "::", "::"),
        (env.parse_host, "localhost", "localhost"),
        (env.count_from(1, 64), "64", 64),
        (env.one_of("json", "console"), "JSON", "json"),
    ],
)
def test_a_value_is_read_as_its_type(parse, text, value):
    assert setting(parse).read({"TAGGARR_X": text}) == value


@pytest.mark.parametrize(
    ("parse", "text", "allowed"),
    [
        (env.parse_flag, "maybe", "on and off"),
        (env.parse_switches, "players", "switches such as players=off"),
        (env.parse_networks, "10.0.0.0/8, home", "IP addresses and networks"),
        (env.parse_web_address, "taggarr.lan", "http:// or https://"),
        (env.parse_base_path, "/a b", "a path such as /taggarr"),
        (env.parse_origins, "*", "and not *"),
        (env.parse_header, "Remote User", "the name of a header"),
        (env.parse_folder, "relative/path", "absolute path"),
        (env.parse_zone, "Mars/Olympus", "Europe/Berlin"),
        (env.parse_zone, "../etc/passwd", "Europe/Berlin"),
        (env.parse_zone, "Europe", "Europe/Berlin"),
        (env.parse_mode, "999", "octal"),
        (env.parse_mode, "7777", "octal"),
        (env.parse_host, "example.org", "IP address"),
        (env.count_from(1, 64), "65", "1 to 64"),
        (env.count_from(1, 64), "-1", "1 to 64"),
        (env.count_from(1, 64), "²", "1 to 64"),
        (env.one_of("json", "console"), "xml", "json, console"),
    ],
)
def test_a_malformed_value_is_refused_with_name_and_what_is_allowed(parse, text, allowed):
    with pytest.raises(ConfigError) as refused:
        setting(parse).read({"TAGGARR_X": text})

    assert "TAGGARR_X" in str(refused.value)
    assert allowed in str(refused.value)
    assert text in str(refused.value)


def test_an_unset_or_empty_variable_gives_the_default():
    assert setting(default="d").read({}) == "d"
    assert setting(default="d").read({"TAGGARR_X": "  "}) == "d"
    assert setting(env.parse_words, default=list).read({}) == []


def test_the_process_environment_is_read_by_default(monkeypatch):
    monkeypatch.setenv("TAGGARR_X", "from the environment")

    assert setting().read() == "from the environment"


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text("secret\n")

    assert setting(secret=True).read({"TAGGARR_X_FILE": str(tmp_path / "key")}) == "secret"


def test_a_plain_setting_is_never_read_from_a_file(tmp_path):
    (tmp_path / "key").write_text("text")

    assert setting().read({"TAGGARR_X_FILE": str(tmp_path / "key")}) == ""


def test_a_secret_given_twice_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="both set"):
        setting(secret=True).read({"TAGGARR_X": "a", "TAGGARR_X_FILE": "/run/secrets/x"})


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_an_unreadable_secret_file_is_named(tmp_path, content):
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=f"TAGGARR_X_FILE: cannot read {path}"):
        setting(secret=True).read({"TAGGARR_X_FILE": str(path)})


def test_a_malformed_secret_is_not_shown():
    with pytest.raises(ConfigError) as refused:
        setting(env.parse_flag, secret=True).read({"TAGGARR_X": "hunter2"})

    assert "hunter2" not in str(refused.value)


def test_an_unknown_variable_is_refused_with_the_nearest_name():
    with pytest.raises(ConfigError, match=r"TAGGARR_WORKER is not a setting.*did you mean TAGGARR_WORKERS"):
        env.check_names(options.ALL, {"TAGGARR_WORKER": "2"})
    with pytest.raises(ConfigError, match=r"see docs/configuration\.md"):
        env.check_names(options.ALL, {"TAGGARR_ZZZZZZZZ": "2"})


def test_known_names_secret_files_and_foreign_variables_are_accepted():
    env.check_names(options.ALL, {"TAGGARR_WORKERS": "2", "TAGGARR_SECRET_KEY_FILE": "/x", "PATH": "/bin"})


def test_a_plain_setting_has_no_file_name():
    with pytest.raises(ConfigError, match="TAGGARR_WORKERS_FILE"):
        env.check_names(options.ALL, {"TAGGARR_WORKERS_FILE": "/x"})


def test_a_refusal_is_one_line_and_exit_code_2(capsys):
    with pytest.raises(SystemExit) as ended, env.refusing():
        raise ConfigError("Something is wrong: mend it.")

    assert ended.value.code == 2
    assert capsys.readouterr().err == "taggarr: Something is wrong: mend it.\n"


def test_the_names_of_settings_are_unique_and_ours():
    names = [one.name for one in options.ALL]

    assert len(names) == len(set(names)) > 20
    foreign = {name for name in names if not name.startswith("TAGGARR_")}
    assert foreign == {"DATABASE_URL", "REDIS_URL", "TZ", "PUID", "PGID", "UMASK"}


def test_every_default_can_be_read():
    for one in options.ALL:
        assert one.read({}) is not None


def test_the_configuration_page_is_up_to_date():
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert page == env.markdown(options.ALL), "make it anew: python -m core.options > docs/configuration.md"


def test_the_configuration_page_is_printed(capsys):
    runpy.run_module("core.options", run_name="__main__")

    assert capsys.readouterr().out == env.markdown(options.ALL)
    assert "| `TAGGARR_DEBUG` | on or off | `off` |" in env.markdown(options.ALL)


def test_the_data_folder_of_root_and_of_others(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert data_folder.default_data_folder() == Path("/var/lib/taggarr")

    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/data/home")
    assert data_folder.default_data_folder() == Path("/data/home/taggarr")
    monkeypatch.setenv("XDG_DATA_HOME", "not absolute")
    assert data_folder.default_data_folder() == Path.home() / ".local" / "share" / "taggarr"

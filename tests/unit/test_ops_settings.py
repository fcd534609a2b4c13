"""Settings are read from the environment, in one place, and documented there."""

from pathlib import Path

import pytest

from ops import settings
from ops.failures import CannotDo

ROOT = Path(__file__).resolve().parents[2]


def test_the_settings_page_says_what_the_settings_are():
    assert (ROOT / settings.PAGE).read_text(encoding="utf-8") == settings.page()


def test_every_setting_is_explained_in_both_languages():
    for name, field in settings.Settings.model_fields.items():
        assert field.description, name
        assert field.json_schema_extra["zh"], name


def test_a_variable_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("JIANDU_PORT", "70000")
    with pytest.raises(CannotDo, match="JIANDU_PORT"):
        settings.read()


def test_a_database_url_that_cannot_be_used_is_never_echoed(monkeypatch):
    monkeypatch.setenv("JIANDU_DATABASE_URL", "postgres//owner:secret@host")
    with pytest.raises(CannotDo, match="JIANDU_DATABASE_URL") as refused:
        settings.read()
    assert "secret" not in str(refused.value)


def test_the_database_url_does_not_show_its_password(monkeypatch):
    monkeypatch.setenv("JIANDU_DATABASE_URL", "postgresql://owner:whispered@host/jiandu")
    assert "whispered" not in repr(settings.read())


@pytest.mark.parametrize("county", ["County", "1st", "a;drop", "a" * 41])
def test_a_county_is_a_plain_schema_name(monkeypatch, county):
    monkeypatch.setenv("JIANDU_COUNTY", county)
    with pytest.raises(CannotDo, match="JIANDU_COUNTY"):
        settings.read()


def test_an_empty_variable_is_a_variable_not_set(monkeypatch):
    monkeypatch.setenv("JIANDU_COUNTY", "")
    assert settings.read().county == "county"


def test_a_slip_of_the_pen_in_a_variable_is_found():
    given = {"JIANDU_PORT": "1", "JIANDU_DATABSE_URL": "…", "HOME": "/"}
    assert settings.unknown(given) == ["JIANDU_DATABSE_URL"]

"""Paths we send people to, marks in lists, and forms read into models."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from starlette.datastructures import FormData, UploadFile

from backend.core.errors import Invalid
from backend.web import forms
from backend.web.bodies import is_sound
from backend.web.pagination import CursorForged, read_cursor, write_cursor
from backend.web.redirects import own_path


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example", "/\\evil.example", "\\\\evil", "https:evil.example", "https://evil.example", "evil", "",
        "javascript:alert(1)", "/a\nSet-Cookie: b", "/a b", "/%0a\x00", "/<script>", "/é", "/" + "a" * 600, None,
    ],
)  # fmt: skip
def test_only_paths_of_this_site_are_redirect_targets(text: str | None):
    r"""S-59: `//evil`, `/\evil`, `https:evil` are refused."""
    assert own_path(text, "/bureau") == "/bureau"


@pytest.mark.parametrize("text", ["/", "/reports/current", "/bureau/cases/TS-7K4M-92?tab=history&page=2", "/a%20b"])
def test_own_paths_pass(text: str):
    assert own_path(text) == text


@given(st.lists(st.one_of(st.text(), st.integers(), st.booleans(), st.none()), max_size=5))
def test_a_cursor_gives_back_what_was_written(values: list[str | int | bool | None]):
    """S-65: cursors are signed and opaque."""
    if len(repr(values)) < 300:
        assert read_cursor(write_cursor(*values)) == tuple(values)


@given(st.data())
def test_a_changed_cursor_is_refused(data: st.DataObject):
    """S-65: nobody can write a mark but us."""
    raw = bytearray(base64.urlsafe_b64decode(write_cursor(str(uuid.UUID(int=7)), 12) + "=="))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CursorForged):
        read_cursor(base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


@pytest.mark.parametrize("text", ["x", "!!!", "a" * 5000, "标记", "W10"])
def test_a_made_up_cursor_is_refused(text: str):
    with pytest.raises(CursorForged):
        read_cursor(text)


def test_the_first_page_has_no_cursor():
    assert read_cursor(None) is None
    assert read_cursor("") is None


class Typed(BaseModel):
    words: str = Field(max_length=5)
    lat: float | None = None
    photo_ids: list[uuid.UUID] = Field(default_factory=list[uuid.UUID], max_length=2)


def test_a_form_becomes_a_model_and_unknown_fields_are_dropped():
    """S-17: adding role, county, status … to a body changes none of them."""
    ids = [uuid.UUID(int=1), uuid.UUID(int=2)]
    sent: list[tuple[str, str | UploadFile]] = [
        ("words", "黑水"), ("lat", ""), ("role", "city_triage"), ("is_active", "1"), ("created_at", "2020-01-01"),
    ]  # fmt: skip
    form = FormData(sent + [("photo_ids", str(one)) for one in ids])
    typed = forms.parse(Typed, form)

    assert typed == Typed(words="黑水", photo_ids=ids)
    assert set(typed.model_dump()) == {"words", "lat", "photo_ids"}


def test_a_wrong_form_says_which_field_and_keeps_what_was_typed():
    sent: list[tuple[str, str | UploadFile]] = [("words", "too long"), ("lat", "north")]
    sent += [("photo_ids", str(uuid.UUID(int=n))) for n in range(3)]
    form = FormData(sent)
    with pytest.raises(forms.FormRefused) as refused:
        forms.parse(Typed, form)

    assert set(refused.value.fields) == {"words", "lat", "photo_ids"}
    assert refused.value.values["words"] == "too long"
    assert not any("north" in sentence or sentence == "too long" for sentence in refused.value.fields.values())
    assert isinstance(refused.value, Invalid)


@given(
    st.recursive(st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(), st.lists, max_leaves=9)
)
def test_plain_json_is_sound(value: object):
    """S-66: what fits is let through."""
    import json

    text = json.dumps(value, ensure_ascii=False)
    assert is_sound(text.encode()) == ("\\u0000" not in text)


@given(st.binary(max_size=200))
def test_any_bytes_are_judged_without_an_exception(body: bytes):
    """S-66: never 500."""
    assert is_sound(body) in {True, False}

"""What is answered when something is wrong: one kind, one status, as a page or as problem+json, with nothing echoed."""

import re

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from tests.factories.web import browser

JSON = {"accept": "application/json"}


@pytest.fixture
def site(session: Session) -> TestClient:
    del session
    return browser()


@pytest.mark.parametrize(
    ("kind", "status"),
    [("not-found", 404), ("forbidden", 403), ("conflict", 409), ("invalid", 422), ("too-many", 429)],
)
def test_each_kind_has_its_status_as_page_and_as_problem(site: TestClient, kind: str, status: int):
    page = site.get(f"/errors/{kind}", headers={"accept": "text/html"})
    problem = site.get(f"/errors/{kind}", headers=JSON)

    assert (page.status_code, problem.status_code) == (status, status)
    assert page.headers["content-type"].startswith("text/html")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == status
    assert set(problem.json()) == {"type", "title", "status", "detail"}
    assert problem.content == site.get(f"/errors/{kind}", headers=JSON).content
    assert ("retry-after" in problem.headers) == (status == 429)


def test_a_mistake_of_ours_is_a_generic_500_with_a_random_id(site: TestClient, capsys: pytest.CaptureFixture[str]):
    """S-60: errors are generic with a random id; the exception's text, which may be personal, is not shown."""
    del capsys
    first = site.get("/errors/bug", headers=JSON)
    second = site.get("/errors/bug", headers=JSON)

    assert first.status_code == 500
    assert "13900001111" not in first.text
    assert re.fullmatch(r"[0-9a-f]{12}", first.json()["id"])
    assert first.json()["id"] != second.json()["id"]
    assert "content-security-policy" in first.headers
    assert site.get("/errors/bug", headers={"accept": "text/html"}).status_code == 500


def test_unknown_paths_and_methods(site: TestClient):
    """S-60: unknown method 405, TRACE off."""
    assert site.get("/nothing-here").status_code == 404
    assert site.put("/form", headers=JSON).status_code == 405
    assert site.request("TRACE", "/form").status_code == 405
    assert site.request("PROPFIND", "/form").status_code == 405


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_interface_description_is_offered_to_everybody(site: TestClient, path: str):
    """S-60: no /docs and no /openapi.json."""
    assert site.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/database/nul", "/database/surrogate", "/database/large?number=99999999999"])
def test_what_the_database_cannot_hold_is_refused(site: TestClient, path: str):
    """S-66: NUL, lone surrogates and integers outside the range are 422, never 500."""
    assert site.get(path, headers=JSON).status_code == 422


@pytest.mark.parametrize("path", ["/form%00", "/nothing/%00", "/form?a=%00"])
def test_nul_in_an_address_is_refused(site: TestClient, path: str):
    """S-66: NUL never reaches a query."""
    assert site.get(path).status_code == 400


def test_validation_names_the_field_and_never_the_value(site: TestClient):
    answer = site.post("/api/v1/notes", json={"words": "a secret that is far too long", "count": 77, "bad\nkey": 1})

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"words", "count"}
    assert "secret" not in answer.text
    assert "77" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"words": "a", "extra": ' + b"[" * 40 + b"]" * 40 + b"}",
        b"[" * 500_000,
        b'{"words": "a", "words": "b"}',
        b'{"words": "a", "extra": {"k": 1, "k": 2}}',
        b'{"words": "a", "extra": NaN}',
        b'{"words": "a", "extra": -Infinity}',
        b'{"words": "a", "extra": 1e999}',
        b'{"words": "a", "extra": 9223372036854775808}',
        b'{"words": "a", "extra": ' + b"9" * 5000 + b"}",
        b'{"words": "a\\u0000b"}',
        b'{"words": "\\ud800"}',
        b'{"words\\u0000": 1, "words": "a"}',
        b'{"words": "\xff"}',
        b'{"words": ',
        '{"words": "a"}'.encode("utf-16"),
    ],
)
def test_json_that_parsers_disagree_about_is_refused(site: TestClient, body: bytes):
    """S-66: depth, repeated keys, NaN, Infinity, large integers, NUL, lone surrogates: 422, never 500."""
    answer = site.post("/api/v1/notes", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_json_of_32_levels_passes(site: TestClient):
    """S-66: the limit is 32 levels, not fewer."""
    body = b'{"words": "a", "extra": ' + b"[" * 31 + b"]" * 31 + b"}"

    assert site.post("/api/v1/notes", content=body, headers={"content-type": "application/json"}).status_code == 200


def test_json_above_one_megabyte_is_refused(site: TestClient):
    """S-66: body ≤ 1 MB, with a declared length and without."""
    body = b'{"words": "' + b"a" * 1_100_000 + b'"}'
    headers = {"content-type": "application/json"}

    assert site.post("/api/v1/notes", content=body, headers=headers).status_code == 413
    assert (
        site.post("/api/v1/notes", content=iter([body[:600_000], body[600_000:]]), headers=headers).status_code == 413
    )

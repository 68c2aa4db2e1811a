"""An official text read in: kept once, each find decided, a draft of it like any other; what is no plan leaves nothing."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx2 import Response
from sqlmodel import Session, func, select
from starlette.testclient import TestClient
from typer.testing import CliRunner

from backend import cli
from backend.cities import city
from backend.core import clock
from backend.core.actor import Role
from backend.plan import editions, errors, queries
from backend.plan.models import PlanImport
from backend.plan.reading.errors import IsPdf
from backend.plan.rules import Kind, Step
from backend.plan.schemas import DecideFind
from backend.plan.service import founding, importing
from tests.factories import plan_texts as texts
from tests.factories.desk import Desk, sit_down
from tests.factories.plan import EDITOR, PUBLISHER, step

TIANSHUI = Path(__file__).parents[3] / "shared" / "plan" / "tianshui-2022.txt"


@pytest.fixture(autouse=True)
def plan(session: Session) -> None:
    with clock.at(datetime(2026, 7, 1, 4, tzinfo=UTC)):
        founding.found(session, city())
    session.flush()


def decide_all(session: Session, kept: PlanImport, *rejected: int) -> None:
    for index, find in enumerate(kept.reading["candidates"]):
        wish = "reject" if index in rejected else "accept"
        form = DecideFind.model_validate({**find, "version": kept.version, "wish": wish})
        importing.decide(session, EDITOR, kept.id, index, form)


def count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(PlanImport)).one()


def test_the_same_file_is_read_in_once(session: Session) -> None:
    """P15."""
    one = importing.keep(session, EDITOR, "plan.txt", texts.CITY.encode())
    again = importing.keep(session, PUBLISHER, "copy.txt", texts.CITY.encode())
    assert (again.id, again.name, count(session)) == (one.id, "plan.txt", 1)
    assert one.text == texts.CITY


def test_what_is_no_plan_leaves_nothing(session: Session) -> None:
    with pytest.raises(IsPdf):
        importing.keep(session, EDITOR, "scan.pdf", b"%PDF-1.4 " + b"x" * 100)
    assert count(session) == 0


def test_a_draft_is_made_only_of_what_was_decided_and_only_once(session: Session) -> None:
    kept = importing.keep(session, EDITOR, "plan.txt", texts.CITY.encode())
    with pytest.raises(errors.FindsUndecided):
        importing.make_draft(session, EDITOR, kept.id)
    decide_all(session, kept, 3, 4, 5, 6, 7, 8)
    draft = importing.make_draft(session, EDITOR, kept.id)
    assert importing.make_draft(session, EDITOR, kept.id).id == draft.id
    held = queries.contents(session, draft.id).documents
    targets = [one.body or {} for one in held if one.kind is Kind.TARGET]
    assert [(one["operator"], one.get("value")) for one in targets] == [
        ("ge", "42.5"),
        ("change", "-13.5"),
        ("external", None),
    ]
    assert targets[0]["quote"] == "全市森林覆盖率达到42.5%"
    with pytest.raises(errors.NotOpen):
        importing.decide(
            session, EDITOR, kept.id, 0,
            DecideFind.model_validate({**kept.reading["candidates"][0], "version": kept.version, "wish": "reject"}),
        )  # fmt: skip


def test_a_decision_on_an_older_page_is_refused(session: Session) -> None:
    kept = importing.keep(session, EDITOR, "plan.txt", texts.CITY.encode())
    form = DecideFind.model_validate({**kept.reading["candidates"][0], "version": 1, "wish": "accept"})
    importing.decide(session, EDITOR, kept.id, 0, form)
    with pytest.raises(errors.SubmissionChanged):
        importing.decide(session, EDITOR, kept.id, 1, form)


@pytest.mark.skipif(not TIANSHUI.is_file(), reason="the plan's text is not here")
def test_the_text_of_tianshui_adds_its_words_and_no_second_target(session: Session) -> None:
    kept = importing.keep(session, EDITOR, "tianshui.txt", TIANSHUI.read_bytes())
    decide_all(session, kept)
    draft = importing.make_draft(session, EDITOR, kept.id)
    after = editions.preview(session, draft)
    assert list(after.targets) == list(city_targets())
    assert all(one.quote for one in after.targets.values())
    assert all(one.text.startswith("（") for one in after.articles.values())
    assert after.parts[1].text.startswith("一、总体目标")
    assert after.plan.text_sha256 == kept.sha256
    step(session, draft, Step.SUBMIT, EDITOR)
    step(session, draft, Step.APPROVE, PUBLISHER)
    step(session, draft, Step.PUBLISH, PUBLISHER)
    assert "etc" in editions.edition(session).articles[9].text


def city_targets() -> list[str]:
    return [one.key for one in city().plan.targets]


@pytest.fixture
def desk(client: TestClient, session: Session) -> Desk:
    return sit_down(client, session, Role.PLAN_EDITOR, None)


def upload(desk: Desk, name: str, content: bytes) -> Response:
    return desk.client.post(
        "/bureau/plan/texts",
        data={"csrf_token": desk.token},
        files={"file": (name, content, "application/octet-stream")},
    )


def test_an_editor_accepts_corrects_and_rejects_each_find_in_its_place(session: Session, desk: Desk) -> None:
    where = upload(desk, "plan.docx", texts.WORD).headers["location"]
    page = desk.get(where).text
    assert page.count("<mark>") == 4
    assert "please look closely" in page
    version = 1
    for index in range(4):
        find = session.exec(select(PlanImport)).one().reading["candidates"][index]
        form = {name: find[name] for name in DecideFind.model_fields if find.get(name) is not None}
        form |= {"version": version, "wish": "accept" if index == 1 else "reject", "name": "森林覆盖率（改）"}
        assert desk.post(f"{where}/finds/{index}", **form).status_code == 303
        version += 1
    answer = desk.post(f"{where}/draft")
    assert "森林覆盖率（改）" in desk.get(answer.headers["location"]).text


def test_a_correction_that_makes_no_target_is_refused(session: Session, desk: Desk) -> None:
    where = upload(desk, "plan.txt", texts.CITY.encode()).headers["location"]
    form = {"version": 1, "wish": "accept", "name": "森林", "operator": "between", "value": "3", "due": "2025"}
    assert desk.post(f"{where}/finds/0", **form).status_code == 422
    assert session.exec(select(PlanImport)).one().decisions == {}


@pytest.mark.parametrize(("content", "words"), [
    (b"", "empty"), (b"%PDF-1.7 scanned", "PDF"), ("亲爱的王阿姨：您好！".encode(), "does not look like a plan"),
    (("绿色发展。" * 340_000).encode(), "too large"), (b"PK\x03\x04 broken", "cannot be read"),
])  # fmt: skip
def test_a_file_that_is_no_plan_gets_one_sentence_and_nothing_is_kept(
    session: Session, desk: Desk, content: bytes, words: str
) -> None:
    answer = upload(desk, "plan.txt", content)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert count(session) == 0


def test_the_command_reads_a_file_and_says_where_to_go_on(own_engine: object, tmp_path: Path) -> None:
    del own_engine
    path = tmp_path / "plan.txt"
    path.write_text(texts.CITY, encoding="utf-8")
    done = CliRunner().invoke(cli.app, ["plan", "import", str(path)])
    assert done.exit_code == 0, done.output
    assert "3 parts, 3 articles, 9 candidates" in done.output
    assert re.search(r"/bureau/plan/texts/[0-9a-f-]{36}", done.output)
    path.write_bytes(b"%PDF-1.4")
    refused = CliRunner().invoke(cli.app, ["plan", "import", str(path)])
    assert (refused.exit_code, "PDF" in refused.output) == (1, True)
    assert CliRunner().invoke(cli.app, ["plan", "import", str(tmp_path / "none.txt")]).exit_code == 1

"""A list is looked at line by line, then taken over whole, in its good lines, or not at all; and never twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from backend.cities import city
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.ids import new_id
from backend.core.tables import BYTE_ORDER_MARK
from backend.stations import errors, listing, queries, service
from backend.stations.jobs import sweep
from backend.stations.models import Station, StationImport
from backend.stations.schemas import Fate, Mode, Outcome
from tests.factories.accounts import make_staff
from tests.factories.stations import HEAD, a_line, a_list, a_station, make_station


@pytest.fixture
def editor(session: Session) -> Actor:
    return make_staff(session, Role.PROGRAMME_EDITOR).actor


@pytest.fixture
def take(session: Session, editor: Actor) -> Callable[..., Outcome]:
    """Look at a file and take it over as it was shown."""

    def take(content: bytes, mode: Mode = "all") -> Outcome:
        kept = listing.keep(session, editor, new_id(), content)
        seen = listing.fingerprint(listing.plan(session, city(), kept.content))
        return listing.take_over(session, city(), editor, kept.id, mode=mode, seen=seen)

    return take


def reasons(session: Session, *lines: str, head: str = HEAD) -> list[tuple[int, list[str]]]:
    planned = listing.plan(session, city(), listing.decoded(a_list(*lines, head=head)))
    return [
        (line.number, [f"{one.column}: {one.text % one.params}" for one in line.reasons])
        for line in planned.lines
        if line.fate is Fate.REFUSED
    ]


def test_a_good_list_is_taken_over_and_again_changes_nothing(session: Session, take: Callable[..., Outcome]):
    content = a_list(a_line(code="N-1"), a_line(code="N-2", hours="24/7"))
    assert take(content) == Outcome(added=2, changed=0, left_out=0)
    assert take(content) == Outcome(added=0, changed=0, left_out=0)
    assert queries.station_by_code(session, "N-2").version == 1


WRONG = [
    ({"lat": "abc"}, "lat: is no number"),
    ({"lat": "nan"}, "lat: is no number"),
    ({"lat": "134.7"}, "lat: is no place on earth"),
    ({"lat": "39.9", "lon": "116.4"}, "lat: This place lies outside the city."),
    ({"lat": "105.338", "lon": "34.738"}, "lat: is no place on earth"),
    ({"code": ""}, "code: is empty"),
    ({"code": "gg 1"}, "code: must be capital letters, digits and dashes"),
    ({"name_zh": ""}, "name_zh: is empty"),
    ({"name_zh": "长" * 81}, "name_zh: is too long"),
    ({"kind": "shop"}, "kind: is none of the words that are allowed here"),
    ({"items": "gold"}, "items: “gold” is on no list of what stations take."),
    ({"items": "paper"}, "items: “paper” is nothing that a station of this kind takes."),
    ({"items": ""}, "items: is empty"),
    ({"hours": "8点到6点"}, "hours: Write days as"),
    ({"county_code": "110101"}, "county_code: This city has no such district or county."),
    ({"township_code": "620502003"}, "township_code: This town is not in the district or county."),
    ({"datum": "mars"}, "datum: is none of the words"),
    ({"staffed": "maybe"}, "staffed: must be yes or no"),
]


@pytest.mark.parametrize(("change", "reason"), WRONG)
def test_a_wrong_line_is_named_with_its_column(session: Session, change: dict[str, str], reason: str):
    ((number, found),) = reasons(session, a_line(), a_line(**change))
    assert number == 3
    assert any(one.startswith(reason) for one in found), found


def test_every_wrong_line_is_named(session: Session):
    twice = a_line(code="D-1")
    found = reasons(session, twice, a_line(), a_line(lat="x", kind="y"), twice, "a,b", a_line(lat="39"))
    assert [number for number, _ in found] == [2, 4, 5, 6, 7]
    assert [len(why) for _, why in found] == [1, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (HEAD.replace("hours", "open"), ": The first line lacks these columns: hours"),
        (HEAD + ",colour", ": The first line has columns that nobody knows: colour"),
        (HEAD + ",code", ": A column stands twice in the first line."),
        ("", ": The first line lacks these columns: code, name_zh"),
    ],
)
def test_wrong_columns_are_said_once(session: Session, head: str, reason: str):
    ((number, (found,)),) = reasons(session, a_line(), a_line(), head=head)
    assert number == 1
    assert found.startswith(reason)


def test_nothing_is_written_unless_all_is_right_or_the_good_lines_are_chosen(
    session: Session, take: Callable[..., Outcome]
):
    content = a_list(a_line(code="G-1"), a_line(code="G-2", lat="39.9"), a_line(code="G-3"))
    with pytest.raises(errors.LinesRefused):
        take(content)
    assert session.exec(select(Station)).all() == []
    assert take(content, mode="good") == Outcome(added=2, changed=0, left_out=1)
    assert [one.code for one in queries.all_of_them(session)] == ["G-1", "G-3"]


def test_a_list_is_taken_over_at_most_once(session: Session, editor: Actor):
    kept = listing.keep(session, editor, new_id(), a_list(a_line()))
    seen = listing.fingerprint(listing.plan(session, city(), kept.content))
    listing.take_over(session, city(), editor, kept.id, mode="all", seen=seen)
    with pytest.raises(errors.ImportDone):
        listing.take_over(session, city(), editor, kept.id, mode="all", seen=seen)


def test_what_was_not_seen_is_not_written(session: Session, editor: Actor):
    kept = listing.keep(session, editor, new_id(), a_list(a_line(code="M-1")))
    seen = listing.fingerprint(listing.plan(session, city(), kept.content))
    make_station(session, code="M-1")
    with pytest.raises(errors.ImportMoved):
        listing.take_over(session, city(), editor, kept.id, mode="all", seen=seen)


def test_another_editors_list_is_not_there(session: Session, editor: Actor):
    kept = listing.keep(session, editor, new_id(), a_list(a_line()))
    other = make_staff(session, Role.PROGRAMME_EDITOR).actor
    with pytest.raises(errors.ImportUnknown):
        listing.kept_import(session, other, kept.id)


def test_the_same_upload_twice_is_one(session: Session, editor: Actor):
    one = new_id()
    for _ in range(2):
        listing.keep(session, editor, one, a_list(a_line()))
    assert len(session.exec(select(StationImport)).all()) == 1


def test_a_list_changes_what_is_there_and_says_which_columns(session: Session, take: Callable[..., Outcome]):
    station = make_station(session, name_zh="旧名")
    text = listing.export([station]).replace("旧名", "新名").replace("34.580000", "34.581000")
    (line,) = listing.plan(session, city(), text).lines
    assert (line.fate, line.changes) == (Fate.CHANGED, ["name_zh", "lat"])
    assert take(text.encode()) == Outcome(added=0, changed=1, left_out=0)
    session.refresh(station)
    assert (station.name_zh, station.lat, station.version) == ("新名", 34.581, 2)


def test_the_chinese_of_windows_is_read_and_binary_is_not(session: Session):
    text = listing.decoded(a_list(a_line(name_zh="六峰回收点")).decode().encode("gb18030"))
    assert "六峰回收点" in text
    for wrong in (b"PK\x03\x04\x00\x00", b"\xff\xfe\x00\x01", b"a" * (listing.BYTES_MAX + 1)):
        with pytest.raises(errors.FileUnreadable):
            listing.decoded(wrong)


def test_an_open_quotation_mark_is_a_refused_line_and_not_a_crash(session: Session):
    found = reasons(session, a_line(), '"open')
    assert found[-1][1] == [": The quotation marks of this line do not match."]


def test_a_name_that_looks_like_a_formula_is_written_as_text(session: Session):
    """S-62."""
    station = service.add(session, city(), Actor(kind="system"), a_station(name_zh="=1+1", source="@x"))
    text = listing.export([station])
    assert ",'=1+1," in text
    assert ",'@x," in text
    assert text.startswith(BYTE_ORDER_MARK)


def test_the_sample_stations_of_the_city_are_a_list_without_fault(session: Session):
    from backend.cities.loader import FOLDER_OF_CITIES

    text = (FOLDER_OF_CITIES / "tianshui" / "stations.csv").read_text("utf-8")
    planned = listing.plan(session, city(), text)
    assert planned.is_clean
    assert planned.count(Fate.NEW) == len(city().sample_stations) > 50


def test_a_list_goes_after_thirty_days_and_its_stations_stay(session: Session, editor: Actor):
    kept = listing.keep(session, editor, new_id(), a_list(a_line(code="M-9")))
    seen = listing.fingerprint(listing.plan(session, city(), kept.content))
    listing.take_over(session, city(), editor, kept.id, mode="all", seen=seen)
    for days, count in ((29, 1), (31, 0)):
        with clock.at(clock.now() + timedelta(days=days)):
            sweep(session)
        assert len(session.exec(select(StationImport)).all()) == count
    assert queries.any_station(session, "M-9").is_active

"""What proves an activity: a code that turns, a fence, an attendant's scale, a photo, a list; and who looks at it."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from PIL import Image, ImageDraw
from sqlmodel import Session, select

from backend.activities import duty, errors, importing, moderation, photos, rules, settling, sites, visits
from backend.activities.importing import Fate
from backend.activities.models import Activity, ActivityImport
from backend.activities.rules import Flag, Review, State
from backend.activities.schemas import ConfirmByNumber, LogActivity, StartImport
from backend.cities import city
from backend.core import clock, tables
from backend.core.actor import SYSTEM, Actor, Role
from backend.media import service as media
from backend.places.rules import wgs84_to_gcj02
from backend.stations.models import Station
from tests.factories.accounts import make_staff
from tests.factories.activities import balance, fill_fund, fresh, log, logged, say
from tests.factories.lists import as_csv, as_xlsx
from tests.factories.residents import Neighbour, make_resident, new_phone
from tests.factories.stations import make_station

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
HERE = {"lat": 34.58, "lon": 105.73, "accuracy_m": 10}


@pytest.fixture(autouse=True)
def _fund(session: Session):
    fill_fund(session)


@pytest.fixture
def station(session: Session) -> Station:
    return make_station(session, kind="sorting", items=["paper"], staffed=True, hours="24/7")


@pytest.fixture
def attendant(session: Session, station: Station) -> Actor:
    actor = make_staff(session, Role.ATTENDANT).actor
    assert actor.id
    duty.put_on_duty(session, SYSTEM, actor.id, station.code)
    session.commit()
    return actor


def scan(station: Station, **more: object) -> LogActivity:
    """Return what a phone sends that has scanned the code of now, standing there."""
    return say("sort_kitchen_waste", site=station.code, code=sites.code_now(station.code), **(HERE | more))  # pyright: ignore[reportArgumentType]


def a_picture(seed: int, size: tuple[int, int] = (640, 480), quality: int = 88) -> bytes:
    picture = Image.new("RGB", size, (200, 220, 200))
    draw = ImageDraw.Draw(picture)
    for step in range(9):
        left = (seed * 53 + step * 71) % 560
        top = (seed * 31 + step * 97) % 400
        draw.rectangle((left, top, left + 90, top + 60), fill=((seed * 40 + step * 60) % 255, 60, (step * 30) % 255))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def with_photo(
    session: Session, neighbour: Neighbour, content: bytes, *, ticket: bool = True, **more: object
) -> Activity:
    """Log a clean plate with a photo, taken by the page's camera or not."""
    ticket_ = photos.ticket_for(str(neighbour.resident_id))
    photo_id = ticket_.photo_id if ticket else uuid4()
    media.take_in(session, photo_id, content, None)
    return logged(
        session, neighbour.actor, behaviour="clean_plate", photo_ids=[str(photo_id)],
        ticket=ticket_.text if ticket else None, **more,
    )  # fmt: skip


def test_the_code_of_now_at_the_point_proves_it(session: Session, neighbour: Neighbour, station: Station):
    form = scan(station)
    first = log(session, neighbour.actor, form)
    assert first.activity
    assert (first.activity.site, first.activity.state, first.activity.review) == (
        station.code, State.PENDING, Review.NONE,
    )  # fmt: skip
    assert first.activity.distance_m == 0
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert log(session, neighbour.actor, form).activity == first.activity


def test_the_neighbouring_turns_count_and_no_other(session: Session, neighbour: Neighbour, station: Station):
    with clock.at(NOON):
        form = scan(station)
    for seconds, is_good in ((29, True), (59, True), (61, False), (-29, True), (-31, False), (86_400, False)):
        with clock.at(NOON + timedelta(seconds=seconds)):
            other = make_resident(session).actor
            again = form.model_copy(update={"id": uuid4()})
            if is_good:
                assert log(session, other, again).activity
            else:
                with pytest.raises(errors.CodeStale):
                    log(session, other, again)


def test_one_turn_of_the_code_is_good_once_for_each_person(session: Session, neighbour: Neighbour, station: Station):
    with clock.at(NOON):
        log(session, neighbour.actor, scan(station))
        with pytest.raises(errors.CodeUsed):
            log(session, neighbour.actor, scan(station))
        assert log(session, make_resident(session).actor, scan(station)).activity


def test_the_fence_measures_in_one_datum(session: Session, neighbour: Neighbour, station: Station):
    lat, lon = wgs84_to_gcj02(station.lat, station.lon)
    with pytest.raises(errors.TooFarAway):
        log(session, neighbour.actor, scan(station, lat=lat, lon=lon))
    found = log(session, neighbour.actor, scan(station, lat=lat, lon=lon, datum="gcj02")).activity
    assert found
    assert found.distance_m == 0


def test_without_a_place_somebody_looks_first(session: Session, neighbour: Neighbour, station: Station):
    found = log(session, neighbour.actor, scan(station, lat=None, lon=None)).activity
    assert found
    assert (found.review, found.flags) == (Review.WAITING, [Flag.NO_PLACE.value])


def test_kitchen_waste_cannot_be_proven_at_a_film_point(session: Session, neighbour: Neighbour):
    film = make_station(session, kind="film_recovery", items=["mulch_film"])
    with pytest.raises(errors.EvidenceNotEnough):
        log(session, neighbour.actor, scan(film))


def test_a_site_has_a_cap_over_everybody(session: Session, neighbour: Neighbour, station: Station):
    form = scan(station)
    bounds = rules.limits(
        city().behaviour("sort_kitchen_waste", clock.today()), clock.today(), resident=1, group=None, site=station.code
    )
    assert f"site:{station.code}" in {one.scope for one in bounds}
    assert log(session, neighbour.actor, form).activity


def test_the_attendant_weighs_and_confirms_and_the_points_are_good_at_once(
    session: Session, neighbour: Neighbour, station: Station, attendant: Actor
):
    visit = visits.arrive(
        session, city(), neighbour.actor, scan(station).model_copy(update={"behaviour": "recycle_weighed"})
    )
    assert [one.nickname for one in visits.waiting(session, city(), sites.find(session, station.code))] == ["小麦"]
    first = visits.confirm(session, city(), attendant, visit.id, 2.4)
    assert first.activity
    assert (first.activity.points, first.activity.state, first.activity.evidence) == (48, State.POSTED, "scale")
    assert visits.confirm(session, city(), attendant, visit.id, 2.4).activity == first.activity
    with pytest.raises(errors.ActivityIdReused):
        visits.confirm(session, city(), attendant, visit.id, 9)
    assert balance(session, neighbour.resident_id).available == 48
    assert visits.waiting(session, city(), sites.find(session, station.code)) == []


def test_an_attendant_confirms_at_the_own_stations_only(session: Session, neighbour: Neighbour, station: Station):
    visit = visits.arrive(
        session, city(), neighbour.actor, scan(station).model_copy(update={"behaviour": "recycle_weighed"})
    )
    with pytest.raises(errors.NotYourStation):
        visits.confirm(session, city(), make_staff(session, Role.ATTENDANT).actor, visit.id, 1)


def test_a_visit_is_over_after_a_quarter_of_an_hour(
    session: Session, neighbour: Neighbour, station: Station, attendant: Actor
):
    with clock.at(NOON):
        visit = visits.arrive(
            session, city(), neighbour.actor, scan(station).model_copy(update={"behaviour": "recycle_weighed"})
        )
    with clock.at(NOON + timedelta(minutes=15)), pytest.raises(errors.VisitOver):
        visits.confirm(session, city(), attendant, visit.id, 1)


def test_who_has_no_phone_in_the_hand_is_confirmed_by_number(
    session: Session, neighbour: Neighbour, station: Station, attendant: Actor
):
    form = ConfirmByNumber(id=uuid4(), phone=neighbour.phone, behaviour="clothes_recycled", quantity=1.5)
    found = visits.confirm_by_number(session, city(), attendant, station.code, form).activity
    assert found
    assert (found.points, found.resident_id) == (30, neighbour.resident_id)
    unknown = form.model_copy(update={"id": uuid4(), "phone": new_phone()})
    with pytest.raises(errors.NumberUnknown):
        visits.confirm_by_number(session, city(), attendant, station.code, unknown)


def test_a_photo_by_our_camera_is_held_and_one_from_the_album_is_looked_at(session: Session, neighbour: Neighbour):
    by_camera = with_photo(session, neighbour, a_picture(1))
    assert Flag.NO_TICKET.value not in by_camera.flags
    from_album = with_photo(session, neighbour, a_picture(2), ticket=False)
    assert from_album.review is Review.WAITING
    assert Flag.NO_TICKET.value in from_album.flags


def test_a_ticket_is_good_for_its_owner_its_photo_and_half_an_hour(session: Session, neighbour: Neighbour):
    foreign = photos.ticket_for(str(uuid4()))
    media.take_in(session, foreign.photo_id, a_picture(3), None)
    flagged = logged(
        session, neighbour.actor, behaviour="clean_plate", photo_ids=[str(foreign.photo_id)], ticket=foreign.text
    )
    assert Flag.NO_TICKET.value in flagged.flags
    with clock.at(clock.now() - timedelta(minutes=31)):
        old = photos.ticket_for(str(neighbour.resident_id))
    media.take_in(session, old.photo_id, a_picture(4), None)
    late = logged(session, neighbour.actor, behaviour="clean_plate", photo_ids=[str(old.photo_id)], ticket=old.text)
    assert Flag.NO_TICKET.value in late.flags


def test_the_same_bytes_again_are_flagged_whoever_sends_them(session: Session, neighbour: Neighbour):
    with_photo(session, neighbour, a_picture(5))
    copied = with_photo(session, make_resident(session), a_picture(5))
    assert Flag.SAME_PHOTO.value in copied.flags
    assert copied.state is State.PENDING


def test_a_photo_that_looks_alike_raises_an_alarm_and_decides_nothing(session: Session, neighbour: Neighbour):
    first = with_photo(session, neighbour, a_picture(6))
    with clock.at(clock.now() + timedelta(minutes=1)):
        smaller = Image.open(io.BytesIO(a_picture(6))).resize((320, 240))
        out = io.BytesIO()
        smaller.save(out, "JPEG", quality=60)
        again = with_photo(session, make_resident(session), out.getvalue())
        other = with_photo(session, make_resident(session), a_picture(11))
    assert photos.measure(session) == 3
    assert Flag.NEAR_DUPLICATE.value in fresh(session, again.id).flags
    assert Flag.NEAR_DUPLICATE.value not in fresh(session, first.id).flags
    assert Flag.NEAR_DUPLICATE.value not in fresh(session, other.id).flags
    assert fresh(session, again.id).state is State.PENDING
    card = next(one for one in moderation.waiting(session) if one.activity.id == again.id)
    assert card.similar == [first.id]


def test_a_photo_is_needed_where_it_is_the_proof(session: Session, neighbour: Neighbour):
    with pytest.raises(errors.PhotoMissing):
        log(session, neighbour.actor, behaviour="clean_plate", evidence="photo", photo_ids=[str(uuid4())])
    with pytest.raises(errors.EvidenceNotEnough):
        log(session, neighbour.actor, behaviour="clean_plate")


def test_a_full_cap_leaves_the_photo_free(session: Session, neighbour: Neighbour):
    for seed in (20, 21):
        with_photo(session, neighbour, a_picture(seed))
    photo_id = uuid4()
    media.take_in(session, photo_id, a_picture(22), None)
    assert log(session, neighbour.actor, behaviour="clean_plate", photo_ids=[str(photo_id)]).activity is None
    from backend.media.models import Photo

    assert session.get_one(Photo, photo_id, populate_existing=True).owner is None


def test_a_grid_is_decided_in_one_go_and_what_moved_on_is_left(session: Session, neighbour: Neighbour):
    moderator = make_staff(session, Role.MODERATOR).actor
    good, bad, gone = (
        logged(session, make_resident(session).actor, behaviour="appliance_recycled", note=f"N-{number}")
        for number in range(3)
    )
    settling.approve(session, moderator, gone.id)
    outcome = moderation.decide(
        session, moderator, {good.id: moderation.PASS, bad.id: "unreadable", gone.id: "not_shown", uuid4(): "pass"}
    )
    assert (outcome.passed, outcome.failed, outcome.moved_on) == (1, 1, 2)
    assert [fresh(session, one.id).state for one in (good, bad, gone)] == [State.POSTED, State.REJECTED, State.POSTED]


def start(session: Session, editor: Actor, content: bytes, **more: object) -> UUID:
    """Send a list of volunteers."""
    form: dict[str, object] = {
        "id": uuid4(), "behaviour": "volunteering", "event": "藉河清洁日", "happened_on": clock.today(),
    }  # fmt: skip
    return importing.keep(session, city(), editor, StartImport.model_validate(form | more), content).id


def take(session: Session, editor: Actor, import_id: UUID, *, only_good: bool = False) -> importing.Outcome:
    lines = importing.plan(session, city(), importing.kept_list(session, editor, import_id))
    seen = importing.fingerprint(lines)
    return importing.take_over(session, city(), editor, import_id, only_good=only_good, seen=seen)


@pytest.mark.parametrize("as_file", [as_csv, as_xlsx])
def test_a_list_is_booked_once_under_the_caps_of_its_day(
    session: Session, neighbour: Neighbour, as_file: Callable[..., bytes]
):
    editor, other = make_staff(session, Role.PROGRAMME_EDITOR).actor, make_resident(session)
    content = as_file((int(neighbour.phone), 3, "A"), (other.phone, 2, "B"), (neighbour.phone, 3, "C"))
    import_id = start(session, editor, content)
    outcome = take(session, editor, import_id)
    assert (outcome.booked, outcome.points) == (3, 90 + 60 + 30)
    assert balance(session, neighbour.resident_id).available == 120
    with pytest.raises(errors.ListDone):
        importing.take_over(session, city(), editor, import_id, only_good=True, seen="")
    again = start(session, editor, content)
    lines = importing.plan(session, city(), importing.kept_list(session, editor, again))
    assert {line.fate for line in lines} == {Fate.SAME}
    assert take(session, editor, again).booked == 0


def test_a_dry_run_shows_every_refused_line_and_writes_nothing(session: Session, neighbour: Neighbour):
    editor = make_staff(session, Role.PROGRAMME_EDITOR).actor
    rows = [("12345", 1, ""), (new_phone(), 1, ""), (neighbour.phone, -2, ""), (neighbour.phone, "viel", ""),
            (neighbour.phone, 1, "A"), (neighbour.phone, 1, "A")]  # fmt: skip
    import_id = start(session, editor, as_csv(*rows))
    lines = importing.plan(session, city(), importing.kept_list(session, editor, import_id))
    assert [line.fate for line in lines] == [Fate.REFUSED] * 4 + [Fate.COUNTS, Fate.REFUSED]
    assert all(line.reasons for line in lines if line.fate is Fate.REFUSED)
    assert neighbour.phone not in {line.phone for line in lines}
    with pytest.raises(errors.LinesRefused):
        take(session, editor, import_id)
    assert balance(session, neighbour.resident_id).available == 0
    assert take(session, editor, import_id, only_good=True).booked == 1


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (as_xlsx(formula="SUM(A1:A9)"), tables.ListHoldsFormulas),
        (b"PK\x03\x04 nonsense", tables.ListUnreadable),
        (b"\xff\xfe\x00\x01", tables.ListUnreadable),
        (b'phone,quantity\n"13800000000', tables.ListUnreadable),
        (b"x" * 1_000_001, tables.ListUnreadable),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(session: Session, content: bytes, error: type[Exception]):
    editor = make_staff(session, Role.PROGRAMME_EDITOR).actor
    with pytest.raises(error):
        start(session, editor, content)
    assert session.exec(select(ActivityImport)).all() == []


def test_a_list_with_wrong_columns_says_so(session: Session):
    editor = make_staff(session, Role.PROGRAMME_EDITOR).actor
    import_id = start(session, editor, as_csv((1, 2), head="name,hours"))
    (line,) = importing.plan(session, city(), importing.kept_list(session, editor, import_id))
    assert line.fate is Fate.REFUSED


def test_a_list_is_sealed_and_gone_after_it_was_booked(session: Session, neighbour: Neighbour):
    editor = make_staff(session, Role.PROGRAMME_EDITOR).actor
    import_id = start(session, editor, as_csv((neighbour.phone, 1, "")))
    kept = session.get_one(ActivityImport, import_id)
    assert neighbour.phone.encode() not in (kept.content_sealed or b"")
    take(session, editor, import_id)
    assert session.get_one(ActivityImport, import_id, populate_existing=True).content_sealed is None

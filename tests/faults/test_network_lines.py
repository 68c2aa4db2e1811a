"""Lines that break between a phone and a real service: in the middle of a photo, and after the commit."""

import http.client
import json
import secrets
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from tests.browser.city import RunningCity, copy_of, running
from tests.browser.wire import Wire, wire_to
from tests.fixtures import photos

LOST = (http.client.HTTPException, ConnectionError)
JSON = {"Content-Type": "application/json"}
PICTURE = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def city(
    server_uri: str, template: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCity]:
    """Serve a city of its own."""
    with running(copy_of(server_uri, template, f"lines_{worker_id}"), tmp_path_factory.mktemp("city")) as service:
        yield service


@pytest.fixture
def wire(city: RunningCity) -> Iterator[Wire]:
    """Lay a line to it."""
    with wire_to(city.port) as line:
        yield line


def call(port: int, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Make one call on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def a_report(**more: object) -> bytes:
    """Return a report as a page would send it."""
    known = {"id": str(uuid.uuid4()), "secret": secrets.token_hex(16), "kind": "sewage", "words": "河水发黑"}
    return json.dumps(known | {"county_code": "620502"} | more).encode()


def test_half_a_photo_is_no_photo_and_the_whole_one_is_taken_later(city: RunningCity, wire: Wire):
    path, photo, before = f"/api/v1/photos/{uuid.uuid4()}", photos.noisy_jpeg(800, 600), city.count("photo")
    wire.break_within(f"PUT {path}".encode(), 40_000)
    with pytest.raises(LOST):
        call(wire.port, "PUT", path, photo, PICTURE)
    assert wire.losses == 1
    assert city.count("photo") == before

    status, answer = call(wire.port, "PUT", path, photo, PICTURE)
    assert (status, answer["status"]) == (201, "ready")
    assert city.count("photo") == before + 1


def test_a_photo_whose_answer_was_lost_is_there_once(city: RunningCity, wire: Wire):
    path, photo, before = f"/api/v1/photos/{uuid.uuid4()}", photos.jpeg(seed=3), city.count("photo")
    wire.lose_answer_to(f"PUT {path}".encode())
    with pytest.raises(LOST):
        call(wire.port, "PUT", path, photo, PICTURE)
    first = call(wire.port, "PUT", path, photo, PICTURE)
    assert first == call(wire.port, "PUT", path, photo, PICTURE)
    assert first[0] == 201
    assert city.count("photo") == before + 1


def test_a_report_whose_answer_was_lost_gives_its_receipt_again(city: RunningCity, wire: Wire):
    report, before = a_report(), city.count("report")
    wire.lose_answer_to(b"POST /api/v1/reports")
    with pytest.raises(LOST):
        call(wire.port, "POST", "/api/v1/reports", report, JSON)
    assert wire.losses == 1
    assert city.count("report") == before + 1

    status, answer = call(wire.port, "POST", "/api/v1/reports", report, JSON)
    assert status == 201
    assert city.count("report") == before + 1
    opened, progress = call(
        city.port, "POST", "/api/v1/receipts/lookup", json.dumps({"receipt": answer["receipt"]}).encode(), JSON
    )
    assert (opened, progress["number"]) == (200, answer["number"])


def test_another_body_under_the_id_of_a_lost_one_is_refused(city: RunningCity, wire: Wire):
    report = a_report()
    wire.lose_answer_to(b"POST /api/v1/reports")
    with suppress(*LOST):
        call(wire.port, "POST", "/api/v1/reports", report, JSON)
    changed = json.loads(report) | {"words": "冒黑烟"}
    assert call(wire.port, "POST", "/api/v1/reports", json.dumps(changed).encode(), JSON)[0] == 409


def test_an_impatient_phone_that_sends_ten_times_at_once_has_sent_one(city: RunningCity):
    report, before, answers = a_report(), city.count("report"), list[tuple[int, Any]]()

    def send() -> None:
        answers.append(call(city.port, "POST", "/api/v1/reports", report, JSON))

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [status for status, _ in answers] == [201] * 10
    assert len({answer["receipt"] for _, answer in answers}) == 1
    assert city.count("report") == before + 1

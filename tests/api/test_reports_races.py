"""The same report from one phone many times at once, on connections of their own: one report, one answer."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from backend.cities import city
from backend.core.db import session_scope
from backend.reports import service
from tests.factories.reports import a_report

pytestmark = pytest.mark.usefixtures("own_engine")

ROUNDS = 150
AT_ONCE = 8


def test_the_same_report_at_the_same_moment_is_never_an_error():
    """With the id alone named as the conflict, two that met between look and write failed at the receipt's index."""
    offers = [service.offer(city(), a_report(), language="zh") for _ in range(ROUNDS)]
    barrier = Barrier(AT_ONCE)

    def send_all(_: int) -> list[bool | str]:
        answers: list[bool | str] = []
        for offered in offers:
            barrier.wait(20)
            try:
                with session_scope() as session:
                    answers.append(service.submit(session, offered).is_new)
            except IntegrityError as error:
                answers.append(str(error.orig))
        return answers

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send_all, range(AT_ONCE)))
    assert [Counter(one) for one in zip(*answers, strict=True)] == [{True: 1, False: AT_ONCE - 1}] * ROUNDS

"""Two hundred who send the same link in the same moment (PostgreSQL; SQLite has one writer)."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from evaluation.surveys.models import SurveyAnswer
from tests.evaluation.surveys.ground import DURING, clients, many, opened_wave, running_term
from yorozu.core.audit.models import AuditEvent

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
SENDERS = 200


def test_of_two_hundred_posts_of_one_link_one_is_kept(cast, at):
    running_term()
    clients("13", many(12))
    _, tokens = opened_wave(cast.hq.scope)
    at(DURING)
    number, token = next(iter(tokens.items()))
    url = reverse("survey_answer", args=[token])
    gate = threading.Barrier(SENDERS)
    answers: list[tuple[int, str]] = []
    raised: list[Exception] = []

    def send(place: int) -> None:
        try:
            gate.wait(60)
            response = Client().post(url, {"level": str(place % 5 + 1)}, follow=True)
            answers.append((response.status_code, response.text))
        except Exception as error:  # noqa: BLE001 (every failure of a thread is looked at)
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(place,)) for place in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert raised == []
    assert [status for status, _ in answers] == [200] * SENDERS
    assert all("ご回答ありがとうございました" in text for _, text in answers)
    assert list(SurveyAnswer.objects.values_list("number", flat=True)) == [number]
    assert AuditEvent.objects.filter(action="evaluation.surveys.answer").count() == 1

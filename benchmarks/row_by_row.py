"""The other side of P6: the survey brought in row by row with the plain ORM.

An honest stand-in, not the library named in performance.md 6, which the product does not depend on:
what such a library does by default is done here by hand. The preview tries every row inside a
transaction and rolls it back; the confirmation does the same and commits. Each object is looked up
or made, checked with ``full_clean`` and saved; hubs and categories are cached, as a careful user of
such a library would do.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from hubs.network.models import Hub
from hubs.people.models import (
    Person,
    QualificationCategory,
    QualificationResponse,
    QualificationSurvey,
    ResponseTick,
)
from hubs.people.rules import kana_key, name_key


@dataclass
class Found:
    """What a pass over the file would do, or did."""

    new: int = 0
    changed: int = 0
    ticks: int = 0


def preview(data: bytes, as_of: date) -> Found:
    """Try every row and take it back."""
    with transaction.atomic():
        found = _bring_in(data, as_of)
        transaction.set_rollback(True)
    return found


def confirm(data: bytes, as_of: date) -> Found:
    """Bring every row in."""
    with transaction.atomic():
        return _bring_in(data, as_of)


def _bring_in(data: bytes, as_of: date) -> Found:
    hubs = {hub.code: hub for hub in Hub.objects.all()}
    categories = {row.name: row for row in QualificationCategory.objects.all()}
    survey, _ = QualificationSurvey.objects.get_or_create(
        as_of=as_of, defaults={"name": "1行ずつの調査"}
    )
    found = Found()
    for row in csv.DictReader(io.StringIO(data.decode("cp932"))):
        person = _person(row)
        response, created = QualificationResponse.objects.get_or_create(
            survey=survey,
            person=person,
            hub=hubs[row["拠点コード"]],
            defaults={"role": row["区分"]},
        )
        response.full_clean()
        response.save()
        found.new += created
        found.changed += not created
        for name in [name for name in categories if row.get(name) == "○"]:
            tick, _ = ResponseTick.objects.get_or_create(
                response=response, category=categories[name]
            )
            tick.full_clean()
            tick.save()
            found.ticks += 1
    return found


def _person(row: Mapping[str, str]) -> Person:
    person, _ = Person.objects.get_or_create(
        name_key=name_key(row["氏名"]),
        kana_key=kana_key(row["フリガナ"]),
        defaults={"name": row["氏名"], "kana": row["フリガナ"]},
    )
    person.full_clean()
    person.save()
    return person

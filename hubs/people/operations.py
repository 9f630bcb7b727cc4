"""Writes of people: the answers of a survey in bulk, their undo, and the end of an engagement."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from hubs.network.models import CommissionContract
from hubs.people.models import (
    Engagement,
    Person,
    QualificationCategory,
    QualificationResponse,
    QualificationSurvey,
    ResponseTick,
)
from hubs.people.rules import CC, kana_key, name_key
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.fiscal import fiscal_year_of, wareki
from yorozu.core.flow import lock

MOVED = "この取込のあとで、取り込んだ人や契約に変更があります。先にあとの変更を取り消してください。"


def end_engagement(
    actor: Scope, *, engagement: Engagement, ends_on: date, reason: str
) -> Engagement:
    """Record the last day of an engagement (succession of a chief coordinator begins with it).

    Conflict when it has ended already; InvalidInput for a day before its beginning or no reason.
    """
    require(actor, "hubs.people.end_engagement", hub_id=engagement.hub_id)
    problems = []
    if ends_on < engagement.starts_on:
        text = f"契約の開始日（{wareki(engagement.starts_on)}）以後の日付を入力してください。"
        problems.append(Problem(None, "契約の終了日", text))
    if not reason.strip():
        problems.append(Problem(None, "理由", "必須です。値を入力してください。"))
    if problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        row: Engagement = lock(engagement)
        if row.ends_on is not None:
            raise Conflict(f"この契約は{wareki(row.ends_on)}に終了しています。")
        row.ends_on = ends_on
        row.save(update_fields=["ends_on"])
        after = {"ends_on": ends_on.isoformat()}
        record(actor, "hubs.people.end_engagement", row, after=after, reason=reason)
    return row


def write_answers(
    *, survey: QualificationSurvey, changes: Sequence[dict[str, Any]], is_sample: bool
) -> list[dict[str, Any]]:
    """Write the answers of a checked file inside the import's transaction; returns undo records.

    The number of statements does not depend on the number of rows; core.imports lets one import
    write at a time, after comparing anew.
    """
    people = _write_people(changes, is_sample)
    engagements = _write_engagements(survey, changes, people, is_sample)
    responses = _write_responses(survey, changes, people)
    _write_ticks(changes, responses)
    return [
        {
            "person": people[place].pk,
            "person_before": change["person_before"],
            "engagement": engagements.get(place),
            "step": change["step"],
            "response": responses[place].pk,
            "before": change["before"],
            "after": change["after"],
        }
        for place, change in enumerate(changes)
    ]


def _write_people(changes: Sequence[dict[str, Any]], is_sample: bool) -> dict[int, Person]:
    held = Person.objects.in_bulk([row["person_id"] for row in changes if row["person_id"]])
    fresh: list[Person] = []
    people: dict[int, Person] = {}
    for place, change in enumerate(changes):
        person = held.get(change["person_id"])
        if person is None:
            person = Person(is_sample=is_sample)
            fresh.append(person)
        _name(person, change["after"])
        people[place] = person
    Person.objects.bulk_create(fresh)
    Person.objects.bulk_update(held.values(), ["name", "kana", "name_key", "kana_key"])
    return people


def _name(person: Person, said: dict[str, Any]) -> None:
    person.name, person.kana = said["name"], said["kana"]
    person.name_key, person.kana_key = name_key(said["name"]), kana_key(said["kana"])


def _write_engagements(
    survey: QualificationSurvey,
    changes: Sequence[dict[str, Any]],
    people: dict[int, Person],
    is_sample: bool,
) -> dict[int, int]:
    """End, correct and create; in this order, so that a hub never has two open CCs on the way."""
    for change in changes:
        step = change["step"]
        if step["kind"] == "switch":
            Engagement.objects.filter(pk=step["stint_id"]).update(
                ends_on=date.fromisoformat(step["ends_on"])
            )
    _set_roles(
        (change["step"]["stint_id"], change["after"]["role"])
        for change in changes
        if change["step"]["kind"] == "correct"
    )
    bodies = _bodies(fiscal_year_of(survey.as_of))
    created = {
        place: Engagement(
            person=people[place],
            hub_id=change["hub_id"],
            implementing_body_id=bodies.get(change["hub_id"]),
            role=change["after"]["role"],
            starts_on=survey.as_of,
            ends_on=_open_end(change["step"]),
            is_sample=is_sample,
        )
        for place, change in enumerate(changes)
        if change["step"]["kind"] in {"create", "switch"}
    }
    Engagement.objects.bulk_create(created.values())
    return {place: engagement.pk for place, engagement in created.items()}


def _open_end(step: dict[str, Any]) -> date | None:
    if step["kind"] == "create" and step["ends_on"]:
        return date.fromisoformat(step["ends_on"])
    return None


def _set_roles(pairs: Iterable[tuple[int, str]]) -> None:
    by_role = defaultdict(list)
    for engagement_id, role in pairs:
        by_role[role].append(engagement_id)
    # Those who step down first: the constraint allows one open CC at every moment.
    for role in sorted(by_role, key=lambda role: role == CC):
        Engagement.objects.filter(pk__in=by_role[role]).update(role=role)


def _bodies(fiscal_year: int) -> dict[int, int]:
    rows = CommissionContract.objects.filter(fiscal_year=fiscal_year).order_by("-starts_on", "-pk")
    return dict(rows.values_list("hub_id", "implementing_body_id"))


def _write_responses(
    survey: QualificationSurvey, changes: Sequence[dict[str, Any]], people: dict[int, Person]
) -> dict[int, QualificationResponse]:
    held = QualificationResponse.objects.in_bulk(
        [change["response_id"] for change in changes if change["response_id"]]
    )
    fresh: list[QualificationResponse] = []
    responses: dict[int, QualificationResponse] = {}
    for place, change in enumerate(changes):
        response = held.get(change["response_id"])
        if response is None:
            response = QualificationResponse(
                survey=survey, person=people[place], hub_id=change["hub_id"]
            )
            fresh.append(response)
        response.role = change["after"]["role"]
        responses[place] = response
    QualificationResponse.objects.bulk_create(fresh)
    QualificationResponse.objects.bulk_update(held.values(), ["role"])
    return responses


def _write_ticks(
    changes: Sequence[dict[str, Any]], responses: dict[int, QualificationResponse]
) -> None:
    wanted = [(responses[place].pk, change["after"]) for place, change in enumerate(changes)]
    _set_ticks(wanted)


def _set_ticks(wanted: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Make the ticks of these answers what is wanted; a tick that stays keeps its status."""
    categories = {row.code: row for row in QualificationCategory.objects.all()}
    held: dict[int, dict[str, ResponseTick]] = defaultdict(dict)
    rows = ResponseTick.objects.filter(response_id__in=[pk for pk, _ in wanted])
    for tick in rows.select_related("category"):
        held[tick.response_id][tick.category.code] = tick
    gone, fresh, changed = [], [], []
    for response_id, said in wanted:
        present = held[response_id]
        gone += [tick.pk for code, tick in present.items() if code not in said["codes"]]
        for code in said["codes"]:
            text = said["other_text"] if categories[code].is_other else ""
            stays = present.get(code)
            if stays is None:
                fresh.append(
                    ResponseTick(
                        response_id=response_id, category=categories[code], other_text=text
                    )
                )
            elif stays.other_text != text:
                stays.other_text = text
                changed.append(stays)
    ResponseTick.objects.filter(pk__in=gone).delete()
    ResponseTick.objects.bulk_create(fresh)
    ResponseTick.objects.bulk_update(changed, ["other_text"])


def take_back_answers(*, entries: Sequence[dict[str, Any]]) -> None:
    """Undo ``write_answers`` as a unit; the caller has checked that nothing moved since."""
    added = [entry for entry in entries if entry["before"] is None]
    changed = [entry for entry in entries if entry["before"] is not None]
    QualificationResponse.objects.filter(pk__in=[row["response"] for row in added]).delete()
    for role in {row["before"]["role"] for row in changed}:
        ids = [row["response"] for row in changed if row["before"]["role"] == role]
        QualificationResponse.objects.filter(pk__in=ids).update(role=role)
    _set_ticks([(row["response"], row["before"]) for row in changed])
    _take_back_engagements(entries)
    _take_back_people(entries)


def _take_back_engagements(entries: Sequence[dict[str, Any]]) -> None:
    made = [row["engagement"] for row in entries if row["engagement"]]
    Engagement.objects.filter(pk__in=made).delete()
    _set_roles(
        (row["step"]["stint_id"], row["step"]["previous_role"])
        for row in entries
        if row["step"]["kind"] == "correct"
    )
    reopened = [row["step"]["stint_id"] for row in entries if row["step"]["kind"] == "switch"]
    Engagement.objects.filter(pk__in=reopened).update(ends_on=None)


def _take_back_people(entries: Sequence[dict[str, Any]]) -> None:
    created = [row["person"] for row in entries if row["person_before"] is None]
    Person.objects.filter(pk__in=created).delete()
    before = {row["person"]: row["person_before"] for row in entries if row["person_before"]}
    renamed = list(Person.objects.filter(pk__in=before))
    for person in renamed:
        _name(person, before[person.pk])
    Person.objects.bulk_update(renamed, ["name", "kana", "name_key", "kana_key"])


def refuse_moved_people(*, entries: Sequence[dict[str, Any]]) -> None:
    """Conflict when a person or engagement of the import was used or changed afterwards."""
    created = [row["person"] for row in entries if row["person_before"] is None]
    mine = Counter(row["person"] for row in entries)
    people = Person.objects.filter(pk__in=created).annotate(
        answers=Count("responses", distinct=True), stints=Count("engagements", distinct=True)
    )
    busy = [one for one in people if one.answers != mine[one.pk] or one.stints != mine[one.pk]]
    expected = {row["engagement"]: row for row in entries if row["engagement"]}
    stints = Engagement.objects.filter(pk__in=expected)
    untouched = [
        stint
        for stint in stints
        if stint.role == expected[stint.pk]["after"]["role"]
        and stint.ends_on == _open_end(expected[stint.pk]["step"])
    ]
    others = Q(pk__in=[row["step"]["stint_id"] for row in entries if row["step"]["stint_id"]])
    lost = Engagement.objects.filter(others).count() != len(
        {row["step"]["stint_id"] for row in entries if row["step"]["stint_id"]}
    )
    if busy or lost or len(untouched) != len(expected):
        raise Conflict(MOVED)

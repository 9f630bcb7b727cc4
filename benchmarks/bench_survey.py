"""P6: a survey of 3,000 people, preview and apply, over the same file brought in row by row.

The product's own upload, check and apply jobs on one side; on the other the plain ORM
(row_by_row.py). Both read the same CP932 file and must store the same answers and ticks.
"""

import csv
import io
import random
from datetime import date, timedelta
from itertools import count
from typing import Any

from benchmarks import ground, row_by_row
from benchmarks.frame import Bench, WrongResultError, same, timed
from benchmarks.judging import Metric, at_most, ratio
from hubs.network.models import Hub
from hubs.people.models import QualificationResponse, ResponseTick
from yorozu.core.imports import kinds
from yorozu.core.imports.models import BatchState
from yorozu.core.imports.operations import start_apply, upload
from yorozu.core.jobs.models import JobState
from yorozu.core.jobs.runner import run as run_job

PEOPLE = 3_000
KIND = "people.qualifications"
COST = Metric(
    "P6",
    "3,000-person survey: preview and apply / preview and confirm row by row (plain ORM)",
    at_most(1 / 5, 1 / 15),
    ("row_by_row",),
)
KANA = "アイウエオカキクケコ"
KANJI = "一二三四五六七八九十"


def run(bench: Bench) -> None:
    """Both sides in turn; every round has people and a survey of its own."""
    ground.make_hubs(47)
    numbers = count(1)

    def product() -> float:
        number = next(numbers)
        data, ticks = survey_file(bench.options.seed, number)
        seconds, _ = timed(lambda: by_product(data, _day(number)))
        _check(_day(number), ticks)
        return seconds

    def plain() -> float:
        number = next(numbers)
        data, ticks = survey_file(bench.options.seed, number)
        seconds, found = timed(
            lambda: (
                row_by_row.preview(data, _day(number)),
                row_by_row.confirm(data, _day(number)),
            )
        )
        same("preview and confirmation", found[0], found[1])
        _check(_day(number), ticks)
        return seconds

    times = bench.rounds({"row_by_row": plain, "product": product})
    bench.report(COST, ratio(times["product"], times["row_by_row"]), times, people=PEOPLE)


def _day(number: int) -> date:
    return date(2020, 1, 1) + timedelta(days=number)


def by_product(data: bytes, as_of: date) -> None:
    """Upload, check and apply as the jobs do."""
    params = {"as_of": as_of.isoformat(), "name": f"調査{as_of}", "is_sample": True}
    batch = upload(ground.actor(), kind=KIND, params=params, filename="survey.csv", data=data)
    if run_job(batch.check_job_id or 0) != JobState.SUCCEEDED:
        raise WrongResultError("the check did not succeed")
    batch.refresh_from_db()
    same("state after the preview", (batch.state, batch.problems), (BatchState.READY, []))
    job = start_apply(ground.actor(), batch=batch)
    if run_job(job.pk) != JobState.SUCCEEDED:
        raise WrongResultError("the file was not applied")


def _check(day: date, ticks: int) -> None:
    answers = QualificationResponse.objects.filter(survey__as_of=day)
    same("answers", answers.count(), PEOPLE)
    same("ticks", ResponseTick.objects.filter(response__in=answers).count(), ticks)


def survey_file(seed: int, number: int) -> tuple[bytes, int]:
    """3,000 people nobody knows yet in the import's own shape, as CP932, and how many ticks."""
    draw = random.Random(f"{seed}/{number}")  # noqa: S311 (a reproducible file, no secret)
    columns = kinds.find(KIND).columns({})
    codes = list(Hub.objects.order_by("code").values_list("code", "name"))
    sheet, ticks = io.StringIO(), 0
    writer = csv.writer(sheet)
    writer.writerow([column.heading for column in columns])
    for person in range(PEOPLE):
        code, hub = codes[person % len(codes)]
        digits = [int(digit) for digit in f"{number:03d}{person:05d}"]
        values: dict[str, Any] = {
            "hub_code": code,
            "hub_name": hub,
            "role": "CO",
            "name": "見本" + "".join(KANJI[digit] for digit in digits),
            "kana": "ミホン" + "".join(KANA[digit] for digit in digits),
        }
        for column in columns:
            marked = column.name.startswith("q_") and column.name != "q_other"
            if marked and draw.random() < 0.08:
                values[column.name] = "○"
                ticks += 1
        writer.writerow([values.get(column.name, "") for column in columns])
    return sheet.getvalue().encode("cp932"), ticks

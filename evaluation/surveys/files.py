"""The letters of a wave on paper: one sheet per addressee, one or more PDFs per hub, one zip."""

import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import IO

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from evaluation.surveys.models import Questionnaire, SurveyInvitation, SurveyWave
from evaluation.surveys.operations import Mode, Printed
from evaluation.surveys.rules import ROOMY_LINES, sheet_lines
from yorozu.core import charts, clock
from yorozu.core.pdf import render_side_by_side

# A document of so many sheets stays far within the limits of one rendering.
SHEETS_PER_FILE = 50
TEMPLATE = "evaluation/surveys/letters_print.html"


@dataclass(frozen=True)
class Sheet:
    """One letter as its sheet shows it; outside only ``addressee`` and ``number``."""

    addressee: str
    number: str
    hub_name: str
    link: str
    code: SafeString


def link_of(token: str) -> str:
    """The address that stands on the paper."""
    return f"{settings.PORTAL_ADDRESS.rstrip('/')}{reverse('survey_answer', args=[token])}"


def sheet(one: Printed) -> Sheet:
    """The sheet of one letter."""
    link = link_of(one.token)
    return Sheet(
        addressee_of(one.letter),
        one.letter.number,
        one.letter.hub.name,
        link,
        charts.qr(link, "回答の画面のQRコード"),
    )


def addressee_of(letter: SurveyInvitation) -> str:
    """What stands outside: the client number, or the organisation and which person of it."""
    if letter.organization is None:
        return f"相談者番号 {letter.client_key}"
    return f"{letter.organization.name}　ご担当者様（{letter.person}人目）"


def is_dense(asked: Questionnaire) -> bool:
    """Whether the words fill a sheet only in smaller type."""
    outcomes = "　　".join(label for _, label in asked.outcomes)
    # The title stands in large type: it counts twice.
    texts = [asked.title * 2, asked.introduction, asked.level_question]
    texts += [asked.reason_question, asked.reasons]
    texts += [asked.outcome_question, outcomes if asked.outcome_question else ""]
    return sheet_lines(texts) > ROOMY_LINES


def letters_html(wave: SurveyWave, mode: Mode, sheets: Sequence[Sheet]) -> str:
    """The document of some letters."""
    context = {
        "wave": wave,
        "asked": wave.questionnaire,
        "sheets": sheets,
        "is_reminder": mode == Mode.REMIND,
        "is_again": mode == Mode.AGAIN,
        "is_dense": is_dense(wave.questionnaire),
        "made_on": clock.today(),
        "is_sample_data": settings.IS_SAMPLE_DATA,
        "for_pdf": True,
    }
    return render_to_string(TEMPLATE, context)


def parts(printed: Sequence[Printed]) -> Iterator[tuple[str, list[Printed]]]:
    """(file name, letters) of a bundle, hub by hub."""
    for (code, name), rows in groupby(
        printed, key=lambda one: (one.letter.hub.code, one.letter.hub.short_name)
    ):
        mine = list(rows)
        for place, start in enumerate(range(0, len(mine), SHEETS_PER_FILE), start=1):
            yield f"{code}_{name}_{place:02d}.pdf", mine[start : start + SHEETS_PER_FILE]


def pack(
    wave: SurveyWave,
    mode: Mode,
    printed: Sequence[Printed],
    tell: Callable[[int, str], None],
) -> IO[bytes]:
    """All letters as a zip of PDFs; ``tell`` hears after each file how many sheets are made."""
    packed = tempfile.TemporaryFile()  # noqa: SIM115 (handed on to the caller)
    stamp = timezone.localtime(clock.now()).timetuple()[:6]
    listed = list(parts(printed))
    pages = (letters_html(wave, mode, [sheet(one) for one in chunk]) for _, chunk in listed)
    done = 0
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for (name, chunk), document in zip(listed, render_side_by_side(pages), strict=True):
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, document)
            done += len(chunk)
            tell(done, name)
    return packed

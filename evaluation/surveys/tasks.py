"""Jobs of this slice: the bundle of letters, and the look at the clock of open waves."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.core.files import File
from django.core.files.storage import default_storage
from django.urls import reverse

from evaluation.surveys.files import pack
from evaluation.surveys.models import SurveyWave, WaveState
from evaluation.surveys.operations import (
    LettersWanted,
    Mode,
    Printed,
    chosen,
    keep_links,
    tell_after_the_end,
    tell_before_the_end,
)
from evaluation.surveys.queries import LETTERS_JOB, PLACE, fresh_token
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.errors import NotReady
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext, actor_of

DAYS_BEFORE = 7


@handles(LETTERS_JOB)
def make_letters(context: JobContext) -> dict[str, Any]:
    """Print the letters with fresh links; hashes and bundle are kept together or not at all."""
    actor, params = actor_of(context.job), context.params
    wave = SurveyWave.objects.select_related("term", "questionnaire").get(pk=params["wave_id"])
    mode = Mode(params["mode"])
    hub = Hub.objects.get(pk=params["hub_id"]) if params["hub_id"] else None
    rows = chosen(wave, LettersWanted(mode, hub, params["number"]))
    printed = [Printed(row, fresh_token()) for row in rows]
    if not printed:
        raise NotReady("作成する手紙がありません。すでに作成されたか、回答されています。")
    total = len(printed)
    context.progress(0, total, "手紙を作成しています")

    def tell(done: int, name: str) -> None:
        context.progress(done, total, f"手紙を作成しています（{name}）")

    with pack(wave, mode, printed, tell) as packed:
        page = f"{reverse('survey_wave', args=[wave.pk])}#letters"
        with context.closing(url=page) as result:
            keep_links(actor=actor, wave=wave, mode=mode, printed=printed)
            packed.seek(0)
            place = default_storage.save(f"surveys/letters-{context.job_id}.zip", File(packed))
            result.update({PLACE: place, "count": total, "mode": mode.value})
    return result


@shared_task(name="surveys.watch_waves")
def watch_waves() -> int:
    """Tell of ends that come near or have passed; each telling is sent once. Returns the waves."""
    now = clock.now()
    rows = SurveyWave.objects.filter(state=WaveState.OPEN).select_related("term")
    for wave in rows.order_by("pk"):
        if now >= wave.closes_at:
            tell_after_the_end(wave)
        elif wave.opens_at <= now and wave.closes_at - now <= timedelta(days=DAYS_BEFORE):
            tell_before_the_end(wave)
    return len(rows)

"""Notices about waves: to hubs and bureaus at the opening, before the end and when it is counted.

No notice says how many have answered: before the count that is nobody's business.
"""

from django.urls import reverse

from evaluation.surveys.models import SurveyFrame, SurveyWave
from hubs.integrity.queries.people import bureau_people, headquarters_people, hub_people
from yorozu.core import clock
from yorozu.core.fiscal import weekday_of
from yorozu.core.notices.operations import Message, notify_all


def _moment(wave: SurveyWave) -> str:
    local = wave.closes_at.astimezone(clock.now().tzinfo)
    return f"{local.month}月{local.day}日（{weekday_of(local.date())}）{local:%H:%M}"


def _asked(wave: SurveyWave) -> list[int]:
    rows = SurveyFrame.objects.filter(wave=wave, size__gt=0)
    return list(rows.order_by("hub_id").values_list("hub_id", flat=True))


def tell_of_opening(wave: SurveyWave) -> None:
    """Answers are taken now: hubs pass the letters on, bureaus know."""
    _tell(
        wave,
        act=f"survey:open:{wave.pk}",
        to_hubs=f"{wave}の回答の受付を始めました（締切 {_moment(wave)}）。"
        "全国本部から届く封をした手紙を、そのままお渡しください。",
        to_bureaus=f"{wave}の回答の受付を始めました（締切 {_moment(wave)}）。",
    )


def tell_before_the_end(wave: SurveyWave) -> None:
    """A week before the end; a second telling is the same notice."""
    _tell(
        wave,
        act=f"survey:soon:{wave.pk}",
        to_hubs=f"{wave}の回答の締切（{_moment(wave)}）が近づいています。"
        "まだお渡ししていない手紙がないか、確認してください。",
        to_bureaus=f"{wave}の回答の締切（{_moment(wave)}）が近づいています。",
    )
    _tell_headquarters(
        wave,
        key=f"survey:soon:{wave.pk}:hq",
        text=f"{wave}の回答の締切が近づいています。必要であれば、再度のお願いの手紙を作成してください。",
    )


def tell_after_the_end(wave: SurveyWave) -> None:
    """The end has passed: headquarters count."""
    text = f"{wave}の回答を締め切りました。用紙の回答を入力して、集計を確定してください。"
    _tell_headquarters(wave, key=f"survey:end:{wave.pk}", text=text)


def tell_of_count(wave: SurveyWave) -> None:
    """The figures are final."""
    text = f"{wave}の集計が確定しました。"
    _tell(wave, act=f"survey:count:{wave.pk}", to_hubs=text, to_bureaus=text)


def _tell(wave: SurveyWave, *, act: str, to_hubs: str, to_bureaus: str) -> None:
    hubs = _asked(wave)
    codes = dict(SurveyFrame.objects.filter(wave=wave).values_list("hub_id", "hub__code"))
    messages = []
    for user_id, mine in sorted(hub_people(hubs).items()):
        page = reverse("survey_hub", args=[wave.term.fiscal_year, codes[min(mine)]])
        messages.append(Message(user_id, f"{act}:hub", to_hubs, page))
    page = reverse("survey_wave", args=[wave.pk])
    messages += [
        Message(user_id, f"{act}:bureau", to_bureaus, page)
        for user_id in sorted(bureau_people(hubs))
    ]
    notify_all(messages, act=act, mail=True)


def _tell_headquarters(wave: SurveyWave, *, key: str, text: str) -> None:
    page = reverse("survey_wave", args=[wave.pk])
    people = headquarters_people()
    notify_all([Message(user_id, key, text, page) for user_id in people], act=key, mail=True)

"""Screens of the waves: list, one wave with its hubs and its next step, drawing, letters, paper."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.surveys import operations, queries, tables
from evaluation.surveys.flow import CANCEL, CLOSE, DRAW, OPEN, WAVE_FLOW
from evaluation.surveys.forms import (
    CancelForm,
    ExclusionForm,
    PaperForm,
    ReissueForm,
    WaveForm,
    wave_initial,
)
from evaluation.surveys.models import (
    ExclusionKind,
    PartnerExclusion,
    Questionnaire,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.operations import LettersWanted, Mode
from evaluation.surveys.rules import read_number
from evaluation.surveys.views.questionnaires import crumbs, sent
from hubs.integrity.models import IntegrityFlag
from hubs.integrity.rules import RAISED_ABOVE
from hubs.network.models import Hub
from hubs.terms.models import Term
from yorozu.core import clock, fiscal
from yorozu.core.access import Scope, allow, decide, scope_of
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady
from yorozu.core.jobs.models import Job
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.downloads import sheet_file
from yorozu.core.web.forms import status_of

VIEW, PREPARE = "evaluation.surveys.view", "evaluation.surveys.prepare"
LETTERS, ENTER = "evaluation.surveys.letters", "evaluation.surveys.enter"


@require_safe
@allow(VIEW)
def survey_waves(request: HttpRequest) -> HttpResponse:
    """All waves, the newest first."""
    scope = scope_of(request)
    may_prepare = decide(scope, PREPARE).allowed
    context = {
        "title": "調査回",
        "breadcrumbs": [*crumbs()[:-1], Crumb("調査回")],
        "table": tables.wave_table(queries.waves()),
        "may_prepare": may_prepare,
        "has_questionnaire": Questionnaire.objects.exists(),
        "exclusions": PartnerExclusion.objects.visible_to(scope).select_related(
            "hub", "organization"
        ),
    }
    return render(request, "evaluation/surveys/waves.html", context)


def _get(pk: int) -> SurveyWave:
    return get_object_or_404(queries.waves(), pk=pk)


def _way_to(wave: SurveyWave) -> Missing:
    return Missing(str(wave), "survey_wave", "", (wave.pk,))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PREPARE)
def survey_wave_new(request: HttpRequest) -> HttpResponse:
    """Settle what a new wave asks, when and whom."""
    form = WaveForm(sent(request), initial=wave_initial())
    if request.method == "POST" and form.is_valid():
        wave = operations.create_wave(
            actor=scope_of(request),
            term=Term.objects.get(pk=form.cleaned_data["term"]),
            kind=WaveKind(form.cleaned_data["kind"]),
            plan=form.plan(),
        )
        messages.success(request, f"{wave}の調査回を作成しました。次は標本を抽出します。")
        return redirect("survey_wave", pk=wave.pk)
    return _edit_page(request, form, "調査回の作成")


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PREPARE)
def survey_wave_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Other settings, until the sample is drawn."""
    wave = _get(pk)
    if request.method != "POST":
        operations.require_draft(wave)
    form = WaveForm(sent(request), initial=wave_initial(wave), wave=wave)
    if request.method == "POST" and form.is_valid():
        operations.change_wave(actor=scope_of(request), wave=wave, plan=form.plan())
        messages.success(request, "調査の条件を保存しました。")
        return redirect("survey_wave", pk=wave.pk)
    return _edit_page(request, form, f"{wave}の条件", wave)


def _edit_page(
    request: HttpRequest, form: WaveForm, title: str, wave: SurveyWave | None = None
) -> HttpResponse:
    context = {
        "title": title,
        "breadcrumbs": crumbs(Crumb(title)),
        "form": form,
        "wave": wave,
    }
    return render(request, "evaluation/surveys/wave_edit.html", context, status=status_of(form))


# --- One wave -------------------------------------------------------------------------------------


@require_safe
@allow(VIEW)
def survey_wave(request: HttpRequest, pk: int) -> HttpResponse:
    """The hubs of a wave, its conditions, and for headquarters the next step."""
    return _wave_page(request, _get(pk))


def _wave_page(
    request: HttpRequest,
    wave: SurveyWave,
    cancel_form: CancelForm | None = None,
    reissue_form: ReissueForm | None = None,
) -> HttpResponse:
    scope = scope_of(request)
    found = queries.wave_lines(wave, scope)
    faulty = cancel_form or reissue_form
    counted = wave.state == WaveState.CLOSED
    may_letters = decide(scope, LETTERS).allowed
    offers = {one.action for one in WAVE_FLOW.offers(wave, scope)}
    now = clock.now()
    context = {
        "title": str(wave),
        "breadcrumbs": crumbs(Crumb(str(wave))),
        "wave": wave,
        "chip": queries.wave_chip(wave),
        "found": found,
        "facts": _facts(wave),
        "steps": _steps(wave),
        "table": tables.hub_table(wave, found, request.GET.get("sort", "")),
        "counted": counted,
        "asides": tables.aside_tables(wave, queries.asides(wave)) if counted else [],
        "flags": tables.flag_table(_flags(wave, scope)) if counted else None,
        "frames": tables.left_out_table(_frames(wave, scope)) if wave.is_partner else None,
        "is_draft": wave.state == WaveState.DRAFT,
        "letters": queries.letters_of(wave) if may_letters else None,
        "bundles": queries.bundles(wave) if may_letters else [],
        "making": queries.making(wave) if may_letters else None,
        "may_edit": wave.state == WaveState.DRAFT and decide(scope, PREPARE).allowed,
        "may_draw": DRAW in offers,
        "may_open": OPEN in offers,
        "may_close": CLOSE in offers,
        "is_ended": now >= wave.closes_at,
        "starts_later": now < wave.opens_at,
        "is_running": wave.state == WaveState.OPEN and now < wave.closes_at,
        "may_enter": wave.state == WaveState.OPEN and decide(scope, ENTER).allowed,
        "may_read_texts": counted and decide(scope, ENTER).allowed,
        "cancel_form": (cancel_form or CancelForm()) if CANCEL in offers else None,
        "reissue_form": reissue_form or ReissueForm(),
        "form": faulty,
        "has_errors": bool(faulty and faulty.errors),
    }
    return render(request, "evaluation/surveys/wave.html", context, status=422 if faulty else 200)


def _frames(wave: SurveyWave, scope: Scope) -> Any:
    hubs = Hub.objects.visible_to(scope).values("pk")
    return wave.frames.filter(hub__in=hubs).select_related("hub").order_by("hub__code")


def _flags(wave: SurveyWave, scope: Scope) -> Any:
    rows = IntegrityFlag.objects.visible_to(scope).filter(
        term=wave.term, check_code__in=sorted(RAISED_ABOVE)
    )
    subject = operations.subject_of(wave)
    return rows.filter(subject=subject).select_related("hub").order_by("hub__code", "pk")


def _facts(wave: SurveyWave) -> list[dict[str, Any]]:
    asked = wave.questionnaire
    whom = (
        f"拠点と連携するすべての支援機関（1機関{wave.people}人）"
        if wave.is_partner
        else f"期間内の相談者の{wave.share_percent}％"
        f"（拠点ごとに{wave.minimum}人から{wave.maximum:,}人）"
    )
    facts: list[dict[str, Any]] = [
        {"label": "調査票", "value": f"{asked}「{asked.title}」"},
        {"label": "回答の開始", "value": wave.opens_at},
        {"label": "回答の締切", "value": wave.closes_at},
        {"label": "聞く相手", "value": whom},
    ]
    if not wave.is_partner:
        from_to = f"{fiscal.wareki(wave.frame_from)}から{fiscal.wareki(wave.frame_to)}まで"
        facts.append({"label": "相談日の期間", "value": from_to})
    if wave.drawn_at:
        facts += [
            {"label": "抽出", "value": wave.drawn_at},
            {"label": "乱数の種", "value": wave.seed},
            {"label": "抽出元のハッシュ", "value": wave.frame_hash},
        ]
    if wave.closed_at:
        facts.append({"label": "集計の確定", "value": wave.closed_at})
    return facts


_PLACES = [
    WaveState.DRAFT,
    WaveState.DRAWN,
    WaveState.OPEN,
    WaveState.CLOSED,
]


def _steps(wave: SurveyWave) -> list[dict[str, Any]]:
    """Where the wave stands among its four steps; none when it was called off."""
    if wave.state == WaveState.CANCELLED:
        return []
    place = _PLACES.index(WaveState(wave.state))
    if wave.state == WaveState.OPEN and clock.now() >= wave.closes_at:
        place += 1
    labels = ("条件の設定", "抽出と手紙", "回答の受付", "集計")
    return [
        {
            "label": label,
            "url": "",
            "state": "",
            "done": number < place or wave.state == WaveState.CLOSED,
            "current": number == place and wave.state != WaveState.CLOSED,
        }
        for number, label in enumerate(labels)
    ]


@require_safe
@allow(VIEW)
def survey_wave_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The table of the hubs as CSV or XLSX."""
    wave = _get(pk)
    found = queries.wave_lines(wave, scope_of(request))
    name = f"{wave.get_kind_display()}_{wave.term.fiscal_year}年度_調査回"
    rows = tables.file_rows(wave, found)
    return sheet_file(request, kind=kind, name=name, header=tables.HEADER, rows=rows)


@require_safe
@allow(VIEW)
def survey_redraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw again from the ledger as it is now, with the kept seed, and compare."""
    wave = _get(pk)
    if wave.state == WaveState.DRAFT or not wave.seed:
        raise Http404
    scope = scope_of(request)
    keys = {one.hub.pk: one.keys for one in queries.sources_of(wave, standing=True)}
    rows = [row for row in queries.redraw(wave, keys) if scope.covers(row.hub.pk)]
    context = {
        "title": f"{wave}の抽出の検算",
        "breadcrumbs": crumbs(
            Crumb(str(wave), reverse("survey_wave", args=[wave.pk])), Crumb("抽出の検算")
        ),
        "wave": wave,
        "sentence": tables.redraw_sentence(rows),
        "table": tables.redraw_table(rows),
    }
    return render(request, "evaluation/surveys/redraw.html", context)


@require_safe
@allow(ENTER)
def survey_texts(request: HttpRequest, pk: int) -> HttpResponse:
    """Free words of a counted wave, for headquarters."""
    wave = _get(pk)
    if wave.state != WaveState.CLOSED:
        raise Conflict("自由記入は、集計を確定したあとで読めます。", _way_to(wave))
    context = {
        "title": f"{wave}の自由記入",
        "breadcrumbs": crumbs(
            Crumb(str(wave), reverse("survey_wave", args=[wave.pk])), Crumb("自由記入")
        ),
        "wave": wave,
        "answers": queries.texts(wave),
    }
    return render(request, "evaluation/surveys/texts.html", context)


# --- Steps ----------------------------------------------------------------------------------------


@require_POST
@allow(DRAW)
def survey_draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the sample; it cannot be drawn again."""
    wave = operations.draw_wave(actor=scope_of(request), wave=_get(pk))
    messages.success(request, "標本を抽出しました。次は手紙を作成します。")
    return redirect("survey_wave", pk=wave.pk)


@require_POST
@allow(OPEN)
def survey_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Take answers from the settled moment on."""
    wave = operations.open_wave(actor=scope_of(request), wave=_get(pk))
    messages.success(request, "回答の受付を始めました。拠点と経済産業局に通知しました。")
    return redirect("survey_wave", pk=wave.pk)


@require_POST
@allow(CLOSE)
def survey_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Count the answers once and for all."""
    wave = operations.close_wave(actor=scope_of(request), wave=_get(pk))
    messages.success(request, "集計を確定しました。評価の証拠台帳は、この値を読みます。")
    return redirect("survey_wave", pk=wave.pk)


@require_POST
@allow(CANCEL)
def survey_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call the wave off."""
    wave, form = _get(pk), CancelForm(request.POST)
    if not form.is_valid():
        return _wave_page(request, wave, cancel_form=form)
    operations.cancel_wave(actor=scope_of(request), wave=wave, reason=form.cleaned_data["reason"])
    messages.success(request, "調査を中止しました。")
    return redirect("survey_wave", pk=wave.pk)


@require_POST
@allow(LETTERS)
def survey_letters(request: HttpRequest, pk: int, mode: str) -> HttpResponse:
    """Ask for letters: the first ones, reminders, or one letter anew."""
    wave = _get(pk)
    if mode not in list(Mode):
        raise Http404
    wanted = LettersWanted(Mode(mode))
    if wanted.mode == Mode.AGAIN:
        form = ReissueForm(request.POST)
        number = read_number(request.POST.get("number", ""))
        if form.is_valid() and number is None:
            form.add_error("number", "整理番号が正しくありません。手紙の番号を確かめてください。")
        if form.errors or number is None:
            return _wave_page(request, wave, reissue_form=form)
        wanted = LettersWanted(Mode.AGAIN, number=number)
    job = operations.start_letters(actor=scope_of(request), wave=wave, wanted=wanted)
    return redirect("job_detail", pk=job.pk)


@require_POST
@allow(LETTERS)
def survey_bundle(request: HttpRequest, pk: int, job_id: int) -> HttpResponseBase:
    """Hand the bundle out once; the portal keeps neither the file nor a link of it."""
    wave = _get(pk)
    job = get_object_or_404(Job, pk=job_id, kind=queries.LETTERS_JOB, params__wave_id=wave.pk)
    place = operations.take_letters(actor=scope_of(request), job=job)
    if not default_storage.exists(place):
        raise Conflict("手紙のファイルが見つかりません。再発行してください。")
    file = default_storage.open(place)
    default_storage.delete(place)
    name = f"{wave}_手紙_{job.pk}.zip"
    return FileResponse(file, as_attachment=True, filename=name)


# --- Paper ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@allow(ENTER)
def survey_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the sheets that came back, one after the other."""
    wave = _get(pk)
    initial = {"received_on": request.GET.get("day") or clock.today()}
    form = PaperForm(sent(request), asked=wave.questionnaire, initial=initial)
    if request.method == "POST" and form.is_valid() and _entered(request, wave, form):
        day = form.cleaned_data["received_on"]
        return redirect(f"{reverse('survey_paper', args=[wave.pk])}?day={day:%Y-%m-%d}")
    if request.method != "POST" and wave.state != WaveState.OPEN:
        text = f"{wave}は「{wave.get_state_display()}」のため、用紙の回答を入力できません。"
        raise Conflict(text, _way_to(wave))
    context = {
        "title": f"{wave}の用紙の入力",
        "breadcrumbs": crumbs(
            Crumb(str(wave), reverse("survey_wave", args=[wave.pk])), Crumb("用紙の入力")
        ),
        "wave": wave,
        "form": form,
    }
    return render(request, "evaluation/surveys/paper.html", context, status=status_of(form))


def _entered(request: HttpRequest, wave: SurveyWave, form: PaperForm) -> bool:
    """Keep the sheet; what the operation refuses stands at the field it is about."""
    data = form.cleaned_data
    fields = {"整理番号": "number", "受取日": "received_on"}
    try:
        answer = operations.enter_paper(
            actor=scope_of(request),
            wave=wave,
            number=data["number"],
            given=form.given(),
            received_on=data["received_on"],
        )
    except InvalidInput as error:
        for problem in error.problems:
            form.add_error(fields.get(problem.column), problem.message)
        return False
    except NotReady as error:
        form.add_error("number", error.message)
        return False
    messages.success(request, f"整理番号{answer.number}の回答を入力しました。")
    return True


# --- Who may not rate -----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@allow(PREPARE)
def survey_exclude(request: HttpRequest) -> HttpResponse:
    """Note an organisation that pays or houses a hub."""
    form = ExclusionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        row = operations.exclude_partner(
            actor=scope_of(request),
            hub=form.cleaned_data["hub"],
            organization=form.cleaned_data["organization"],
            kind=ExclusionKind(form.cleaned_data["kind"]),
        )
        messages.success(request, f"{row.organization.name}を、評価から除く機関に登録しました。")
        return redirect("survey_waves")
    context = {
        "title": "評価から除く支援機関の登録",
        "breadcrumbs": crumbs(Crumb("評価から除く支援機関")),
        "form": form,
    }
    return render(request, "evaluation/surveys/exclude.html", context, status=status_of(form))


@require_POST
@allow(PREPARE)
def survey_include(request: HttpRequest, pk: int) -> HttpResponse:
    """Take such a note back."""
    row = get_object_or_404(PartnerExclusion, pk=pk)
    operations.include_partner(actor=scope_of(request), exclusion=row)
    messages.success(request, "登録を取り消しました。")
    return redirect("survey_waves")

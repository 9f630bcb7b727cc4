"""Forms of this slice: imports, questionnaires, waves, paper, and the form behind a link."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from evaluation.surveys.models import (
    ExclusionKind,
    Questionnaire,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.operations import Given, WavePlan, Wording, check_wording, masked
from evaluation.surveys.rules import TEXT_LENGTH, reason_problem, setting_faults
from evaluation.surveys.rules.drawing import LARGEST, SHARE_PERCENT, SMALLEST
from hubs.ledger.rules import personal_data_in
from hubs.network.models import Hub
from hubs.partners.models import SupportOrganization
from hubs.terms.models import Term, TermState
from yorozu.core import clock
from yorozu.core.fiscal import first_day, nendo
from yorozu.core.web.forms import CountField, JapaneseDateField


def term_choices() -> list[tuple[int, str]]:
    """Terms to choose from, the latest first."""
    years = Term.objects.values_list("fiscal_year", flat=True)
    return [(year, nendo(year)) for year in years]


class SurveyImportForm(forms.Form):
    """The term the answers belong to; stored with the import as ``fiscal_year``."""

    fiscal_year = forms.TypedChoiceField(label="期", choices=term_choices, coerce=int)


def open_wave_choices() -> list[tuple[int, str]]:
    """Waves that take answers now."""
    rows = SurveyWave.objects.filter(state=WaveState.OPEN).select_related("term")
    return [(row.pk, str(row)) for row in rows]


class AnswersImportForm(forms.Form):
    """The wave the answers belong to."""

    wave = forms.TypedChoiceField(
        label="調査回",
        choices=open_wave_choices,
        coerce=int,
        help_text="回答を受け付けている調査回だけを選べます。",
    )


# --- Questionnaires -------------------------------------------------------------------------------

STANDARD = {
    WaveKind.SATISFACTION: Wording(
        title="よろず支援拠点のご利用についてのアンケート",
        introduction=(
            "よろず支援拠点をご利用いただき、ありがとうございました。支援をよりよくするため、"
            "全国本部がご意見をお聞きします。4つの質問で、1分ほどで終わります。"
            "ご回答は拠点ごとに集計し、どなたのご回答かは、拠点にも全国本部にも分かりません。"
        ),
        level_question="支援の内容に、どのくらい満足していますか。",
        reason_question="そのように思われた理由は何ですか（あてはまるものをすべて）。",
        reasons=(
            "話をよく聞いてもらえた\n提案が具体的だった\n専門の知識があった\n"
            "ほかの支援機関につないでもらえた\n相談の予約が取りにくかった\n"
            "提案が実情に合わなかった"
        ),
        outcome_question="拠点の提案を実行しましたか。実行した場合、成果はありましたか。",
        text_question="そのほか、お気づきのことがあればお書きください。",
    ),
    WaveKind.PARTNER: Wording(
        title="よろず支援拠点との連携についてのアンケート",
        introduction=(
            "日ごろ、よろず支援拠点と連携いただき、ありがとうございます。"
            "拠点の支援をよりよくするため、全国本部が支援機関の皆さまのご意見をお聞きします。"
            "同じ機関の複数の方のご回答は平均し、1つの値とします。"
        ),
        level_question="拠点との連携は、全体としていかがですか。",
        reason_question="そのように思われた理由は何ですか（あてはまるものをすべて）。",
        reasons=(
            "紹介した事業者への対応が早い\n結果の共有がある\n役割の分担が明確である\n"
            "連絡が取りにくい\n支援の内容が分かりにくい"
        ),
        text_question="そのほか、連携についてのご意見があればお書きください。",
    ),
}


LONG = {"size": "72"}
MOST_LINES = 10


class QuestionnaireForm(forms.Form):
    """The words of one version."""

    title = forms.CharField(label="表題", max_length=80)
    introduction = forms.CharField(
        label="前文",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="だれが、何のために聞くのか、回答がどう使われるのかを書いてください。",
    )
    level_question = forms.CharField(
        label="5段階の質問",
        max_length=120,
        widget=forms.TextInput(attrs=LONG),
        help_text="選択肢は、評価の方式で決まっている5段階です。",
    )
    reason_question = forms.CharField(
        label="理由の質問",
        max_length=120,
        widget=forms.TextInput(attrs=LONG),
        required=False,
    )
    reasons = forms.CharField(
        label="理由の選択肢",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="1行に1つ、8つまで。理由を聞かないときは、質問と選択肢を空にしてください。",
    )
    outcome_question = forms.CharField(
        label="提案の実行についての質問",
        max_length=120,
        widget=forms.TextInput(attrs=LONG),
        required=False,
        help_text="提案を実行したか、成果があったかを聞きます。聞かないときは空にしてください。",
    )
    text_question = forms.CharField(
        label="自由記入の質問",
        max_length=120,
        widget=forms.TextInput(attrs=LONG),
        required=False,
        help_text="回答に個人情報らしい記載があると、書き直しをお願いします。",
    )

    def clean_introduction(self) -> str:
        """Short enough for a letter of one sheet."""
        text: str = self.cleaned_data["introduction"]
        if len(text.splitlines()) > MOST_LINES:
            raise forms.ValidationError(f"前文は{MOST_LINES}行までにしてください。")
        return text

    def clean_reasons(self) -> str:
        """Few enough, short enough, each once."""
        text: str = self.cleaned_data["reasons"]
        if why := reason_problem(text):
            raise forms.ValidationError(why)
        return text

    def clean(self) -> dict[str, Any]:
        """What only shows when all words are there."""
        data = super().clean() or {}
        if not self.errors:
            for problem in check_wording(self.words()):
                self.add_error("reasons", problem.message)
        return data

    def words(self) -> Wording:
        """The cleaned words."""
        return Wording(**{name: self.cleaned_data.get(name, "") for name in self.fields})


# --- Waves ----------------------------------------------------------------------------------------


def open_term_choices() -> list[tuple[int, str]]:
    """Terms that run, the latest first."""
    rows = Term.objects.filter(state=TermState.OPEN)
    return [(row.pk, nendo(row.fiscal_year)) for row in rows]


def questionnaire_choices() -> list[tuple[int, str]]:
    """All versions, the newest of each kind first."""
    return [(row.pk, f"{row}（{row.title}）") for row in Questionnaire.objects.all()]


TIME = {"type": "time", "size": "6"}
SAMPLING = ("frame_from", "frame_to", "share_percent", "minimum", "maximum")
UNASKED = (*SAMPLING, "people")


class _MomentForm(forms.Form):
    """Two moments, each asked as a day and a time."""

    opens_on = JapaneseDateField(label="回答の開始日")
    opens_time = forms.TimeField(
        label="開始の時刻",
        widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
    )
    closes_on = JapaneseDateField(
        label="回答の締切日", help_text="用紙の回答は、この日までに届いたものを入力できます。"
    )
    closes_time = forms.TimeField(
        label="締切の時刻",
        widget=forms.TimeInput(attrs=TIME, format="%H:%M"),
    )


class WaveForm(_MomentForm):
    """What is settled before the drawing."""

    term = forms.TypedChoiceField(label="期", choices=open_term_choices, coerce=int)
    kind = forms.ChoiceField(label="種類", choices=WaveKind.choices)
    questionnaire = forms.TypedChoiceField(
        label="調査票", choices=questionnaire_choices, coerce=int
    )
    frame_from = JapaneseDateField(label="相談日（から）")
    frame_to = JapaneseDateField(
        label="相談日（まで）",
        help_text="この期間に相談した人から抽出します。支援機関による評価では使いません。",
    )
    share_percent = CountField(
        label="抽出率（％）",
        maximum=100,
        help_text="顧客満足度調査で、拠点ごとに、相談者のうち何％に聞くか。",
    )
    minimum = CountField(
        label="拠点ごとの最少数",
        maximum=9_999,
        help_text="顧客満足度調査で、抽出率で計算した数がこれより少ない拠点では、この人数まで聞きます。",
    )
    maximum = CountField(
        label="拠点ごとの最多数",
        maximum=9_999,
        help_text="顧客満足度調査で、1つの拠点で聞く人数の上限です。",
    )
    people = CountField(
        label="1機関の回答者数",
        maximum=5,
        help_text="支援機関による評価で、1つの機関に渡す手紙の数です。回答は機関ごとに平均します。",
    )
    field_order = [
        "term",
        "kind",
        "questionnaire",
        "opens_on",
        "opens_time",
        "closes_on",
        "closes_time",
        "frame_from",
        "frame_to",
        "share_percent",
        "minimum",
        "maximum",
        "people",
    ]

    def __init__(self, *args: Any, wave: SurveyWave | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wave = wave
        if wave is not None:
            # Term and kind make the wave what it is; what its kind does not use is not asked.
            for name in ("term", "kind", *(SAMPLING if wave.is_partner else ("people",))):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Ends after beginnings, limits in order, the questionnaire of the kind."""
        data = super().clean() or {}
        if self.errors:
            return data
        plan = self.plan()
        for name, text in setting_faults(plan, clock.now()):
            self.add_error(name if name in self.fields else None, text)
        kind = data.get("kind")
        if kind and plan.questionnaire.kind != kind:
            label = WaveKind(kind).label
            self.add_error("questionnaire", f"{label}の調査票を選んでください。")
        return data

    def plan(self) -> WavePlan:
        """The cleaned settings."""
        data = {name: getattr(self.wave, name) for name in UNASKED} if self.wave else {}
        data |= self.cleaned_data
        return WavePlan(
            questionnaire=Questionnaire.objects.get(pk=data["questionnaire"]),
            opens_at=moment(data["opens_on"], data["opens_time"]),
            closes_at=moment(data["closes_on"], data["closes_time"]),
            frame_from=data["frame_from"],
            frame_to=data["frame_to"],
            share_percent=data["share_percent"],
            minimum=data["minimum"],
            maximum=data["maximum"],
            people=data["people"],
        )


def moment(day: date, at: time) -> datetime:
    """A day and a time as a moment in Asia/Tokyo."""
    return datetime.combine(day, at, tzinfo=timezone.get_default_timezone())


def wave_initial(wave: SurveyWave | None = None) -> dict[str, Any]:
    """What the form proposes: the standing values, or the defaults of the running term."""
    if wave is not None:
        zone = timezone.get_default_timezone()
        opens, closes = wave.opens_at.astimezone(zone), wave.closes_at.astimezone(zone)
        names = ("frame_from", "frame_to", "share_percent", "minimum", "maximum", "people")
        return {
            "questionnaire": wave.questionnaire_id,
            "opens_on": opens.date(),
            "opens_time": opens.time(),
            "closes_on": closes.date(),
            "closes_time": closes.time(),
            **{name: getattr(wave, name) for name in names},
        }
    term = Term.objects.filter(state=TermState.OPEN).first()
    survey = term.deadlines.filter(code="survey").first() if term is not None else None
    due = survey.due_at.astimezone(timezone.get_default_timezone()) if survey else None
    asked = Questionnaire.objects.filter(kind=WaveKind.SATISFACTION).first()
    return {
        "kind": WaveKind.SATISFACTION,
        "questionnaire": asked.pk if asked is not None else None,
        "opens_time": time(9, 0),
        "closes_on": due.date() if due else None,
        "closes_time": due.time() if due else time(17, 0),
        "frame_from": first_day(term.fiscal_year) if term is not None else None,
        "frame_to": clock.today(),
        "share_percent": SHARE_PERCENT,
        "minimum": SMALLEST,
        "maximum": LARGEST,
        "people": 1,
    }


class CancelForm(forms.Form):
    """Why a wave is called off."""

    reason = forms.CharField(
        label="中止の理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="監査記録に残ります。中止した調査の回答は、集計に使いません。",
    )


class ReissueForm(forms.Form):
    """Whose letter is made anew."""

    number = forms.CharField(
        label="整理番号",
        max_length=12,
        help_text="手紙の番号（数字5桁-1桁）。前のリンクは無効になります。",
        widget=forms.TextInput(attrs={"size": "10", "autocomplete": "off"}),
    )


class ExclusionForm(forms.Form):
    """An organisation that pays or houses a hub."""

    hub = forms.ModelChoiceField(
        label="拠点", queryset=Hub.objects.all(), empty_label="選んでください"
    )
    organization = forms.ModelChoiceField(
        label="支援機関",
        empty_label="選んでください",
        queryset=SupportOrganization.objects.filter(merged_into=None, hubs__isnull=False)
        .distinct()
        .order_by("prefecture", "kind", "name_key"),
    )
    kind = forms.ChoiceField(label="関係", choices=ExclusionKind.choices)


# --- Answers --------------------------------------------------------------------------------------


class _AnswerFields(forms.Form):
    """The questions of a questionnaire as fields; ``levels`` are choices in other words."""

    def __init__(
        self,
        *args: Any,
        asked: Questionnaire,
        levels: Sequence[tuple[int, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        self.fields["level"] = forms.TypedChoiceField(
            label=asked.level_question,
            choices=levels or asked.levels,
            coerce=int,
            widget=forms.RadioSelect,
            error_messages={"required": "5つの中から1つを選んでください。"},
        )
        if asked.reason_question:
            self.fields["reasons"] = forms.MultipleChoiceField(
                label=asked.reason_question,
                choices=[(line, line) for line in asked.reason_list],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        if asked.outcome_question:
            self.fields["outcome"] = forms.ChoiceField(
                label=asked.outcome_question,
                choices=asked.outcomes,
                required=False,
                widget=forms.RadioSelect,
            )

    def given(self) -> Given:
        """What was said."""
        data = self.cleaned_data
        return Given(
            level=data["level"],
            outcome=data.get("outcome", ""),
            reasons=tuple(data.get("reasons", ())),
            text=data.get("text", ""),
        )


class AnswerForm(_AnswerFields):
    """The form behind a link."""

    def __init__(self, *args: Any, asked: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, asked=asked, **kwargs)
        self.offers_mask = False
        if asked.text_question:
            self.fields["text"] = forms.CharField(
                label=asked.text_question,
                required=False,
                max_length=TEXT_LENGTH,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=f"{TEXT_LENGTH}文字まで。お名前、電話番号、住所は書かないでください。",
            )
        self.fields["mask"] = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Words that look like personal data: written anew, or sent covered when that is wished."""
        data = super().clean() or {}
        text = data.get("text", "")
        found = personal_data_in(text)
        if found and data.get("mask"):
            data["text"] = masked(text)
        elif found:
            words = "、".join(f"「{one.text}」（{one.kind}）" for one in found)
            self.offers_mask = True
            self.add_error(
                "text",
                f"個人情報らしい記載があります：{words}。消して送るか、"
                "「この部分を伏せて送る」を押してください。",
            )
        return data


class PaperForm(_AnswerFields):
    """An answer on paper: the number with its check digit, and the level twice."""

    def __init__(self, *args: Any, asked: Questionnaire, **kwargs: Any) -> None:
        # With the numbers that stand on the sheet.
        printed = [(value, f"{value} {label}") for value, label in asked.levels]
        super().__init__(*args, asked=asked, levels=printed, **kwargs)
        number = forms.CharField(
            label="整理番号",
            max_length=12,
            help_text="用紙の番号（数字5桁-1桁）。",
            widget=forms.TextInput(attrs={"size": "10", "autocomplete": "off"}),
        )
        received = JapaneseDateField(label="受取日")
        again = forms.TypedChoiceField(
            label="確認のため、もう一度",
            choices=[("", "選んでください"), *printed],
            coerce=int,
            error_messages={"required": "確認のため、もう一度選んでください。"},
        )
        first = {"number": number, "received_on": received, "level": self.fields.pop("level")}
        self.fields = {**first, "level_again": again, **self.fields}

    def clean(self) -> dict[str, Any]:
        """Both readings of the sheet agree."""
        data = super().clean() or {}
        level, again = data.get("level"), data.get("level_again")
        if level is not None and again is not None and level != again:
            self.add_error("level_again", "2回の入力が違います。用紙を見直してください。")
        return data

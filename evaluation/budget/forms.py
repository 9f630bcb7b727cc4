"""Forms of the budget's acts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from evaluation.budget.operations import NEED_FACTORS
from evaluation.budget.rules.lines import NAME_LENGTH, Line
from evaluation.budget.rules.params import BASES, DEFAULT_PARAMS
from evaluation.budget.rules.problems import LINES, problems
from evaluation.budget.rules.words import PARAMETER_WORDS, VALUE_WORDS
from yorozu.core.web.forms import CountField

LARGEST_YEN = 9_999_999_999_999
LINE_PLACES = 4
FACTOR = "need_factor_"
LINES_HINT = (
    "予算が当初予算と補正予算などに分かれるときに入力します。各区分の額の合計を予算総額に合わせます。"
    "どの拠点にも、区分の大きさに応じて割り付けます。"
)


@dataclass(frozen=True)
class Parameter:
    """One number of the rule as the form asks for it; ``top`` is the largest value."""

    name: str
    hint: str
    top: int = 1
    places: int = 3


@dataclass(frozen=True)
class Group:
    """Parameters that are decided together, with the sentence that says what they do."""

    title: str
    hint: str
    parameters: tuple[Parameter, ...]


GROUPS = (
    Group(
        "配分式（均等分と需要分）",
        "評価を見ずに決まる額です。割合は0から1で入力します（0.02は2%）。",
        (
            Parameter("reserve", "重点指導・災害などに備えて配分しない割合です。"),
            Parameter("base", "全拠点に等しく配る割合です。需要分との合計を1にします。"),
            Parameter("need", "需要の要素（中小企業数など）に応じて配る割合です。"),
        ),
    ),
    Group(
        "第1段階の上下限",
        "配分式の額へ毎年少しずつ近づけるための幅です。前年度の構造額と比べます。",
        (
            Parameter("loss", "基準から下がってよい割合です（0.05は5%）。"),
            Parameter("gain", "基準から上がってよい割合です。", top=9),
        ),
    ),
    Group(
        "評価の反映",
        "第1段階の額の一部を、評価点に応じて配り直します。係数＝1＋（点数－基準点）÷傾きです。",
        (
            Parameter("rate", "評価に応じて配り直す割合です。0なら評価は金額に影響しません。"),
            Parameter("multiplier_centre", "係数が1になる総合点です。", top=100, places=2),
            Parameter(
                "multiplier_slope", "小さいほど、1点の差が大きく響きます。", top=1000, places=2
            ),
            Parameter("multiplier_min", "点数が低くても、係数はこれより下がりません。", top=9),
            Parameter("multiplier_max", "点数が高くても、係数はこれより上がりません。", top=9),
            Parameter("multiplier_ungraded", "評語のない拠点に使う係数です。", top=9),
        ),
    ),
    Group(
        "第2段階（全体）の上下限",
        "評価を反映した後の額に掛かる幅です。前年度契約額（年額換算）と比べます。",
        (
            Parameter("loss_total", "前年度と比べて下がってよい割合です。"),
            Parameter("gain_total", "前年度と比べて上がってよい割合です。", top=9),
        ),
    ),
)
PARAMETERS = tuple(parameter for group in GROUPS for parameter in group.parameters)


class ScenarioForm(forms.Form):
    """Envelope, funding lines and the whole rule of one scenario.

    ``base`` is the rule of the year ({} when the year has none: then the product's); ``start`` is
    the rule the form begins with (that of the scenario being copied), the base if not given.
    ``hubs`` is how many hubs share the envelope.
    """

    title = forms.CharField(
        label="名称",
        max_length=80,
        help_text="例：標準案、評価反映20%案",
        widget=forms.TextInput(attrs={"size": 40}),
    )
    note = forms.CharField(
        label="説明と変更の理由",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="何を試す案かを書きます。年度の配分基準と違う値を使うときは必須です。",
    )
    total_yen = CountField(label="予算総額（円）", maximum=LARGEST_YEN)
    floor = CountField(
        label="1拠点の下限額（円）",
        maximum=9_999_999_999,
        help_text="どの拠点もこの額を下回りません。配分の単位の倍数にします。",
    )
    unit = CountField(
        label="配分の単位（円）",
        maximum=10_000_000,
        help_text="配分額はこの単位の整数倍になります。端数は留保額に入ります。",
    )
    limit_basis = forms.ChoiceField(
        label="上下限の基準",
        choices=[(basis, VALUE_WORDS[basis]) for basis in BASES],
        help_text=(
            "一律の増減との比較では、全体が減る年に同じ割合だけ減ることは下限に掛かりません。"
        ),
    )

    def __init__(
        self,
        *args: Any,
        base: Mapping[str, Any],
        hubs: int,
        start: Mapping[str, Any] | None = None,
        lines: Sequence[Line] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.hubs = hubs
        self.base = {**DEFAULT_PARAMS, "need_factors": NEED_FACTORS, **base}
        first = {**self.base, **(start or {})}
        self.fields["limit_basis"].initial = first["limit_basis"]
        for name in ("floor", "unit"):
            self.fields[name].initial = f"{first[name]:,}"
        for parameter in PARAMETERS:
            self.fields[parameter.name] = _decimal(parameter, first[parameter.name])
        order = list(VALUE_WORDS)
        for name in sorted(first["need_factors"], key=order.index):
            weight = first["need_factors"][name]
            label = f"需要の要素の重み：{VALUE_WORDS[name]}"
            hint = "全国に占める割合に掛ける重みです。合計を1にします。"
            field = _decimal(Parameter(FACTOR + name, hint), weight)
            field.label = label
            self.fields[FACTOR + name] = field
        self._add_lines(lines)

    def _add_lines(self, lines: Sequence[Line]) -> None:
        for place in range(1, LINE_PLACES + 1):
            given = lines[place - 1] if place <= len(lines) else None
            self.fields[f"line_name_{place}"] = forms.CharField(
                label=f"予算区分{place}の名称",
                required=False,
                max_length=NAME_LENGTH,
                initial=given.name if given else None,
            )
            self.fields[f"line_yen_{place}"] = CountField(
                label=f"予算区分{place}の額（円）",
                required=False,
                maximum=LARGEST_YEN,
                initial=f"{given.total:,}" if given else None,
            )

    def clean(self) -> dict[str, Any]:
        """Say at the field what contradicts itself, before anything is computed."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self._check_lines()
        if not self.errors:
            self._check_rule()
        if not self.errors and self.changed() and not data["note"].strip():
            names = "、".join(PARAMETER_WORDS[name] for name in self.changed())
            self.add_error("note", f"標準と違う値を使う理由を入力してください。変えた項目：{names}")
        return data

    def _check_lines(self) -> None:
        for place in range(1, LINE_PLACES + 1):
            name, yen = self._line(place)
            if name and not yen:
                self.add_error(f"line_yen_{place}", "この区分の額を1円以上で入力してください。")
            if yen and not name:
                self.add_error(f"line_name_{place}", "この額の予算区分の名称を入力してください。")

    def _line(self, place: int) -> tuple[str, int | None]:
        data = self.cleaned_data
        return data.get(f"line_name_{place}", "").strip(), data.get(f"line_yen_{place}")

    def _check_rule(self) -> None:
        lines = [{"name": line.name, "total": line.total} for line in self.lines()]
        found = problems(self.params(), self.cleaned_data["total_yen"], self.hubs, lines or None)
        for fault in found:
            self.add_error(self._field_of(fault.field), fault.text)

    def _field_of(self, name: str) -> str | None:
        if name == LINES:
            return "line_yen_1"
        if name == "need_factors":
            return next(field for field in self.fields if field.startswith(FACTOR))
        return name or None

    def lines(self) -> list[Line]:
        """The funding lines filled in, in their order."""
        rows = [self._line(place) for place in range(1, LINE_PLACES + 1)]
        return [Line(name, yen) for name, yen in rows if name and yen]

    def params(self) -> dict[str, Any]:
        """The whole rule with what was typed in its place.

        A number equal to that of the base keeps the base's text, so that the same rule stays the
        same version.
        """
        data = self.cleaned_data
        numbers = {p.name: _text(data[p.name], self.base[p.name]) for p in PARAMETERS}
        known = self.base["need_factors"]
        factors = {
            name.removeprefix(FACTOR): _text(data[name], known.get(name.removeprefix(FACTOR)))
            for name in self.fields
            if name.startswith(FACTOR)
        }
        whole = {name: data[name] for name in ("floor", "unit", "limit_basis")}
        return {**self.base, **numbers, **whole, "need_factors": factors}

    def changed(self) -> list[str]:
        """The parameters that differ from the base, in the rule's order."""
        params = self.params()
        return [name for name in PARAMETER_WORDS if params[name] != self.base[name]]

    def groups(self) -> Iterator[tuple[str, str, list[BoundField]]]:
        """Heading, hint and fields of every part of the form."""
        yield "名称と予算総額", "", [self[name] for name in ("title", "note", "total_yen")]
        places = range(1, LINE_PLACES + 1)
        line_names = [name for place in places for name in _line_names(place)]
        yield "予算区分（分けるとき）", LINES_HINT, [self[name] for name in line_names]
        for group in GROUPS:
            names = [parameter.name for parameter in group.parameters]
            if "need" in names:
                names += [name for name in self.fields if name.startswith(FACTOR)]
            yield group.title, group.hint, [self[name] for name in names]
        yield "下限額と端数", "", [self[name] for name in ("floor", "unit", "limit_basis")]


def _line_names(place: int) -> tuple[str, str]:
    return f"line_name_{place}", f"line_yen_{place}"


def _decimal(parameter: Parameter, initial: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=PARAMETER_WORDS.get(parameter.name, parameter.name),
        help_text=parameter.hint,
        min_value=Decimal(0),
        max_value=Decimal(parameter.top),
        decimal_places=parameter.places,
        initial=initial,
    )


def _text(value: Decimal, known: Any) -> str:
    if known is not None and Decimal(str(known)) == value:
        return str(known)
    return format(value, "f")


class AdoptForm(forms.Form):
    """Why this scenario; a scaled protection needs a reason of its own."""

    reason = forms.CharField(
        label="採用の理由", widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
    )
    document_number = forms.CharField(
        label="文書番号",
        required=False,
        max_length=60,
        help_text="決裁文書の番号です。まだなければ空欄のままにします。",
    )
    flags_reason = forms.CharField(
        label="下限の圧縮を確認し、認める理由",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text="下限の合計が配分額を超え、全拠点の下限を同じ割合で圧縮しています。",
    )

    def __init__(self, *args: Any, floors_scaled: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not floors_scaled:
            del self.fields["flags_reason"]

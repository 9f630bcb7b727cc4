"""The calendar as a part of the year: deadlines to the minute, each by its rule."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time

from hubs.terms.models import Term, TermDeadline
from hubs.terms.parts import Content, Entry, PartFaults, YearPart
from hubs.terms.queries import closed_days, missing_years
from hubs.terms.rules import calendar as rules
from hubs.terms.rules.calendar import Line
from hubs.terms.rules.comparing import Row
from yorozu.core.access import Scope
from yorozu.core.errors import Missing, NotReady
from yorozu.core.fiscal import Phase, wareki, weekday_of

TIME = re.compile(r"([0-9]{1,2})[:時]([0-9]{1,2})分?")
NEW = f"{rules.EXTRA}new"
MONTHS = tuple(
    (str(month), rules.month_label(month))
    for month in range(rules.FIRST_MONTH, rules.LAST_MONTH + 1)
)
PHASES = tuple((phase.value, phase.label) for phase in Phase)
ORDER = {phase.value: place for place, phase in enumerate(Phase)}


class CalendarPart(YearPart):
    """Lines with a rule for the day, a time to the minute and a rule for closed days."""

    code = "calendar"
    label = "暦・期限"
    order = 10
    hint = (
        "提出や面談の期限です。日本時間の分まで決めます。"
        "休日に当たる期限は、行ごとの規則で移します。"
    )
    layout = "lines"

    def stands(self, term: Term) -> Content | None:
        """The stored lines."""
        rows = list(term.deadlines.order_by("due_at", "code"))
        return [_row(row) for row in rows] or None

    def default(self, term: Term) -> Content:
        """The product's default calendar in this year."""
        return self._of_year(term, rules.default_lines())

    def carried(self, content: Content, term: Term) -> Content:
        """The same rules give the days of the new year."""
        return self._of_year(term, rules.from_content(content))

    def _of_year(self, term: Term, lines: list[Line]) -> Content:
        year, holidays = term.fiscal_year, closed_days()
        return rules.as_content(rules.fitted(lines, year, holidays), year, holidays)

    def write(self, actor: Scope, term: Term, content: Content) -> None:
        """Store the lines exactly as decided. NotReady while a year has no holidays."""
        if years := missing_years(term.fiscal_year):
            text = f"{'、'.join(f'{year}年' for year in years)}の祝日が登録されていません。"
            raise NotReady(text, [Missing(text, "holiday_list")])
        term.deadlines.exclude(code__in=[row["code"] for row in content]).delete()
        TermDeadline.objects.bulk_create(
            [_deadline(term, row) for row in content],
            update_conflicts=True,
            unique_fields=["term", "code"],
            update_fields=[
                "phase", "label", "base", "month", "number", "at", "shift", "nominal_on", "due_at",
            ],
        )  # fmt: skip

    def rows(self, content: Content) -> list[Row]:
        """One line per deadline: the rule, and below it the day the rule gives."""
        found = zip(content, rules.from_content(content), strict=True)
        ordered = sorted(found, key=lambda pair: (ORDER[pair[1].phase], pair[0]["due_at"]))
        return [
            Row(
                line.code,
                Phase(line.phase).label,
                line.label,
                rules.rule_text(line),
                moment_text(row),
            )
            for row, line in ordered
        ]

    def entries(self, term: Term, content: Content) -> list[Entry]:
        """A row of controls per line, and an empty row for one more."""
        lines = rules.from_content(content)
        blank = Line(NEW, Phase.MID.value, "", 10, 1)
        return [entry for line in [*lines, blank] for entry in _entries(line)]

    def read(self, term: Term, content: Content, typed: Mapping[str, str]) -> Content:
        """The lines as typed; the empty row is taken when it has a name."""
        lines = rules.from_content(content)
        if typed.get(f"{NEW}/label", "").strip():
            lines, typed = _with_new_line(lines, typed)
        kept, faults = [], {}
        for line in lines:
            if rules.is_extra(line.code) and typed.get(f"{line.code}/remove"):
                continue
            try:
                kept.append(_read_line(line, typed))
            except ValueError as error:
                faults[f"{line.code}/label"] = str(error)
        found = rules.line_faults(kept, term.fiscal_year, closed_days())
        faults |= {f"{code}/label": text for code, text in found.items()}
        if faults:
            labels = {f"{line.code}/label": line.label or "新しい期限" for line in lines}
            raise PartFaults(faults, labels)
        return rules.as_content(kept, term.fiscal_year, closed_days())


def moment_text(row: Mapping[str, str]) -> str:
    """令和8年5月20日（水）12:00（休日のため繰下げ）."""
    moment = datetime.fromisoformat(row["due_at"]).astimezone(rules.TOKYO)
    day = moment.date()
    note = rules.shift_note(row["shift"], date.fromisoformat(row["nominal_on"]), day)
    text = f"{wareki(day)}（{weekday_of(day)}）{moment:%H:%M}"
    return f"{text}（{note}）" if note else text


def _row(row: TermDeadline) -> dict[str, object]:
    due = row.due_at.astimezone(rules.TOKYO)
    return {
        "code": row.code,
        "phase": row.phase,
        "label": row.label,
        "base": row.base,
        "month": row.month,
        "number": row.number,
        "at": f"{row.at:%H:%M}",
        "shift": row.shift,
        "nominal_on": (row.nominal_on or due.date()).isoformat(),
        "due_at": due.isoformat(),
    }


def _deadline(term: Term, row: Mapping[str, str]) -> TermDeadline:
    return TermDeadline(
        term=term,
        code=row["code"],
        phase=row["phase"],
        label=row["label"],
        base=row["base"],
        month=row["month"],
        number=row["number"],
        at=time.fromisoformat(row["at"]),
        shift=row["shift"],
        nominal_on=date.fromisoformat(row["nominal_on"]),
        due_at=datetime.fromisoformat(row["due_at"]),
    )


def _entries(line: Line) -> list[Entry]:
    group, code = line.label or "期限を追加する", line.code
    controls: list[tuple[str, str, str, str, tuple[tuple[str, str], ...]]] = [
        ("label", "内容", "text", line.label, ()),
        ("phase", "段階", "choice", line.phase, PHASES),
        ("month", "月", "choice", str(line.month), MONTHS),
        ("base", "日の決め方", "choice", line.base, tuple(rules.BASES.items())),
        ("number", "日・営業日数", "number", str(line.number), ()),
        ("at", "時刻", "time", f"{line.at:%H:%M}", ()),
        ("shift", "休日の扱い", "choice", line.shift, tuple(rules.SHIFTS.items())),
    ]
    found = [
        Entry(f"{code}/{name}", group, label, kind, value, options)
        for name, label, kind, value, options in controls
    ]
    if code == NEW:
        found[0] = replace(found[0], hint=group)
    elif rules.is_extra(code):
        found.append(Entry(f"{code}/remove", group, "削除", "flag", ""))
    return found


def _with_new_line(
    lines: list[Line], typed: Mapping[str, str]
) -> tuple[list[Line], Mapping[str, str]]:
    """The empty row was filled: it becomes a line of its own with the next free code."""
    used = {line.code for line in lines}
    code = next(c for n in range(1, 1000) if (c := f"{rules.EXTRA}{n}") not in used)
    moved = {
        key.replace(NEW, code, 1): text for key, text in typed.items() if key.startswith(f"{NEW}/")
    }
    return [*lines, Line(code, Phase.MID.value, "", 10, 1)], {**typed, **moved}


def _read_line(line: Line, typed: Mapping[str, str]) -> Line:
    def given(name: str, stands: str) -> str:
        return typed.get(f"{line.code}/{name}", stands).strip()

    base, shift = given("base", line.base), given("shift", line.shift)
    phase, month = given("phase", line.phase), given("month", str(line.month))
    if base not in rules.BASES or shift not in rules.SHIFTS or phase not in ORDER:
        raise ValueError("選択肢から選んでください。")
    if month not in dict(MONTHS):
        raise ValueError("月を選んでください。")
    return replace(
        line,
        label=given("label", line.label)[:80],
        phase=phase,
        month=int(month),
        base=base,
        number=_read_number(given("number", str(line.number)), base),
        at=_read_time(given("at", f"{line.at:%H:%M}")),
        shift=shift,
    )


def _read_number(text: str, base: str) -> int:
    plain = unicodedata.normalize("NFKC", text)
    most = rules.MOST_BUSINESS_DAYS if base == rules.BUSINESS_DAY else 31
    if base == rules.MONTH_END:
        return 1
    if not plain.isascii() or not plain.isdigit() or not 1 <= int(plain) <= most:
        raise ValueError(f"日・営業日数は1から{most}までの整数で入力してください。")
    return int(plain)


def _read_time(text: str) -> time:
    found = TIME.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(
            "時刻は00:00から23:59までの時:分で入力してください（その日の終わりは23:59）。"
        )
    return time(int(found[1]), int(found[2]))

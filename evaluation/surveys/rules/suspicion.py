"""What deserves a question about the answers of a hub (evaluation.md 6): never points.

Devices are not told apart: the portal keeps no address of a respondent. What remains is the time
of the answers, long runs of the best answer, and answers from repeat clients only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import comb

from hubs.integrity.rules import CURRENT, Check, Figures, Finding, Method, chance
from hubs.integrity.rules.material import PLEASE

BEST = 5
_MARK = "顧客満足度調査"


@dataclass(frozen=True)
class Answered:
    """One answer as the checks see it: level, moment, whether it came by screen, visits."""

    level: int
    at: datetime
    by_screen: bool
    visits: int


@dataclass(frozen=True)
class Heard:
    """All that came from one hub, in the order of arrival, and the visits of all who were asked."""

    hub_id: int
    answers: Sequence[Answered]
    asked_visits: Sequence[int]


def findings(
    heard: Sequence[Heard],
    *,
    fiscal_year: int,
    subject: str,
    name: str = _MARK,
    method: Method = CURRENT,
) -> list[Finding]:
    """Questions about the answers of a wave, hub by hub; the same answers give the same ones."""
    share = best_share(heard)
    found = []
    for hub in heard:
        asked = (
            in_one_window(hub, method),
            best_run(hub, share, method),
            only_repeat(hub, method),
        )
        for one in asked:
            if one is not None:
                check, sentence, basis, figures = one
                found.append(
                    Finding(
                        check,
                        hub.hub_id,
                        fiscal_year,
                        subject,
                        f"{name}の回答について、{sentence}{PLEASE}",
                        basis,
                        figures.as_dict(),
                    )
                )
    return found


_Asked = tuple[Check, str, Mapping[str, int | str], Figures]


def in_one_window(hub: Heard, method: Method) -> _Asked | None:
    """Many answers by screen within a few minutes: as if one person had gone through letters."""
    times = sorted(one.at for one in hub.answers if one.by_screen)
    if len(times) < method.survey_from:
        return None
    width = timedelta(minutes=method.survey_minutes)
    most, start = max(
        (sum(first <= at < first + width for at in times[place:]), -place)
        for place, first in enumerate(times)
    )
    if most < method.survey_together or Fraction(most, len(times)) < method.survey_window_share:
        return None
    begin = times[-start]
    figures = Figures("回答の時刻", "bar", "件")
    figures.row(f"{method.survey_minutes}分間に届いた回答", most, marked=True)
    figures.row("それ以外の回答", len(times) - most)
    figures.fact("期間の始まり", f"{begin:%Y-%m-%d %H:%M}")
    figures.fact("画面からの回答", f"{len(times)}件")
    sentence = (
        f"{begin.month}月{begin.day}日{begin:%H:%M}からの{method.survey_minutes}分間に"
        f"{most}件が届いています（画面からの回答は全{len(times)}件）。回答者本人が答えたか、"
    )
    basis: dict[str, int | str] = {
        "most": most,
        "all": len(times),
        "from": f"{begin:%Y-%m-%dT%H:%M}",
    }
    return Check.SURVEY_TIME, sentence, basis, figures


def best_share(heard: Sequence[Heard]) -> Fraction:
    """Share of the best answer among all answers of the wave."""
    levels = [one.level for hub in heard for one in hub.answers]
    return Fraction(sum(level == BEST for level in levels), len(levels)) if levels else Fraction(0)


def longest_run(levels: Sequence[int]) -> int:
    """The longest run of the best answer."""
    longest = run = 0
    for level in levels:
        run = run + 1 if level == BEST else 0
        longest = max(longest, run)
    return longest


def best_run(hub: Heard, share: Fraction, method: Method) -> _Asked | None:
    """A run of the best answer that chance hardly makes, given the share of the whole wave.

    ``(n - run + 1) * share ** run`` is an upper bound of the probability of such a run.
    """
    levels = [one.level for one in hub.answers]
    run = longest_run(levels)
    if run < method.survey_run:
        return None
    bound = min(Fraction(1), (len(levels) - run + 1) * share**run)
    if bound >= method.survey_p:
        return None
    figures = Figures("届いた順の回答", "bar", "件")
    figures.row("続いた「5」の回答", run, marked=True)
    figures.row("全回答", len(levels))
    figures.fact("全国の「5」の割合", f"{share.numerator}/{share.denominator}")
    figures.fact("偶然にこれ以上続く確率の上限", chance(bound))
    sentence = (
        f"最も高い回答が{run}件続けて届いています（全{len(levels)}件）。回答の集め方について、"
    )
    return Check.SURVEY_TOP, sentence, {"run": run, "all": len(levels)}, figures


def only_repeat(hub: Heard, method: Method) -> _Asked | None:
    """Only clients who came more than once have answered, though others were asked too."""
    n, asked = len(hub.answers), len(hub.asked_visits)
    repeat = sum(visits > 1 for visits in hub.asked_visits)
    if n < method.survey_from or any(one.visits < 2 for one in hub.answers) or repeat == asked:
        return None
    p = Fraction(comb(repeat, n), comb(asked, n))
    if p >= method.survey_p:
        return None
    figures = Figures("回答者の相談の回数", "bar", "件")
    figures.row("2回以上相談した人の回答", n, marked=True)
    figures.row("1回だけ相談した人の回答", 0)
    figures.fact("依頼した人", f"{asked}人（うち2回以上は{repeat}人）")
    figures.fact("偶然にこれ以上偏る確率", chance(p))
    sentence = (
        f"回答した{n}人の全員が2回以上の相談者です"
        f"（依頼した{asked}人のうち2回以上は{repeat}人）。手紙が全員に届いたか、"
    )
    return Check.SURVEY_AGAIN, sentence, {"n": n, "asked": asked, "repeat": repeat}, figures

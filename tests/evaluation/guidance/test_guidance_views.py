"""Screens of guidance through the browser's own requests: the cast, files, faults, desks."""

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from evaluation.budget.models import BudgetRule, BudgetScenario
from evaluation.guidance import operations
from evaluation.guidance.models import CaseState, GuidanceCase, GuidanceEvidence
from evaluation.guidance.operations import Wanted
from evaluation.guidance.queries import chances_below, preview, reserve_of
from evaluation.scoring.analysis.queries import HubOutlook
from evaluation.scoring.models import EvaluationRun
from tests.cast import Cast
from tests.evaluation.guidance.ground import (
    NOW,
    PDF,
    action_of,
    action_values,
    at,
    done,
    opened,
    plan_values,
    planned,
    published,
    reviewed,
    running,
)
from yorozu.core import clock
from yorozu.core.errors import InvalidInput
from yorozu.portal.home.board import home_of

pytestmark = pytest.mark.django_db
URL = "/evaluation/guidance/"
KINDS = {"13": "low", "14": "good", "04": "gap"}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOW)


def text(response: Any) -> str:
    return str(response.content.decode())


# --- Preview --------------------------------------------------------------------------------------


def decisions(**changed: str) -> dict[str, str]:
    """The preview's form as it is first shown."""
    values = {"level_13": "2", "level_04": "1", "level_14": "0"}
    values |= {f"reason_{code}": "" for code in KINDS}
    return {**values, **changed}


def test_the_preview_shows_numbers_and_records_one_act(cast: Cast, sign_in: Any) -> None:
    run, client = published(cast, KINDS), sign_in(cast.hq)
    page = text(client.get(f"{URL}runs/{run.pk}/"))
    assert "条件に当てはまる拠点（2）" in page
    assert "評語Cの下限は50点" in page
    assert "26.67点で、下限の40点" in page
    assert not GuidanceCase.objects.exists()
    answer = client.post(f"{URL}runs/{run.pk}/", decisions(), follow=True)
    assert "2拠点の重点指導を始めました。" in text(answer)
    assert "見送りを記録しました" not in text(answer)
    assert GuidanceCase.objects.count() == 2
    assert "決定済みの拠点（2）" in text(client.get(f"{URL}runs/{run.pk}/"))


def test_a_decision_beside_the_rule_without_reason_stays_on_the_page(
    cast: Cast, sign_in: Any
) -> None:
    run, client = published(cast, KINDS), sign_in(cast.hq)
    answer = client.post(f"{URL}runs/{run.pk}/", decisions(level_14="1", level_13="0"))
    assert answer.status_code == 422
    assert text(answer).count("基準と異なる判断には、理由を入力してください。") >= 2
    assert not GuidanceCase.objects.exists()
    waived = decisions(level_13="0", reason_13="前年の体制がすでに改まったため。")
    client.post(f"{URL}runs/{run.pk}/", waived)
    states = dict(GuidanceCase.objects.values_list("hub__code", "state"))
    assert states == {"13": "waived", "04": "opened"}


def test_runs_that_open_nothing_have_no_preview(cast: Cast, sign_in: Any) -> None:
    run = published(cast, KINDS, publish=False)
    client = sign_in(cast.hq)
    assert client.get(f"{URL}runs/{run.pk}/").status_code == 404
    EvaluationRun.objects.filter(pk=run.pk).update(state="superseded")
    assert client.post(f"{URL}runs/{run.pk}/", decisions()).status_code == 404


def test_the_chance_of_the_lowest_grade_comes_from_the_analysis(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = published(cast, {"13": "low", "14": "good"})
    assert chances_below(run) == {}

    class Found:
        hubs = {code: _outlook(percent) for code, percent in (("13", "91.0"), ("14", "49.9"))}

    monkeypatch.setattr("evaluation.guidance.queries.judged.analysis_of", lambda run: Found)
    assert chances_below(run) == {"13": Decimal("0.910"), "14": Decimal("0.499")}
    kinds = {line.hub.code: {row.kind.code for row in line.triggers} for line in preview(run)}
    assert kinds == {"13": {"lowest", "component", "chance"}, "14": set()}


def _outlook(percent: str) -> HubOutlook:
    chances = (("C", Decimal("0.0")), ("D", Decimal(percent)))
    return HubOutlook((), (), None, None, chances, (), None)


# --- Lists ----------------------------------------------------------------------------------------


def test_an_empty_list_says_who_acts_next(cast: Cast, sign_in: Any) -> None:
    page = text(sign_in(cast.auditor).get(URL))
    assert "重点指導の案件はありません。" in page
    narrowed = sign_in(cast.hq).get(f"{URL}?state=running").content.decode()
    assert "条件に合う重点指導の案件はありません。" in narrowed
    assert "実施（0）" in narrowed
    assert "全国本部が確かめ、案件を始めます" in page


def test_the_list_is_the_scopes_and_narrows(cast: Cast, sign_in: Any) -> None:
    run = published(cast, KINDS)
    wanted = {"13": Wanted(2), "04": Wanted(1), "14": Wanted(3, "体制の立て直しのため。")}
    operations.open_cases(actor=cast.hq.scope, run=run, wanted=wanted)

    def hubs(actor: Any, query: str = "") -> set[str]:
        rows = sign_in(actor).get(f"{URL}{query}").context["table"].rows
        return {str(row["hub"].value) for row in rows}

    tokyo, kanagawa, miyagi = (f"{name}よろず支援拠点" for name in ("東京都", "神奈川県", "宮城県"))
    assert hubs(cast.hq) == {tokyo, kanagawa, miyagi}
    assert hubs(cast.bureau_kanto) == {tokyo, kanagawa}
    assert hubs(cast.cc_tokyo) == {tokyo}
    assert hubs(cast.hq, "?level=3") == {kanagawa}
    assert hubs(cast.hq, "?state=open&bureau=tohoku") == {miyagi}
    assert hubs(cast.hq, "?state=released") == set()
    assert hubs(cast.hq, "?fiscal_year=2025") == set()
    assert hubs(cast.hq, "?hub=13&level=x&state=x&fiscal_year=x") == {tokyo}


def test_files_hold_the_same_rows(cast: Cast, sign_in: Any) -> None:
    reviewed(cast)
    client = sign_in(cast.agency)
    table = client.get(f"{URL}export.csv").content.decode("utf-8-sig").splitlines()
    assert len(table) == 2
    assert "東京都よろず支援拠点" in table[1]
    assert "評語が最も低いDです" in table[1]
    book = client.get(f"{URL}export.xlsx").content
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        assert "東京都よろず支援拠点" in "".join(
            packed.read(name).decode("utf-8", "replace") for name in packed.namelist()
        )
    strange = sign_in(cast.bureau_tohoku).get(f"{URL}export.csv").content.decode("utf-8-sig")
    assert len(strange.splitlines()) == 1


# --- One case on the screen -----------------------------------------------------------------------


def test_strangers_do_not_learn_of_a_case(cast: Cast, sign_in: Any) -> None:
    case = running(cast)
    action = action_of(case)
    evidence = operations.add_evidence(
        actor=cast.cc_tokyo.scope, action=action, text="資料", file=PDF
    )
    for key in ("cc_kanagawa", "cc_miyagi", "bureau_tohoku", "body_miyagi"):
        client = sign_in(cast.actors[key])
        for path in (
            f"{case.pk}/",
            f"{case.pk}/print/",
            f"{case.pk}/plan.pdf",
            f"actions/{action.pk}/",
            f"evidence/{evidence.pk}/",
        ):
            assert client.get(f"{URL}{path}").status_code == 404, (key, path)
    for key in ("pm_kanto", "supporter", "board", "admin"):
        assert sign_in(cast.actors[key]).get(f"{URL}{case.pk}/").status_code == 403


def test_buttons_follow_role_and_state(cast: Cast, sign_in: Any) -> None:
    case = planned(cast)
    url = f"{URL}{case.pk}/"
    assert "計画に合意する" in text(sign_in(cast.cc_tokyo).get(url))
    assert "原因と支援を書く" not in text(sign_in(cast.cc_tokyo).get(url))
    bureau = text(sign_in(cast.bureau_kanto).get(url))
    assert "計画に合意する" in bureau
    assert "原因と支援を書く" in bureau
    assert "発動を取り消す" not in bureau
    for key in ("agency", "auditor", "co_tokyo"):
        page = text(sign_in(cast.actors[key]).get(url))
        assert "計画に合意する</button>" not in page
    assert "意見を記録する" not in text(sign_in(cast.agency).get(url))


def test_a_case_walks_its_way_through_the_screens(cast: Cast, sign_in: Any) -> None:
    case = opened(cast)
    url = f"{URL}{case.pk}/"
    bureau, chief, hq = (sign_in(cast.actors[k]) for k in ("bureau_kanto", "cc_tokyo", "hq"))
    bureau.post(f"{url}plan/", {"version": "0", "causes": "原因", "goal": "目標"})
    action = {
        "text": "手順書を作る。",
        "owner": "chief_coordinator",
        "due": "令和8年7月31日",
        "evidence_rule": "手順書",
        "link": "CHK.C1",
        "is_serious": "on",
    }
    assert bureau.post(f"{url}actions/new/", action).status_code == 302
    assert chief.post(f"{url}agree/").status_code == 302
    assert bureau.post(f"{url}agree/").status_code == 302
    assert bureau.post(f"{url}start/").status_code == 302
    row = action_of(case)
    assert (row.due, row.link_label) == (date(2026, 7, 31), "C1（26.67点）")
    page = f"{URL}actions/{row.pk}/"
    file = SimpleUploadedFile("手順.pdf", PDF.data, "application/pdf")
    assert chief.post(f"{page}evidence/", {"text": "作りました", "file": file}).status_code == 302
    assert chief.post(f"{page}done/").status_code == 302
    assert hq.post(f"{page}confirm/").status_code == 302
    point = {"kind": "quarterly", "held_on": "2026-06-01", "findings": "良い"}
    assert bureau.post(f"{url}checkpoint/", point).status_code == 302
    refused = bureau.post(f"{url}decide/", {"outcome": "released", "reason": ""})
    assert refused.status_code == 422
    assert "異なる結論にする理由" in text(refused)
    reason = {"outcome": "released", "reason": "原因がなくなったため。"}
    assert bureau.post(f"{url}decide/", reason).status_code == 302
    case.refresh_from_db()
    assert case.state == CaseState.RELEASED
    page = text(chief.get(url))
    assert "原因がなくなったため。" in page
    assert "この案件は終了しています。" in page


@pytest.mark.parametrize("path", ["plan/", "actions/new/", "checkpoint/", "replan/", "cancel/"])
def test_a_form_that_would_be_refused_is_not_shown(cast: Cast, sign_in: Any, path: str) -> None:
    """The page says why, and leads to the case."""
    case = operations.release_case(actor=cast.hq.scope, case=reviewed(cast), reason="理由")
    answer = sign_in(cast.hq).get(f"{URL}{case.pk}/{path}")
    assert answer.status_code == 409
    page = text(answer)
    assert "「解除」のため" in page
    assert f"{URL}{case.pk}/" in page
    assert "<textarea" not in page


def test_two_writers_see_both_texts(cast: Cast, sign_in: Any) -> None:
    case = opened(cast)
    url = f"{URL}{case.pk}/plan/"
    first, second = sign_in(cast.bureau_kanto), sign_in(cast.hq)
    assert (
        first.post(url, {"version": "0", "causes": "局の原因", "goal": "目標"}).status_code == 302
    )
    answer = second.post(url, {"version": "0", "causes": "本部の原因", "goal": "目標"})
    assert answer.status_code == 409
    page = text(answer)
    assert "局の原因" in page
    assert "本部の原因" in page
    case.refresh_from_db()
    assert case.causes == "局の原因"
    again = {"version": "1", "causes": "本部の原因", "goal": "目標"}
    assert second.post(url, again).status_code == 302


def test_the_map_shows_all_hubs_to_the_nation_only(cast: Cast, sign_in: Any) -> None:
    opened(cast)
    tiles = {tile.code: tile for tile in sign_in(cast.agency).get(URL).context["tiles"]}
    assert len(tiles) == 47
    assert (tiles["13"].text, tiles["13"].level, tiles["14"].level) == ("2 発動", 2, 0)
    assert sign_in(cast.bureau_kanto).get(URL).context["tiles"] == []


def test_the_record_of_the_hub_names_its_guidance(cast: Cast, sign_in: Any) -> None:
    case = opened(cast)
    page = sign_in(cast.cc_tokyo).get("/hubs/13/record/")
    facts = {f.label: f for year in page.context["years"] for f in year.facts}
    assert facts["重点指導"].url == f"{URL}{case.pk}/"
    assert facts["重点指導"].note == "2 重点指導"


def test_the_bureau_decides_on_release_only(cast: Cast, sign_in: Any) -> None:
    case = reviewed(cast)
    url = f"{URL}{case.pk}/decide/"
    bureau, hq = sign_in(cast.bureau_kanto), sign_in(cast.hq)
    assert [row[0] for row in bureau.get(url).context["form"].fields["outcome"].choices] == [
        "released"
    ]
    assert [row[0] for row in hq.get(url).context["form"].fields["outcome"].choices] == [
        "released",
        "continued",
        "raised",
    ]
    forged = bureau.post(url, {"outcome": "raised", "reason": "理由"})
    assert forged.status_code == 422
    case.refresh_from_db()
    assert case.state == CaseState.REVIEW


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.exe", b"MZ", "この種類のファイルは追加できません"),
        ("a.pdf", b"plain", ".pdfの形式ではありません"),
        ("a.txt", b"", "ファイルが空です"),
        ("a.csv", b"0" * (5 * 1024 * 1024 + 1), "5MBまで"),
    ],
)
def test_a_bad_file_is_told_where_it_was_chosen(
    cast: Cast, sign_in: Any, name: str, data: bytes, words: str
) -> None:
    action = action_of(running(cast))
    file = SimpleUploadedFile(name, data)
    page = f"{URL}actions/{action.pk}/evidence/"
    answer = sign_in(cast.cc_tokyo).post(page, {"text": "資料", "file": file})
    assert answer.status_code == 422
    assert words in text(answer)
    assert not GuidanceEvidence.objects.exists()


def test_a_file_comes_back_byte_for_byte_to_be_saved(cast: Cast, sign_in: Any) -> None:
    action = action_of(running(cast))
    row = operations.add_evidence(actor=cast.cc_tokyo.scope, action=action, text="資料", file=PDF)
    answer = sign_in(cast.auditor).get(f"{URL}evidence/{row.pk}/")
    assert answer.content == PDF.data
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    bare = operations.add_evidence(actor=cast.cc_tokyo.scope, action=action, text="口頭")
    assert sign_in(cast.auditor).get(f"{URL}evidence/{bare.pk}/").status_code == 404


def test_steps_beside_the_way_ask_for_their_reason_on_the_page(cast: Cast, sign_in: Any) -> None:
    action = action_of(running(cast))
    client = sign_in(cast.bureau_kanto)
    page = f"{URL}actions/{action.pk}/"
    for step, data in (("drop", {}), ("due", {"due": "昨日", "reason": "理由"})):
        answer = client.post(f"{page}{step}/", data)
        assert answer.status_code == 422
        assert '<details class="yz-details" open>' in text(answer)
    past = client.post(f"{page}due/", {"due": "2026-05-01", "reason": "理由"})
    assert past.status_code == 422
    assert "今日以降の日" in text(past)
    client.post(f"{page}due/", {"due": "2026-12-01", "reason": "研修の後にするため"})
    action.refresh_from_db()
    assert action.due == date(2026, 12, 1)


# --- The reserve ----------------------------------------------------------------------------------


def adopted(run: EvaluationRun, reserve: int) -> BudgetScenario:
    """An adopted proposal for the guided year; only its reserve matters here."""
    rule = BudgetRule.objects.create(
        code="t", version=99, title="t", content="{}", content_hash="t"
    )
    return BudgetScenario.objects.create(
        run=run,
        number=1,
        title="案",
        state="adopted",
        rule=rule,
        fiscal_year=run.term.fiscal_year + 1,
        total_yen=100_000_000,
        distributed_yen=100_000_000 - reserve,
        reserve_yen=reserve,
        engine="v1",
        snapshot="{}",
        input_hash="a",
        result="{}",
        result_hash="b",
        previous_hash="c",
        computed_by_name="試験",
        adopted_at=NOW,
    )


def test_support_is_given_out_of_the_reserve_only(cast: Cast, sign_in: Any) -> None:
    run = published(cast, KINDS)
    made = operations.open_cases(
        actor=cast.hq.scope, run=run, wanted={"13": Wanted(2), "04": Wanted(1)}
    )
    adopted(run, 2_000_000)
    miyagi, tokyo = made
    hq = cast.hq.scope
    operations.save_plan(actor=hq, case=tokyo, values=plan_values(support_yen=1_500_000), version=0)
    reserve = reserve_of(miyagi)
    assert reserve is not None
    assert (reserve.total, reserve.used, reserve.left) == (2_000_000, 1_500_000, 500_000)
    with pytest.raises(InvalidInput, match="500,000円"):
        operations.save_plan(
            actor=hq, case=miyagi, values=plan_values(support_yen=500_001), version=0
        )
    operations.save_plan(actor=hq, case=miyagi, values=plan_values(support_yen=500_000), version=0)
    page = text(sign_in(cast.hq).get(f"{URL}{tokyo.pk}/plan/"))
    assert "あと1,500,000円です（留保2,000,000円、ほかの案件500,000円）" in page


# --- Effect ---------------------------------------------------------------------------------------


def test_the_effect_waits_for_two_terms_and_then_compares(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.hq)
    page = text(client.get(f"{URL}effect/"))
    assert "比べられる期がまだありません" in page
    assert "平均への回帰" in page
    case = reviewed(cast)
    operations.release_case(actor=cast.hq.scope, case=case, reason="理由")
    published(cast, {"13": "middle", "14": "good", "04": "good"}, 2026)
    effect = client.get(f"{URL}effect/").context["effect"]
    (line,) = effect.lines
    assert line.hub.code == "13"
    assert line.hub.change > 0
    assert (line.peers, line.difference) == (0, None)
    assert effect.is_same_scheme
    assert client.get(f"{URL}effect/?fiscal_year=2025").status_code == 200
    for wrong in ("2024", "x", "20255"):
        assert client.get(f"{URL}effect/?fiscal_year={wrong}").status_code == 404
    own = sign_in(cast.cc_kanagawa).get(f"{URL}effect/").context["effect"]
    assert own.lines == []


def test_peers_are_similar_hubs_without_guidance(cast: Cast, sign_in: Any) -> None:
    run = published(cast, {"13": "low", "14": "low", "04": "good"})
    wanted = {"13": Wanted(2), "14": Wanted(0, "体制がすでに改まったため。")}
    operations.open_cases(actor=cast.hq.scope, run=run, wanted=wanted)
    published(cast, {"13": "good", "14": "middle", "04": "good"}, 2026)
    effect = sign_in(cast.agency).get(f"{URL}effect/").context["effect"]
    (line,) = effect.lines
    assert (line.hub.code, line.peers) == ("13", 1)
    assert line.difference == line.hub.change - line.peer_change
    assert line.difference > 0


# --- Desks ----------------------------------------------------------------------------------------


def tasks(cast: Cast, key: str) -> dict[str, str]:
    return {
        task.label: task.url
        for task in home_of(cast.actors[key].scope).tasks
        if "重点指導" in task.label or "点検" in task.label
    }


def test_the_desk_of_hq_opens_and_the_bureau_plans(cast: Cast) -> None:
    run = published(cast, KINDS)
    text = "令和7年度の評価から重点指導の発動を決める（2拠点）"
    assert tasks(cast, "hq") == {text: f"{URL}runs/{run.pk}/"}
    assert tasks(cast, "bureau_kanto") == {}
    cases = operations.open_cases(
        actor=cast.hq.scope, run=run, wanted={"13": Wanted(2), "04": Wanted(1)}
    )
    label = "東京都よろず支援拠点の重点指導の計画を作成する"
    assert tasks(cast, "bureau_kanto") == {label: f"{URL}{cases[1].pk}/"}
    assert len(tasks(cast, "hq")) == 2
    assert tasks(cast, "cc_tokyo") == {}
    waiting = [task.label for task in home_of(cast.cc_tokyo.scope).waiting]
    assert "重点指導の計画の作成" in waiting


def test_owners_find_their_actions_and_signers_the_plan(cast: Cast) -> None:
    due = clock.today() + timedelta(days=3)
    case = planned(
        cast,
        action_values(owner="coordinator", due=due),
        action_values(owner="bureau", due=due, is_serious=True),
        action_values(owner=f"chief_coordinator:{cast.cc_tokyo.user.pk}", due=due),
    )
    sign = "東京都よろず支援拠点の重点指導の計画を確かめて合意する"
    for key in ("cc_tokyo", "body_tokyo", "bureau_kanto"):
        assert list(tasks(cast, key)) == [sign]
    assert tasks(cast, "co_tokyo") == {}
    operations.agree(actor=cast.cc_tokyo.scope, case=case)
    assert tasks(cast, "body_tokyo") == {}
    operations.agree(actor=cast.bureau_kanto.scope, case=case)
    assert list(tasks(cast, "bureau_kanto")) == ["東京都よろず支援拠点の重点指導の実施を始める"]
    operations.start(actor=cast.hq.scope, case=case)
    assert [label[:9] for label in tasks(cast, "co_tokyo")] == ["重点指導の取組1を"]
    assert [label[:9] for label in tasks(cast, "cc_tokyo")] == [
        "重点指導の取組1を",
        "重点指導の取組3を",
    ]
    assert [label[:9] for label in tasks(cast, "bureau_kanto")] == ["重点指導の取組2を"]
    assert tasks(cast, "cc_kanagawa") == {}
    done(cast, action_of(case, 2), cast.bureau_kanto.scope)
    assert tasks(cast, "bureau_kanto") == {}
    assert list(tasks(cast, "hq")) == ["重点指導の取組2の完了を確認する"]


def test_after_a_checkpoint_somebody_decides(cast: Cast) -> None:
    reviewed(cast)
    label = "東京都よろず支援拠点の重点指導の結論を決める"
    assert label in tasks(cast, "bureau_kanto")
    assert label in tasks(cast, "hq")
    waiting = [task.label for task in home_of(cast.body_tokyo.scope).waiting]
    assert "重点指導の点検の結論" in waiting


def test_a_plan_that_lacks_its_goal_is_still_to_be_written(cast: Cast) -> None:
    case = opened(cast)
    operations.save_plan(
        actor=cast.hq.scope, case=case, values=plan_values(goal=""), version=case.version
    )
    operations.add_action(actor=cast.hq.scope, case=case, values=action_values())
    name = case.hub.name
    for key in ("hq", "bureau_kanto"):
        labels = {task.label for task in home_of(cast.actors[key].scope).tasks}
        assert f"{name}の重点指導の計画を作成する" in labels
        assert f"{name}の重点指導の計画を確かめて合意する" not in labels

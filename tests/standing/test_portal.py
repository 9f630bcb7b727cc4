"""Home, record and matrix where a whole year was judged: what each role learns of it."""

import re
from typing import Any

from tests.portal.nation import texts
from tests.world import canary
from yorozu.core.access import decide
from yorozu.portal.home.board import home_of
from yorozu.portal.home.matrix import matrix
from yorozu.portal.home.steps import Stage


def test_who_computed_a_run_waits_for_the_second_person(world: Any) -> None:
    """Four eyes: the task stands on the desk of the other one only."""
    text = "令和7年度の評価を確認して確定する"
    own, second = home_of(world.cast.hq.scope), home_of(world.cast.hq_second.scope)
    assert text not in {task.label for task in own.tasks}
    assert text in {task.label for task in second.tasks}
    assert "令和7年度の評価の確定" in {task.label for task in own.waiting}


def test_the_hub_side_learns_of_a_judgement_when_it_is_published(world: Any) -> None:
    labels = {task.label for task in home_of(world.cast.cc_tokyo.scope).tasks}
    assert "令和7年度の評価結果を確認する" in labels
    part = world.runs["facts"].fact_checks.get(hub__code="13")
    runs = {task.url for task in home_of(world.cast.cc_tokyo.scope).tasks if "runs" in task.url}
    # Of a run under way the hub learns what it is asked about, never the run itself.
    assert runs == {
        f"/evaluation/runs/{world.runs['published'].pk}/",
        f"/evaluation/runs/facts/{part.pk}/",
    }


def test_a_hub_whose_facts_are_the_same_is_not_asked_again(world: Any) -> None:
    part = world.runs["facts"].fact_checks.get(hub__code="04")
    assert part.carried_from is not None
    assert not any("facts" in task.url for task in home_of(world.cast.cc_miyagi.scope).tasks)


def test_headquarters_answer_before_they_fix(world: Any) -> None:
    labels = {task.label for task in home_of(world.cast.hq.scope).tasks}
    assert "令和7年度の評価への意見・異議に回答する（2件）" in labels


def test_the_agency_decides_and_administrators_see_what_failed(world: Any, sign_in: Any) -> None:
    agency = {task.label for task in home_of(world.cast.agency.scope).tasks}
    assert "令和7年度の評価を全拠点に公表する" in agency
    assert "令和8年度の配分案の採用を判断する" in agency
    home = home_of(world.cast.admin.scope)
    client = sign_in(world.cast.admin)
    counted = {
        "失敗したジョブを確認する": "/jobs/?state=failed",
        "取り込めなかったファイルを確認する": "/imports/?state=refused",
    }
    for text, url in counted.items():
        task = next(task for task in home.tasks if task.label.startswith(text))
        assert task.url == url
        number = int(re.search(r"（(\d+)件）", task.label)[1])  # type: ignore[index]
        assert len(client.get(url).context["table"].rows) == number


def test_updates_hold_nothing_of_strangers(world: Any) -> None:
    for key, strangers in (("cc_tokyo", ("14", "04")), ("body_miyagi", ("13", "14"))):
        home = home_of(world.cast.actors[key].scope)
        said = texts(home) + "".join(f"{row.text}{row.who}" for row in home.updates)
        assert home.updates
        for code in strangers:
            assert canary(code) not in said
            assert world.hubs[code].name not in said


def test_only_readers_of_the_trail_see_acts_of_judgement(world: Any) -> None:
    assert not decide(world.cast.cc_tokyo.scope, "core.audit.view").allowed
    for update in home_of(world.cast.cc_tokyo.scope).updates:
        assert "証拠台帳" not in update.text
        assert "評価" not in update.text


def test_files_are_offered_to_those_who_may_apply_them(world: Any) -> None:
    """The checked survey is HQ's affair; the administrator sees it in the list, not as a task."""
    url = f"/imports/{world.batches['ready'].pk}/"
    offered = {
        key: url in {task.url for task in home_of(world.cast.actors[key].scope).tasks}
        for key in ("hq", "admin", "cc_tokyo")
    }
    assert offered == {"hq": True, "admin": False, "cc_tokyo": False}


def labels(client: Any, code: str = "13") -> set[str]:
    years = client.get(f"/hubs/{code}/record/").context["years"]
    return {fact.label for year in years for fact in [*year.facts, *year.people]}


def test_every_slice_is_shown_under_its_own_right(world: Any, sign_in: Any) -> None:
    client = {
        key: sign_in(world.cast.actors[key]) for key in ("hq", "cc_tokyo", "pm_kanto", "admin")
    }
    everything = labels(client["hq"])
    judged = {"顧客満足度調査", "評価", "重点指導", "採用された配分案"}
    assert {"事業計画", "月次実績", "コーディネーター", *judged} <= everything
    assert labels(client["cc_tokyo"]) == everything - {"採用された配分案"}
    assert labels(client["pm_kanto"]) == everything - judged
    assert not labels(client["admin"]) & {"事業計画", "月次実績", *judged}


def test_hubs_read_the_published_judgement_only(world: Any, sign_in: Any) -> None:
    page = sign_in(world.cast.cc_tokyo).get("/hubs/13/record/").content.decode()
    assert f"/evaluation/runs/{world.runs['published'].pk}/hubs/13/" in page
    for name in ("fixed", "computed", "trial"):
        assert f"/evaluation/runs/{world.runs[name].pk}/" not in page


def test_nothing_of_other_hubs_stands_in_it(world: Any, sign_in: Any) -> None:
    page = sign_in(world.cast.hq).get("/hubs/13/record/").content.decode()
    for code in ("14", "04"):
        assert canary(code) not in page
        assert world.hubs[code].name not in page


def test_every_link_of_the_record_opens(world: Any, sign_in: Any) -> None:
    for key in ("hq", "cc_tokyo", "body_tokyo", "bureau_kanto"):
        client = sign_in(world.cast.actors[key])
        years = client.get("/hubs/13/record/").context["years"]
        for fact in (fact for year in years for fact in [*year.facts, *year.people]):
            if fact.url:
                assert client.get(fact.url).status_code == 200, (key, fact)


def test_judgement_is_shown_as_far_as_the_role_may_know(world: Any) -> None:
    term = world.terms[2025]
    for key, shown in (("hq", True), ("body_tokyo", True), ("pm_kanto", False)):
        lines = matrix(world.cast.actors[key].scope, term).lines
        step = next(line for line in lines if line.hub.code == "13").steps[Stage.EVALUATION]
        assert (step.chip is not None) is shown
        if shown:
            assert step.object_id == world.runs["published"].pk

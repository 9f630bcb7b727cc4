"""The parts of a year: carried over, compared, edited, kept with who and why; no silent copy."""

import json

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from evaluation.hearings.operations import adopt_checklist
from evaluation.scoring.operations import adopt_scheme
from evaluation.scoring.queries import current_scheme
from evaluation.scoring.rules.scheme import DEFAULT_SCHEME
from hubs.network.models import BlockAssignment
from hubs.terms import operations
from hubs.terms.models import ActivityIndicator, PartDecision
from hubs.terms.parts import PartFaults, find, parts
from hubs.terms.queries import history, opening
from hubs.terms.rules.comparing import Row, differing, pairs, text_pairs
from hubs.terms.rules.leaves import Leaf, leaves, read_value, replaced
from hubs.terms.year_parts.indicators import FIELDS
from tests.hubs.year import SYSTEM, open_year, publish
from yorozu.core.canonical import canonical_json
from yorozu.core.errors import Conflict, NotReady

pytestmark = [pytest.mark.usefixtures("november")]


def test_rows_are_paired_by_key_and_what_differs_is_known():
    before = [Row("a", "", "い", "1"), Row("b", "", "ろ", "2"), Row("c", "", "は", "3")]
    after = [Row("b", "", "ろ", "2"), Row("a", "", "い", "9"), Row("d", "", "に", "4")]
    found = pairs(before, after)
    assert [(row.key, row.differs) for row in found] == [
        ("b", False),
        ("a", True),
        ("d", True),
        ("c", True),
    ]
    assert [row.key for row in differing(found)] == ["a", "d", "c"]


def test_texts_are_compared_line_by_line():
    found = text_pairs("い\nろ\nは", "い\nは\nに")
    assert [(row.before and row.before.text, row.after and row.after.text) for row in found] == [
        ("い", "い"),
        ("ろ", None),
        ("は", "は"),
        (None, "に"),
    ]


def test_leaves_are_named_by_codes_and_keep_their_types():
    content = {"items": [{"code": "A", "weight": "1.50", "most": 5, "on": True}], "row": [["0", 1]]}
    assert [leaf.key for leaf in leaves(content)] == [
        "items/A/code",
        "items/A/weight",
        "items/A/most",
        "items/A/on",
        "row/0/0",
        "row/0/1",
    ]
    changed, faults = replaced(
        content, {"items/A/weight": "２．２５", "items/A/most": "1,000", "items/A/on": "いいえ"}
    )
    assert faults == {}
    assert changed["items"] == [{"code": "A", "weight": "2.25", "most": 1000, "on": False}]
    assert content["items"][0]["most"] == 5
    _, faults = replaced(content, {"items/A/weight": "x", "items/A/most": "-1"})
    assert set(faults) == {"items/A/weight", "items/A/most"}


@pytest.mark.parametrize(
    ("value", "typed"), [(1, "1.5"), (1, ""), ("2.5", "1e3"), ("2.5", ""), (1, "９" * 12)]
)
def test_what_is_no_number_is_refused(value, typed):
    with pytest.raises(ValueError, match="入力してください"):
        read_value(Leaf(("x",), value), typed)


def test_every_column_of_an_indicator_is_carried_into_the_next_year():
    columns = {field.name for field in ActivityIndicator._meta.fields}
    assert columns == {*FIELDS, "id", "term", "order"}


@pytest.fixture
def last(cast):
    return open_year(2025)


@pytest.fixture
def term(last):
    return operations.prepare_term(actor=SYSTEM, fiscal_year=2026)


def _changed(term, code, typed, **more):
    part = find(code)
    view = next(view for view in opening(term) if view.part.code == code)
    content = part.read(term, view.shown, typed)
    return operations.change_part(actor=SYSTEM, term=term, part=part, content=content, **more)


def test_every_part_is_proposed_from_last_year_and_its_differences_marked(cast, last, term):
    for view in opening(term):
        assert (view.origin, view.decision) == ("令和7年度", None)
        if view.part.code != "policy":
            assert view.differing == []
        assert view.alike
    policy = next(view for view in opening(term) if view.part.code == "policy")
    assert policy.shown == {"title": "方針", "body": "本文"}


def test_without_a_year_before_the_products_defaults_are_proposed_and_named_so(cast):
    term = operations.prepare_term(actor=SYSTEM, fiscal_year=2026)
    views = {view.part.code: view for view in opening(term)}
    assert {view.origin for view in views.values()} == {"製品の既定値"}
    assert views["policy"].shown is None
    assert not views["policy"].may_take_over
    assert views["scheme"].shown == json.loads(canonical_json(dict(DEFAULT_SCHEME)))


def test_a_changed_part_is_kept_with_its_reason_and_carried_on(cast, last, term):
    row = _changed(term, "scheme", {"components/CHK/weight": "10", "components/UNQ/weight": "10"})
    assert (row.kind, row.reason) == ("changed", "")
    scheme = json.loads(current_scheme(term).content)
    weights = {part["code"]: part["weight"] for part in scheme["components"]}
    assert (weights["CHK"], weights["UNQ"]) == ("10", "10")
    view = next(view for view in opening(term) if view.part.code == "scheme")
    assert [(pair.before.text, pair.after.text) for pair in view.differing] == [
        ("12", "10"),
        ("8", "10"),
    ]
    assert [pair.label for pair in view.differing] == ["配点", "配点"]


@pytest.mark.parametrize(
    ("code", "typed", "said"),
    [
        ("scheme", {"components/CHK/weight": "13"}, "合計が100ではありません"),
        ("scheme", {"grades/0/1": "x"}, "数値で入力"),
        ("checklist", {"C1/text": " "}, "すべて入力してください"),
        ("budget_rule", {"base": "0.5"}, "合計が1ではありません"),
        ("indicators", {"CONS/name": ""}, "活動指標を入力してください"),
        ("indicators", {"CONS/source": "guess"}, "集計の方法を選んで"),
        ("blocks", {"13": "mars"}, "ブロックを選んで"),
        ("policy", {"title": " "}, "標題"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_words(cast, last, term, code, typed, said):
    content = next(view for view in opening(term) if view.part.code == code).shown
    if code == "checklist":
        typed = {f"{content[0]['code']}/text": " "}
    with pytest.raises(PartFaults) as refusal:
        find(code).read(term, content, typed)
    assert said in " ".join(problem.as_text() for problem in refusal.value.problems)
    assert not PartDecision.objects.filter(term=term).exists()


def test_blocks_move_for_one_year_only(cast, last, term):
    _changed(term, "blocks", {"18": "chubu_hokuriku"})
    found = BlockAssignment.objects.filter(hub__code="18").order_by("fiscal_year")
    blocks = dict(found.values_list("fiscal_year", "block__code"))
    assert (blocks[2025], blocks[2026]) == ("kinki", "chubu_hokuriku")
    view = next(view for view in opening(term) if view.part.code == "blocks")
    assert [pair.key for pair in view.differing] == ["18"]
    assert len(view.alike) == 46


def test_the_running_year_changes_with_a_reason_until_the_rules_are_registered(cast):
    term = operations.open_term(actor=SYSTEM, fiscal_year=2026)
    with pytest.raises(NotReady, match="理由の入力が必要"):
        _changed(term, "calendar", {"plan/number": "27"})
    _changed(term, "calendar", {"plan/number": "27"}, reason="大型連休のため")
    steps = history(term, "calendar")
    assert [step.decision.reason for step in steps] == ["大型連休のため", ""]
    assert [(pair.before.text, pair.after.text) for pair in steps[0].changes] == [
        ("5月20日 12:00（休日は繰下げ）", "5月27日 12:00（休日は繰下げ）")
    ]
    operations.register_rules(actor=cast.hq.scope, term=term)
    with pytest.raises(NotReady) as refusal:
        _changed(term, "calendar", {"plan/number": "28"}, reason="もう一度")
    assert refusal.value.missing[0].link_name == "rule_change"


def test_two_people_on_one_part_meet(cast, last, term):
    part = find("blocks")
    seen = next(view for view in opening(term) if view.part.code == "blocks").shown_hash
    _changed(term, "blocks", {"18": "chubu_hokuriku"})
    with pytest.raises(Conflict, match="他の人が「ブロック編成」を変更"):
        operations.change_part(
            actor=SYSTEM, term=term, part=part, content=part.default(term), seen=seen
        )


def test_old_doors_do_not_pass_the_registration(cast):
    term = open_year(2026)
    assert adopt_scheme(cast.hq.scope, term=term).version == 1
    assert adopt_checklist(cast.hq.scope, term=term).version == 1
    other = {**DEFAULT_SCHEME, "min_months": 5}
    with pytest.raises(NotReady, match="規則は登録されています"):
        adopt_scheme(cast.hq.scope, term=term, content=other)


def test_decisions_are_held_by_the_database(cast, last):
    row = PartDecision.objects.first()
    for act in (
        lambda: PartDecision.objects.filter(pk=row.pk).update(reason="x"),
        lambda: PartDecision.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="決定は変更も削除も"), transaction.atomic():
            act()


def test_the_policy_of_last_year_becomes_a_draft_with_the_new_year_in_its_title(cast):
    last = open_year(2025, published=False)
    publish(
        operations.draft_policy(
            actor=SYSTEM, term=last, title="令和7年度の方針（2025年度）", body="一\n二"
        )
    )
    term = operations.prepare_term(actor=SYSTEM, fiscal_year=2026)
    operations.take_over(actor=cast.admin.scope, term=term, codes=["policy"])
    draft = term.policies.get()
    assert (draft.title, draft.body, draft.state) == (
        "令和8年度の方針（2026年度）",
        "一\n二",
        "draft",
    )


def test_a_new_year_is_opened_in_four_clicks_when_all_is_taken_over(cast, sign_in, last):
    client = sign_in(cast.admin)
    # 1 期, 2 期を準備する, 3 印を付けた項目を引き継ぐ, 4 期を開始する
    listed = client.get(reverse("term_list"))
    assert "令和8年度の期を準備する" in listed.content.decode()
    page = client.post(reverse("term_open"), {"fiscal_year": 2026}, follow=True)
    term = page.context["term"]
    assert "checked" not in page.content.decode()
    views = page.context["views"]
    data = {f"seen-{view.part.code}": view.shown_hash for view in views}
    data["parts"] = [view.part.code for view in views]
    page = client.post(reverse("term_take_over", args=[term.pk]), data, follow=True)
    assert "7項目を引き継ぎました" in page.content.decode()
    page = client.post(reverse("term_start", args=[term.pk]), follow=True)
    assert "令和8年度の期を開始しました" in page.content.decode()
    term.refresh_from_db()
    assert term.state == "open"


def test_the_page_says_what_is_missing_and_takes_nothing_without_a_tick(cast, sign_in, last, term):
    client = sign_in(cast.hq)
    answer = client.post(reverse("term_take_over", args=[term.pk]), {})
    assert answer.status_code == 422
    assert "印を付けてください" in answer.content.decode()
    answer = client.post(reverse("term_start", args=[term.pk]))
    assert answer.status_code == 409
    assert "「評価基準」がまだ決まっていません" in answer.content.decode()
    assert not PartDecision.objects.filter(term=term).exists()


@pytest.mark.once
@pytest.mark.parametrize("code", [part.code for part in parts()])
def test_the_edit_page_of_each_part_shows_last_year_and_saves(cast, sign_in, last, term, code):
    client, url = sign_in(cast.hq), reverse("term_part", args=[term.pk, code])
    page = client.get(url)
    assert page.status_code == 200
    sent = {"seen": page.context["seen"]}
    for group in page.context["groups"]:
        for row in group["entries"]:
            if row["entry"].kind != "flag":
                sent[row["name"]] = row["value"]
    answer = client.post(url, sent)
    assert answer.status_code == 302, answer.content.decode()[:500]
    decision = PartDecision.objects.get(term=term, part=code)
    assert decision.kind == "changed"
    # What holds afterwards is exactly what was decided.
    assert canonical_json(find(code).stands(term)) == decision.content
    # Saved as it stood: nothing differs from what was proposed.
    view = next(view for view in opening(term) if view.part.code == code)
    assert view.differing == []


def test_indicators_are_headed_by_their_names(cast, sign_in, last, term):
    page = sign_in(cast.hq).get(reverse("term_part", args=[term.pk, "indicators"])).text
    assert "<caption>相談対応件数</caption>" in page
    assert "<caption>CONS</caption>" not in page


def test_a_fault_keeps_what_was_typed(cast, sign_in, last, term):
    url = reverse("term_part", args=[term.pk, "scheme"])
    answer = sign_in(cast.hq).post(url, {"v/components/CHK/weight": "百", "seen": ""})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="百"' in text
    assert 'href="#v/components/CHK/weight"' in text

"""Own initiatives: three at most, by the hub's chief, until the deadline, seen by the panel."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from evaluation.hearings import operations
from evaluation.hearings.models import InitiativeFile, OwnInitiative
from evaluation.hearings.operations import InitiativeConflict, Proof
from evaluation.hearings.queries.portfolios import portfolio
from hubs.network.models import Hub
from tests.evaluation.hearings.panel_ground import END, enter, open_term, scheduled, scoring, seat
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 test"


def save(cast, key="cc_miyagi", **more):
    given = {
        "hub": Hub.objects.get(code="04"),
        "term": open_term(),
        "order": 1,
        "values": {"title": "夜間相談"},
        "version": 0,
    }
    return operations.save_initiative(cast.actors[key].scope, **{**given, **more})


@pytest.mark.parametrize("key", ["co_tokyo", "body_miyagi", "bureau_tohoku", "hq", "cc_tokyo"])
def test_only_the_chief_of_the_hub_writes(cast, key):
    with pytest.raises(Refused):
        save(cast, key)


def test_a_fourth_is_refused_and_too_long_a_text_is_named(cast):
    for order in (1, 2, 3):
        save(cast, order=order)
    with pytest.raises(InvalidInput, match="3つまで"):
        save(cast, order=4)
    with pytest.raises(InvalidInput, match="2,000文字"):
        save(cast, values={"what": "あ" * 2001})
    assert [place.is_written for place in portfolio(Hub.objects.get(code="04"), open_term())] == [
        True,
        True,
        True,
    ]


def test_two_people_in_different_fields_do_not_hinder_each_other(cast):
    first = save(cast)
    assert first.version == 2
    save(cast, values={"what": "毎週水曜"}, version=2)
    save(cast, values={"effect": "相談が増えた"}, version=2)
    with pytest.raises(InitiativeConflict) as error:
        save(cast, values={"what": "毎週木曜"}, version=2)
    assert error.value.differences == [("what", "毎週水曜", "毎週木曜")]
    assert OwnInitiative.objects.get().what == "毎週水曜"


def test_nothing_typed_leaves_nothing(cast):
    assert save(cast, values={"title": " "}).pk is None
    assert not OwnInitiative.objects.exists()


@pytest.mark.usefixtures("hearing_day")
def test_the_deadline_and_the_scoring_close_the_portfolio(cast, monkeypatch):
    stand = scheduled(cast)
    due = stand.fresh().initiatives_due
    with pytest.raises(NotReady, match="提出期限を過ぎた"):
        save(cast)
    monkeypatch.setattr("yorozu.core.clock.now", lambda: due - timedelta(minutes=1))
    row = save(cast)
    monkeypatch.setattr("yorozu.core.clock.now", lambda: END)
    operations.open_scoring(cast.hq_second.scope, hearing=stand.fresh())
    with pytest.raises(NotReady, match="採点が始まった"):
        operations.clear_initiative(cast.cc_miyagi.scope, initiative=row)


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.exe", b"MZ", "登録できません"),
        ("a.html", b"<html>", "登録できません"),
        ("a.pdf", b"<html>", "中身がpdf"),
        ("a.png", PDF, "中身がpng"),
        ("a.txt", b"", "中身がありません"),
        ("noending", b"x", "登録できません"),
    ],
)
def test_files_that_are_not_taken_leave_nothing(cast, name, data, word):
    row = save(cast)
    with pytest.raises(InvalidInput, match=word):
        operations.add_file(
            cast.cc_miyagi.scope, initiative=row, file=ContentFile(data), filename=name
        )
    assert not InitiativeFile.objects.exists()


def test_a_file_is_kept_under_our_own_name_and_taken_out_again(
    cast, django_capture_on_commit_callbacks
):
    row = save(cast)
    name = "../../etc/成果.pdf"
    file = operations.add_file(
        cast.cc_miyagi.scope, initiative=row, file=ContentFile(PDF), filename=name
    )
    assert file.name == "成果.pdf"
    assert ".." not in file.path
    assert default_storage.exists(file.path)
    for _ in range(4):
        operations.add_file(
            cast.cc_miyagi.scope, initiative=row, file=ContentFile(PDF), filename="a.pdf"
        )
    with pytest.raises(InvalidInput, match="5つまで"):
        operations.add_file(
            cast.cc_miyagi.scope, initiative=row, file=ContentFile(PDF), filename="a.pdf"
        )
    with django_capture_on_commit_callbacks(execute=True):
        operations.remove_file(cast.cc_miyagi.scope, file=file)
    assert not default_storage.exists(file.path)
    with django_capture_on_commit_callbacks(execute=True):
        operations.clear_initiative(cast.cc_miyagi.scope, initiative=row)
    assert not OwnInitiative.objects.exists()


@pytest.mark.usefixtures("hearing_day")
def test_a_file_of_the_portfolio_proves_an_item_and_then_stays(cast, monkeypatch):
    row = save(cast)
    file = operations.add_file(
        cast.cc_miyagi.scope, initiative=row, file=ContentFile(PDF), filename="成果.pdf"
    )
    stand = scoring(cast)
    proof = Proof("", initiative_file_id=file.pk)
    evidence = operations.add_evidence(
        cast.board.scope, hearing=stand.fresh(), item="U1", proof=proof
    )
    assert (evidence.kind, evidence.title) == ("portfolio", "成果.pdf")
    with pytest.raises((NotReady, Conflict)):
        operations.remove_file(cast.cc_miyagi.scope, file=file)


# --- screens ----------------------------------------------------------------------------------


def test_screens_of_the_hub(cast, sign_in):
    client = sign_in(cast.cc_miyagi)
    term = open_term()
    page = reverse("initiatives", args=[term.fiscal_year, "04"])
    edit = reverse("initiative_edit", args=[term.fiscal_year, "04", 1])
    assert "（未入力）" in client.get(page).text
    assert client.post(edit, {"title": "夜間相談", "version": "0"}).status_code == 302
    assert "夜間相談" in client.get(page).text
    answer = client.post(edit, {"title": "あ" * 101, "version": "2"})
    assert answer.status_code == 422
    assert "100文字まで" in answer.text
    answer = client.post(edit, {"title": "別の名称", "version": "1"})
    assert answer.status_code == 409
    assert "夜間相談" in answer.text
    assert "別の名称" in answer.text
    auto = reverse("initiative_autosave", args=[term.fiscal_year, "04", 1])
    answer = client.post(auto, {"what": "毎週水曜", "version": "2"})
    assert (answer.status_code, 'value="3"' in answer.text) == (200, True)
    answer = client.post(auto, {"what": "木曜", "version": "2"})
    assert answer.status_code == 409
    assert "毎週水曜" in answer.text
    assert (
        client.get(reverse("initiative_edit", args=[term.fiscal_year, "04", 4])).status_code == 404
    )


@pytest.mark.usefixtures("hearing_day")
def test_the_panel_reads_after_signing_and_a_stranger_never(cast, sign_in):
    row = save(cast)
    file = operations.add_file(
        cast.cc_miyagi.scope, initiative=row, file=ContentFile(PDF), filename="成果.pdf"
    )
    stand = scheduled(cast)
    page = reverse("initiatives", args=[stand.term.fiscal_year, "04"])
    paper = reverse("initiative_file", args=[file.pk])
    assert "夜間相談" in sign_in(cast.board).get(page).text
    answer = sign_in(cast.board).get(paper)
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == PDF
    for key in ("pm_kanto", "cc_tokyo", "bureau_kanto", "body_tokyo"):
        assert sign_in(cast.actors[key]).get(page).status_code == 404, key
        assert sign_in(cast.actors[key]).get(paper).status_code == 404, key
    operations.unschedule_hearing(cast.hq.scope, hearing=stand.fresh(), reason="追加のため")
    enter(stand, "pm_kanto", signed=False)
    seat(stand, "pm_kanto")
    assert sign_in(cast.pm_kanto).get(page).status_code == 409

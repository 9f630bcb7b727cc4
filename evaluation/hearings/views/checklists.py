"""The checklist in use, its versions side by side, and the draft of the next one."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation.hearings import queries
from evaluation.hearings.forms import DraftForm, ItemForm
from evaluation.hearings.models import Checklist, ChecklistComponent, ChecklistItem
from evaluation.hearings.operations import adopt_checklist, drafts
from evaluation.hearings.rules.versions import differences
from evaluation.hearings.views.frame import frame, term_crumb, term_of
from hubs.terms.models import TermState
from hubs.terms.queries import open_change, registered
from yorozu.core.access import allow, scope_of
from yorozu.core.errors import Conflict, InvalidInput
from yorozu.core.fiscal import nendo
from yorozu.core.web.crumbs import Crumb
from yorozu.core.web.forms import status_of
from yorozu.core.web.tables import Column, Empty, Table

VIEW, AUTHOR = "evaluation.hearings.view", "evaluation.hearings.author"
LABELS = {
    "component": "区分",
    "text": "項目",
    "weight": "重み",
    "anchor_4": "4 模範",
    "anchor_3": "3 標準",
    "anchor_2": "2 一部実施",
    "anchor_1": "1 着手",
    "anchor_0": "0 未実施",
}


@require_safe
@allow(VIEW)
def checklist_detail(request: HttpRequest, year: int) -> HttpResponse:
    """The checklist in use with its five anchors per item, and its other versions."""
    term = term_of(year)
    checklist = queries.checklist_of(term)
    items = list(checklist.items.all()) if checklist is not None else []
    versions = Checklist.objects.filter(term=term, is_locked=True).order_by("-version")
    draft = Checklist.objects.filter(term=term, is_locked=False).first()
    context = {
        **frame(request, term, f"チェックリスト（{nendo(year)}）", page="checklist_detail"),
        "checklist": checklist,
        "table": anchor_table(items),
        "versions": list(versions),
        "draft": draft,
        "draft_form": DraftForm() if term.state != TermState.CLOSED and draft is None else None,
    }
    return render(request, "evaluation/hearings/checklist.html", context)


def _shown(items: Iterable[ChecklistItem]) -> list[dict[str, Any]]:
    """What a version says, its components by their names."""
    names = dict(ChecklistComponent.choices)
    rows = queries.content_of(items)
    return [{**row, "component": names[row["component"]]} for row in rows]


def anchor_table(items: list[Any]) -> Table:
    """Items with their anchors."""
    columns = [
        Column("code", "コード"),
        Column("part", "区分", css="yz-nowrap"),
        Column("text", "項目", header=True),
        Column("weight", "重み", numeric=True),
        *(Column(f"a{level}", LABELS[f"anchor_{level}"]) for level in range(5)),
    ]
    rows = [
        {
            "code": item.code,
            "part": item.get_component_display(),
            "text": item.text,
            "weight": item.weight,
            **{f"a{level}": getattr(item, f"anchor_{level}") for level in range(5)},
        }
        for item in items
    ]
    empty = Empty(
        "チェックリストはまだ採用されていません。", "全国本部が採用すると、評点を入力できます。"
    )
    return Table("項目と5段階の目安", columns, rows, empty=empty)


@require_POST
@allow("evaluation.hearings.adopt")
def checklist_adopt(request: HttpRequest, year: int) -> HttpResponse:
    """Adopt the shipped checklist for the term."""
    checklist = adopt_checklist(scope_of(request), term=term_of(year))
    messages.success(request, f"{checklist}を採用しました。")
    return redirect("checklist_detail", year=year)


@require_safe
@allow(VIEW)
def checklist_compare(request: HttpRequest, year: int) -> HttpResponse:
    """Two versions side by side: ?old=1&new=2; by default the last two."""
    term = term_of(year)
    rows = list(Checklist.objects.filter(term=term).order_by("version"))
    by_version = {str(row.version): row for row in rows}
    new = by_version.get(request.GET.get("new", "")) or (rows[-1] if rows else None)
    earlier = [row for row in rows if new is not None and row.version < new.version]
    old = by_version.get(request.GET.get("old", "")) or (earlier[-1] if earlier else None)
    found = []
    if old is not None and new is not None:
        found = differences(_shown(old.items.all()), _shown(new.items.all()), LABELS)
    back = Crumb(f"チェックリスト（{nendo(year)}）", reverse("checklist_detail", args=[year]))
    context = {
        **frame(request, term, "チェックリストの版の比較", back),
        "versions": rows,
        "old": old,
        "new": new,
        "differences": found,
    }
    return render(request, "evaluation/hearings/checklist_compare.html", context)


@require_POST
@allow(AUTHOR)
def checklist_begin(request: HttpRequest, year: int) -> HttpResponse:
    """Begin a draft as a copy of the version in use."""
    form = DraftForm(request.POST)
    if not form.is_valid():
        messages.error(request, "この版を作る理由を入力してください。")
        return redirect("checklist_detail", year=year)
    reason = form.cleaned_data["reason"]
    drafts.begin_draft(scope_of(request), term=term_of(year), reason=reason)
    messages.success(request, "次の版の案を作りました。項目を直してから採用してください。")
    return redirect("checklist_draft", year=year)


def _draft(year: int) -> Checklist:
    rows = Checklist.objects.filter(term__fiscal_year=year, is_locked=False)
    return get_object_or_404(rows.select_related("term"))


@require_safe
@allow(AUTHOR)
def checklist_draft(request: HttpRequest, year: int) -> HttpResponse:
    """The draft: items with their acts, what it changes, what it lacks."""
    draft = _draft(year)
    term = draft.term
    standing = queries.checklist_of(term)
    items = list(draft.items.order_by("order", "code"))
    base = _shown(standing.items.all()) if standing is not None else []
    is_registered = registered(term) is not None
    context = {
        **frame(request, term, f"{draft}（案）", term_crumb(term)),
        "draft": draft,
        "items": items,
        "differences": differences(base, _shown(items), LABELS) if base else [],
        "standing": standing,
        "faults": drafts.draft_faults(draft),
        "is_registered": is_registered,
        "has_change": is_registered and open_change(term) is not None,
    }
    return render(request, "evaluation/hearings/checklist_draft.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(AUTHOR)
def checklist_item_new(request: HttpRequest, year: int) -> HttpResponse:
    """Add an item."""
    draft = _draft(year)
    form = ItemForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            item = drafts.add_item(scope_of(request), draft=draft, values=form.cleaned_data)
        except InvalidInput as error:
            form.add_error(None, " ".join(row.message for row in error.problems))
        else:
            messages.success(request, f"{item.code}を加えました。")
            return redirect("checklist_draft", year=year)
    return _item_page(request, draft, form, "項目の追加")


def _item(year: int, code: str) -> ChecklistItem:
    rows = ChecklistItem.objects.select_related("checklist__term")
    return get_object_or_404(rows, checklist=_draft(year), code=code)


@require_http_methods(["GET", "HEAD", "POST"])
@allow(AUTHOR)
def checklist_item(request: HttpRequest, year: int, item: str) -> HttpResponse:
    """Change an item."""
    found = _item(year, item)
    form = ItemForm(initial={name: getattr(found, name) for name in ItemForm.base_fields})
    if request.method == "POST":
        form = ItemForm(request.POST)
        if form.is_valid():
            try:
                drafts.edit_item(scope_of(request), item=found, values=form.cleaned_data)
            except InvalidInput as error:
                form.add_error(None, " ".join(row.message for row in error.problems))
            else:
                messages.success(request, "項目を保存しました。")
                return redirect("checklist_draft", year=year)
    return _item_page(request, found.checklist, form, f"{item}の変更")


def _item_page(request: HttpRequest, draft: Checklist, form: ItemForm, title: str) -> HttpResponse:
    year = draft.term.fiscal_year
    back = Crumb("チェックリストの案", reverse("checklist_draft", args=[year]))
    context = {**frame(request, draft.term, title, back), "form": form, "draft": draft}
    return render(
        request, "evaluation/hearings/checklist_item.html", context, status=status_of(form)
    )


@require_POST
@allow(AUTHOR)
def checklist_item_act(request: HttpRequest, year: int, item: str, act: str) -> HttpResponse:
    """Move an item up or down, or take it out."""
    found, scope = _item(year, item), scope_of(request)
    if act == "remove":
        drafts.remove_item(scope, item=found)
        messages.success(request, f"{item}を削除しました。")
    elif act in {"up", "down"}:
        drafts.move_item(scope, item=found, step=-1 if act == "up" else 1)
    else:
        raise Conflict("この操作はありません。")
    return redirect("checklist_draft", year=year)


@require_POST
@allow(AUTHOR)
def checklist_draft_act(request: HttpRequest, year: int, act: str) -> HttpResponse:
    """Adopt the draft, put it into a change of the rules, or give it up."""
    draft, scope = _draft(year), scope_of(request)
    if act == "adopt":
        checklist = drafts.adopt_draft(scope, draft=draft)
        messages.success(request, f"{checklist}を採用しました。以後は変更できません。")
        return redirect("checklist_detail", year=year)
    if act == "propose":
        drafts.propose_draft(scope, draft=draft)
        messages.success(request, "年度の規則の変更案に入れました。双方の同意で効力を持ちます。")
        return redirect("rule_change", pk=draft.term_id)
    if act == "discard":
        drafts.discard_draft(scope, draft=draft)
        messages.success(request, "案を取り消しました。")
        return redirect("checklist_detail", year=year)
    raise Conflict("この操作はありません。")

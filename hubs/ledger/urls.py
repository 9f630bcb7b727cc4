"""Addresses of the ledger."""

from django.urls import path

from hubs.ledger.views import (
    activities,
    checks,
    codes,
    correction,
    entry,
    files,
    listing,
    months,
    record,
)

urlpatterns = [
    path("", listing.ledger_hubs, name="ledger_hubs"),
    path("records/<int:pk>/", record.ledger_record, name="ledger_record"),
    path("records/<int:pk>/correct/", correction.ledger_correct, name="ledger_correct"),
    path("records/<int:pk>/withdraw/", correction.ledger_withdraw, name="ledger_withdraw"),
    path("records/<int:pk>/outcome/", correction.ledger_outcome, name="ledger_outcome"),
    path("network/<int:pk>/", activities.activity_detail, name="activity_detail"),
    path("network/<int:pk>/correct/", activities.activity_correct, name="activity_correct"),
    path("network/<int:pk>/withdraw/", activities.activity_withdraw, name="activity_withdraw"),
    path("network/<int:pk>/leave/", activities.activity_leave, name="activity_leave"),
    path("codes/", codes.code_lists, name="code_lists"),
    path("codes/<str:kind>/", codes.code_list, name="code_list"),
    path("codes/<str:kind>/new/", codes.code_version, name="code_version"),
    path("checks/<int:pk>/", checks.check_draw, name="check_draw"),
    path("months/", months.ledger_months_all, name="ledger_months_all"),
    path(
        "months/csv/", months.ledger_months_all_file, {"kind": "csv"}, name="ledger_months_all_csv"
    ),
    path(
        "months/xlsx/",
        months.ledger_months_all_file,
        {"kind": "xlsx"},
        name="ledger_months_all_xlsx",
    ),
    path("<str:code>/", listing.ledger_list, name="ledger_list"),
    path("<str:code>/new/", entry.ledger_entry, name="ledger_entry"),
    path("<str:code>/breakdown/", listing.ledger_breakdown, name="ledger_breakdown"),
    path("<str:code>/months/", months.ledger_months, name="ledger_months"),
    path(
        "<str:code>/months/csv/",
        months.ledger_months_file,
        {"kind": "csv"},
        name="ledger_months_csv",
    ),
    path(
        "<str:code>/months/xlsx/",
        months.ledger_months_file,
        {"kind": "xlsx"},
        name="ledger_months_xlsx",
    ),
    path("<str:code>/export/<str:kind>/", files.ledger_export, name="ledger_export"),
    path("<str:code>/checks/", checks.ledger_checks, name="ledger_checks"),
    path("<str:code>/network/", activities.activity_list, name="activity_list"),
    path("<str:code>/network/new/", activities.activity_entry, name="activity_entry"),
    path("<str:code>/network/<int:pk>/join/", activities.activity_join, name="activity_join"),
]

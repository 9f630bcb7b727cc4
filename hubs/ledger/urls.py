"""Addresses of the ledger."""

from django.urls import path

from hubs.ledger.views import correction, entry, listing, record

urlpatterns = [
    path("", listing.ledger_hubs, name="ledger_hubs"),
    path("records/<int:pk>/", record.ledger_record, name="ledger_record"),
    path("records/<int:pk>/correct/", correction.ledger_correct, name="ledger_correct"),
    path("records/<int:pk>/withdraw/", correction.ledger_withdraw, name="ledger_withdraw"),
    path("records/<int:pk>/outcome/", correction.ledger_outcome, name="ledger_outcome"),
    path("<str:code>/", listing.ledger_list, name="ledger_list"),
    path("<str:code>/new/", entry.ledger_entry, name="ledger_entry"),
    path("<str:code>/breakdown/", listing.ledger_breakdown, name="ledger_breakdown"),
]

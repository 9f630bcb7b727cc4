"""Taking records out as a file."""

import io

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from hubs.ledger import exports, operations, queries
from hubs.ledger.operations.exports import KINDS
from hubs.ledger.views.frame import find_hub
from hubs.ledger.views.listing import asked
from yorozu.core.access import allow
from yorozu.core.web.downloads import XLSX, attachment


@require_POST
@allow("hubs.ledger.export")
def ledger_export(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The records of the list as CSV (UTF-8 or CP932) or XLSX; many of them by a job.

    A POST, because every export is noted in the trail.
    """
    scope, hub = find_hub(request, code)
    if kind not in KINDS:
        raise Http404
    _, wanted = asked(request)
    job = operations.export_records(
        actor=scope, hub=hub, wanted=wanted, kind=kind, most_xlsx=exports.MAX_XLSX_ROWS
    )
    if job is not None:
        messages.success(request, "件数が多いため、ファイルを作っています。できたら開けます。")
        return redirect("job_detail", pk=job.pk)
    found = exports.lines(queries.records(scope, hub, wanted))
    name = f"{hub.name}_相談記録"
    if kind == "xlsx":
        return attachment(exports.xlsx(found, name), f"{name}.xlsx", XLSX)
    encoding: exports.Encoding = "cp932" if kind == "cp932" else "utf-8-sig"
    made = io.BytesIO()
    for _ in exports.write_csv(made, found, encoding):
        pass
    charset = "shift_jis" if kind == "cp932" else "utf-8"
    return attachment(made.getvalue(), f"{name}.csv", f"text/csv; charset={charset}")

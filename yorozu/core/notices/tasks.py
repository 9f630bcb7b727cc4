"""The job that sends mails, and the beat that asks for those whose next attempt has come."""

from typing import Any

from celery import shared_task

from yorozu.core.errors import Conflict
from yorozu.core.jobs.registry import handles
from yorozu.core.jobs.runner import JobContext
from yorozu.core.notices import delivery

GIVEN_UP = (
    "{failed}件の通知メールを送信できませんでした。通知そのものはポータルに届いています。"
    "メールサーバーの設定と宛先のメールアドレスを確かめてから、やり直してください。"
)


@handles(delivery.KIND)
def send_mails(context: JobContext) -> dict[str, Any]:
    """Send the mails of one act; the job fails only when a mail has been given up."""
    counts = delivery.deliver(
        context.params["act"],
        lambda done, total: context.progress(done, total, "メールを送信しています"),
    )
    if counts["failed"]:
        raise Conflict(GIVEN_UP.format(failed=counts["failed"]))
    return {**counts}


@shared_task(name="notices.send_due_mails")
def send_due_mails() -> list[str]:
    """Ask for mails that are due again (each minute by the beat table)."""
    return delivery.post_due()

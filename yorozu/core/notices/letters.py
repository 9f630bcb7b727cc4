"""The words of a mail: what has happened, where to go; never a figure of the judgement or money."""

import re
from collections.abc import Sequence

from django.conf import settings

SUBJECT = "【よろず支援拠点ポータル】"
SUBJECT_LENGTH = 60
# A mail leaves the portal's protection: scores and amounts stay behind the sign-in.
CONFIDENTIAL = re.compile(
    r"[0-9０-９][0-9０-９,，.．]*\s*(?:点|位|円|千円|百万円|億円|[%％]|ポイント)"
)


def refuse_figures(text: str) -> str:
    """The text itself; ValueError when it names a score, a rank, a share or an amount."""
    if CONFIDENTIAL.search(text):
        raise ValueError(f"figures may not leave by mail: {text}")
    return text


def subject(texts: Sequence[str]) -> str:
    """One line: the notice itself, or how many there are."""
    said = texts[0] if len(texts) == 1 else f"お知らせが{len(texts)}件あります"
    line = " ".join(said.split()).rstrip("。")
    return SUBJECT + (line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1]}…")


def body(name: str, lines: Sequence[tuple[str, str]]) -> str:
    """The whole text of a mail from the notices: (text, path of the page or "")."""
    parts = [
        f"{name} 様",
        "",
        "よろず支援拠点事業ポータルからのお知らせです。",
        "",
    ]
    for text, path in lines:
        parts += [f"■ {text}", *([f"   {link(path)}"] if path else []), ""]
    parts += [
        "内容はポータルにログインして確認してください。",
        "安全のため、実績や評価の数値、個人情報はメールに記載していません。",
        "",
        "――――――――――――――――――――",
        "このメールはポータルから自動で送信しています。返信はできません。",
        f"お問い合わせ：{settings.SUPPORT_CONTACT}",
        "メールでの通知は、次の画面で停止できます。",
        link("/notices/"),
        "",
    ]
    return "\n".join(parts)


def link(path: str) -> str:
    """The full address of a page of the portal."""
    return f"{settings.PORTAL_ADDRESS.rstrip('/')}/{path.lstrip('/')}"

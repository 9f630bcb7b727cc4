"""Texts of an own initiative: their names and how long they may be. Pure."""

from collections.abc import Mapping

LABELS = {
    "title": "取組の名称",
    "what": "取組の内容",
    "effect": "効果",
    "transfer": "他の拠点への展開",
}
LONGEST = {"title": 100, "what": 2_000, "effect": 2_000, "transfer": 1_000}
# The criterion of the checklist that each text speaks to.
HINTS = {
    "title": "ひとことで分かる名称にしてください。",
    "what": "いつ、誰が、何を始めたか。これまでの取組と違う点（新規性）。",
    "effect": "相談者や地域に生じた変化。できるだけ数値で（効果・広がり）。",
    "transfer": "ほかの拠点が取り入れるときの手順や条件（展開のしやすさ）。",
}


def portfolio_faults(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and sentence for every text that is too long."""
    return [
        (LABELS[name], f"{LABELS[name]}は{LONGEST[name]:,}文字までです。")
        for name, text in values.items()
        if len(text) > LONGEST[name]
    ]

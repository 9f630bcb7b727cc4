"""February to April: HQ decides the year part by part; both sides publish the policy."""

from tests.browser.year.stage import Stage

TITLE = "令和8年度の活動方針"
TEXT = "地域の支援機関と連携し、事業承継と販路開拓の相談に重点を置きます。"
TAKEN_OVER = ("indicators", "scheme", "checklist", "budget_rule", "blocks")


def open_the_year(stage: Stage) -> None:
    """Each part of last year is looked at and decided by itself; one is decided otherwise."""
    stage.clock.set(2026, 2, 16)
    hq = stage.person("hq").go("/terms/")
    assert hq.table("期の一覧")["令和7年度"]["年度の規則"] == "第1版"
    hq.press("令和8年度の期を準備する").says("まだ決まっていない項目：暦・期限")
    stage.term = int(hq.page.url.split("/terms/")[1].split("/")[0])
    hq.lacks("令和8年度の期を開始する")
    hq.follow("変更する（暦・期限）").type({"v/plan/at": "17:30"}).press("この内容に変更する")
    hq.says("「暦・期限」を変更しました。", "5月20日 17:30（休日は繰下げ）")
    for place, code in enumerate(TAKEN_OVER):
        hq.page.check(f"input[name=parts][value={code}]")
        hq.press("印を付けた項目を引き継ぐ").says("1項目を引き継ぎました")
        if place + 1 < len(TAKEN_OVER):
            hq.lacks("令和8年度の期を開始する")
    hq.says("必要な項目はすべて決まりました。").press("令和8年度の期を開始する")
    hq.says("令和8年度の期を開始しました。", "令和8年5月20日（水）17:30")


def publish_the_policy(stage: Stage) -> None:
    """The Agency writes and signs, HQ signs as the second: only then it is public."""
    stage.clock.set(2026, 3, 2)
    agency = stage.person("agency").go(f"/terms/{stage.term}/").follow("活動方針を作成する")
    agency.fill(title=TITLE, body=TEXT).press("下書きを保存する")
    agency.follow("内容を確認して承認する").press("承認する").says("まだありません")
    chief = stage.person("cc_tokyo").go(f"/terms/{stage.term}/")
    chief.says("活動方針はまだ公表されていません。")
    stage.clock.set(2026, 3, 4)
    hq = stage.person("hq").go(f"/terms/{stage.term}/").follow(TITLE)
    hq.follow("内容を確認し、承認して公表する").press("承認して公表する")
    hq.says("双方の承認がそろい", "配役 agency", "配役 hq", "内容のハッシュ（SHA-256）")
    chief.go(f"/terms/{stage.term}/").says(TITLE)


def register_the_rules(stage: Stage) -> None:
    """What the year is judged by is registered with its hash before the first interview."""
    stage.clock.set(2026, 4, 3)
    hq = stage.person("hq").go(f"/terms/{stage.term}/").says("まだ登録されていません。")
    hq.follow("年度の規則を登録する")
    digest = hq.page.locator("main code").first.inner_text()
    assert len(digest) == 64
    hq.press("年度の規則を登録する").says("第1版（最初の登録）", digest)
    hq.says("いま使われている内容は、登録した内容と一致しています。")
    body = stage.person("body_tokyo").go(f"/terms/{stage.term}/")
    body.says(digest)

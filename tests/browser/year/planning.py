"""April: the plan is written, talked about in rounds, agreed at the interview, finalized."""

from tests.browser.year.stage import Stage

SECTIONS = {
    "regional_analysis": "製造業と小売業の小規模事業者が多く、経営者の高齢化が進んでいます。",
    "business_plan": "事業承継と販路開拓の出張相談会を毎月開きます。",
}
# 3,000 is 0.83 of last year's 3,600: the check calls it too low.
TARGETS = {
    "target_CONS": "3,000",
    "target_VISIT": "2400",
    "target_SOLVE": "1080",
    "target_NETW": "480",
}
AREAS = {
    "f1_name": "事業承継",
    "f1_evidence": "引継ぎ支援センターへの紹介状の写し",
    "f1_target": "60",
    "f1_weight": "0.6",
    "f2_name": "販路開拓",
    "f2_evidence": "商談の記録",
    "f2_target": "24",
    "f2_weight": "0.4",
}


def begin_the_plan(stage: Stage) -> None:
    """A plan begins with the region's figures as they are; newer ones are taken when they come.

    447,000 firms at first; HQ files 411,600, which is 35,400 fewer.
    """
    stage.clock.set(2026, 4, 13)
    chief = stage.person("cc_tokyo").go(f"/plans/term/{stage.term}/").press("事業計画を作成する")
    stage.plan = int(chief.page.url.split("/plans/")[1].split("/")[0])
    assert chief.table("地域の数値")["中小企業数"]["値"] == "447,000"
    stage.clock.set(2026, 4, 14)
    head = "拠点コード,種類,産業大分類,時点,値,単位,調査名,調査の時点,出典"
    rows = [
        "13,中小企業数,,2021,411600,者,経済センサス,2021-06-01,試験の統計局",
        "13,中小企業数,製造業,2021,36500,者,経済センサス,2021-06-01,試験の統計局",
    ]
    data = "\r\n".join([head, *rows, ""]).encode()
    hq = stage.person("hq").upload("network.regional_figures", "地域の数値.csv", data)
    hq.says("411,600").press("2行を反映する").says("反映済")
    stage.clock.set(2026, 4, 15)
    chief = stage.person("cc_tokyo").go(f"/plans/{stage.plan}/edit/")
    chief.says("更新された数値があります").press("数値を取り込み直す")
    figures = chief.table("地域の数値（令和8年4月15日取得）")
    assert figures["中小企業数"]["値"] == "411,600"
    assert figures["中小企業数"]["前回との差（平成28年比）"] == "▲35,400"
    sources = [row["調査名と出典"] for row in figures.values()]
    assert sources == ["経済センサス、試験の統計局", "同上"]


def write_the_plan(stage: Stage) -> None:
    """Sections, targets and focus areas; a field is kept as soon as it is left."""
    chief = stage.person("cc_tokyo").go(f"/plans/{stage.plan}/edit/")
    with chief.page.expect_response(lambda answer: "autosave" in answer.url) as kept:
        chief.type({"business_plan": SECTIONS["business_plan"]})
    assert kept.value.status == 200
    chief.go(f"/plans/{stage.plan}/edit/")
    assert chief.page.input_value("[name=business_plan]") == SECTIONS["business_plan"]
    chief.page.locator("summary", has_text="重点分野2を追加する").click()
    chief.fill(**SECTIONS, **TARGETS, **AREAS)
    chief.press("保存して計画を見る").says("事業計画を保存しました。")
    months = chief.table("月別の目標")
    assert list(months["ネットワーク活動件数（件）"].values())[1:4] == ["30", "35", "40"]
    # The season of last year, but more of it in April: the sum stays the target.
    chief.go(f"/plans/{stage.plan}/edit/")
    chief.fill(phasing_NETW_01="40", phasing_NETW_02="25").press("保存して計画を見る")
    months = chief.table("月別の目標")
    assert list(months["ネットワーク活動件数（件）"].values())[1:4] == ["40", "25", "40"]
    assert months["ネットワーク活動件数（件）"]["計"] == "480"
    assert chief.table("活動指標の数値目標")["相談対応件数"]["年間目標"] == "3,000"
    chief.follow("内容を確認して提出する").says("低すぎる可能性", "小さい目標値")
    chief.press("提出する")
    chief.says("提出済")


def negotiate(stage: Stage) -> None:
    """Two comments' worth of talk and one round about the target that seems too low.

    3,720 spread by last year's season (240 of 3,600 in April): 248, 269, 310, 320 ...
    """
    stage.clock.set(2026, 4, 20)
    officer = stage.person("bureau_kanto").go(f"/plans/{stage.plan}/review/")
    officer.says("目標 3,000 は、大きいほう（3,600）の0.833倍です。")
    talk = officer.page.locator("#target_CONS .yz-review__talk")
    talk.locator("summary", has_text="コメントを書く").click()
    talk.locator("textarea[name=body]").fill("前年度の実績を下回る理由を教えてください。")
    officer.press("コメントを書く", "#target_CONS").says("未回答")
    talk.locator("summary", has_text="目標値を提案する").click()
    talk.locator("input[name=value]").fill("3720")
    talk.locator("textarea[name=reason]").fill("前年度の実績に相談員の増員を見込みます。")
    officer.press("提案する", "#target_CONS").says("経済産業局の提案：3,720件")
    officer.go(f"/plans/{stage.plan}/finalize/")
    officer.says("まだ確定できません", "期初面談の記録がありません。", "回答がありません。")
    stage.clock.set(2026, 4, 22)
    chief = stage.person("cc_tokyo").go(f"/plans/{stage.plan}/review/")
    talk = chief.page.locator("#target_CONS .yz-review__talk")
    talk.locator("summary", has_text="回答する").click()
    talk.locator("textarea[name=body]").fill("退職による減を見込みましたが、後任が決まりました。")
    chief.press("回答を書く", "#target_CONS").says("回答済")
    chief.press("3,720を受け入れる", "#target_CONS")
    chief.says("計画の目標値は3,720になりました。").go(f"/plans/{stage.plan}/")
    cells = list(chief.table("月別の目標")["相談対応件数（件）"].values())[1:]
    assert cells[:8] == ["248", "269", "310", "320", "289", "310", "341", "331"]
    assert cells[8:] == ["300", "279", "310", "413", "3,720"]


def agree(stage: Stage) -> None:
    """The interview with its people; only then the plan is fixed, with a hash."""
    stage.clock.set(2026, 4, 28, 15)
    officer = stage.person("bureau_kanto").go(f"/plans/{stage.plan}/interview/")
    officer.fill(held_on="2026-04-28", minutes="目標の根拠を確かめました。")
    officer.fill(agreed_points="四半期ごとに進み具合を確かめます。")
    people = (("hub", "東京都よろず支援拠点", "拠点 長子"), ("bureau", "", "担当 官太"))
    for place, (side, organisation, name) in enumerate(people):
        officer.page.select_option(f"[name=people-{place}-side]", side)
        officer.page.fill(f"[name=people-{place}-organisation]", organisation)
        officer.page.fill(f"[name=people-{place}-name]", name)
    officer.press("面談を記録する").says("期初面談を記録しました。", "拠点 長子", "担当 官太")
    stage.clock.set(2026, 4, 30)
    officer = stage.person("bureau_kanto").go(f"/plans/{stage.plan}/")
    officer.follow("内容を確認して確定する").press("確定する").says("第1版", "内容のハッシュ")
    chief = stage.person("cc_tokyo").go(f"/plans/{stage.plan}/").lacks("計画を直す")
    chief.says("目標の根拠を確かめました。").follow("比較")
    assert chief.table("年間目標の変更")["相談対応件数"]["差"] == "+120"
    # The coordinator of the hub reads the plan, the minutes are not for everybody.
    helper = stage.person("co_tokyo").go(f"/plans/{stage.plan}/")
    helper.says("担当 官太").lacks("目標の根拠を確かめました。")
    stage.person("bureau_tohoku").refused(f"/plans/{stage.plan}/", 404)

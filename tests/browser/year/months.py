"""May to October: months drawn from the ledger and declared, sent back, mended, accepted."""

from tests.browser.year.stage import Stage

# What is declared, April to March: consultations, visitors, solved, network, areas 1 and 2.
KEYS = ("CONS", "VISIT", "SOLVE", "NETW", "F1", "F2")
YEAR = {
    5: (271, 172, 78, 33, 5, 2),
    6: (303, 201, 91, 41, 6, 2),
    7: (312, 213, 96, 40, 5, 3),
    8: (588, 194, 86, 36, 4, 2),
    9: (304, 206, 92, 55, 5, 2),
    10: (336, 224, 101, 44, 6, 3),
    11: (324, 217, 97, 42, 5, 2),
    12: (347, 198, 88, 41, 6, 2),
    1: (322, 186, 82, 35, 5, 3),
    2: (351, 207, 91, 43, 4, 2),
    3: (389, 241, 108, 44, 7, 3),
}


def code_of(number: int) -> str:
    """202605 for May of the year."""
    return f"{2026 if number >= 4 else 2027}{number:02}"


def cells(number: int) -> dict[str, str]:
    """The declared figures of a month by the names of their fields."""
    pairs = zip(KEYS, YEAR[number], strict=True)
    return {f"c-{code_of(number)}-{key}": str(value) for key, value in pairs}


def grid_of(stage: Stage) -> str:
    """The address of the hub's year."""
    return f"/results/term/{stage.term}/hub/{stage.hub}/"


def send_april(stage: Stage) -> None:
    """A ledger month: three figures come from the records, the others are declared.

    Three clicks from the home page; keys do the rest.
    """
    stage.clock.set(2026, 5, 8)
    chief = stage.person("cc_tokyo").go("/").counting()
    chief.click("main a[href*='/results/term/']")
    chief.page.focus("[name='c-202604-NETW']")
    for figure in ("38", "5", "3"):
        chief.page.keyboard.type(figure)
        chief.page.keyboard.press("Tab")
    chief.click("button[formaction$='/check/'][value='202604']")
    rows = chief.table("令和8年4月の実績")
    shown = [row["実績"].split()[0] for row in rows.values()]
    assert shown == ["240", "160", "70", "38", "5", "3"]
    assert [row["集計元"] for row in rows.values()] == ["相談記録"] * 3 + ["申告"] * 3
    chief.click("main form[action$='/submit/'] button").says("月次実績を提出しました。")
    assert chief.clicks() <= 3
    stage.april = chief.page.url.removeprefix(stage.url)


def accept_april(stage: Stage) -> None:
    """First the body, then the bureau; from then on the month does not move."""
    stage.clock.set(2026, 5, 9)
    stage.person("body_tokyo").go(stage.april).press("実施機関として確認する").says(
        "実施機関確認済"
    )
    stage.clock.set(2026, 5, 11)
    officer = stage.person("bureau_kanto").go("/").follow("月次実績を確認する（1件）")
    officer.press("確認済にする").says("1件の月次実績について「確認」を行いました。")
    chief = stage.person("cc_tokyo").go(grid_of(stage))
    assert chief.table("月次実績")["確認済の計"]["相談対応件数（件）年間目標3,720"].startswith(
        "240"
    )
    # 248 were expected by the season: 8 fewer, 96.8 %.
    line = chief.table("目標に対する進み具合")["相談対応件数（件）確認済で値のある1か月"]
    found = (line["ここまでの目安"], line["差"], line["目安比"])
    assert found == ("248", "▲8", "96.8%")


def declare_may(stage: Stage) -> None:
    """A declared month is typed and sent in four page loads, the home page included."""
    stage.clock.set(2026, 6, 4)
    chief = stage.person("cc_tokyo").counting().go("/")
    chief.click("main a[href*='/results/term/']").fill(**dashed(cells(5)))
    chief.click("button[formaction$='/check/'][value='202605']")
    chief.click("main form[action$='/submit/'] button").says("月次実績を提出しました。")
    assert chief.loads() <= 4
    stage.may = chief.page.url.removeprefix(stage.url)


def dashed(values: dict[str, str]) -> dict[str, str]:
    """Names of fields as keywords."""
    return {name.replace("-", "__"): value for name, value in values.items()}


def mend_may(stage: Stage) -> None:
    """The bureau asks about one figure; the hub mends it: 87 instead of 78."""
    stage.clock.set(2026, 6, 5)
    stage.person("body_tokyo").go(stage.may).press("実施機関として確認する")
    stage.clock.set(2026, 6, 9)
    officer = stage.person("bureau_kanto").go(stage.may).follow("差し戻す")
    officer.fill(reason="課題解決件数を確かめてください。")
    officer.page.fill("[name='remark-SOLVE']", "相談票では87件ではありませんか。")
    officer.press("差し戻す").says("月次実績を差し戻しました。")
    stage.clock.set(2026, 6, 10)
    chief = stage.person("cc_tokyo").go(grid_of(stage)).says("差し戻された月があります")
    cell = chief.page.locator("td", has=chief.page.locator("[name='c-202605-SOLVE']"))
    assert "相談票では87件ではありませんか。" in cell.inner_text()
    chief.page.click("button[formaction$='/check/'][value='202605']")
    chief.page.wait_for_url(f"**{stage.may}")
    chief.says("回答を入力するか数値を直してください。").go(grid_of(stage))
    chief.page.fill("[name='c-202605-SOLVE']", "87")
    chief.page.fill("[name='a-202605-SOLVE']", "転記を誤りました。")
    chief.press("内容を確認（5月）").press("提出する").says("月次実績を提出しました。")
    stage.clock.set(2026, 6, 11)
    stage.person("body_tokyo").go(stage.may).press("実施機関として確認する")
    stage.clock.set(2026, 6, 12)
    officer = stage.person("bureau_kanto").go(stage.may).says("転記を誤りました。")
    officer.press("確認済にする").says("月次実績を確認済にしました。")


def remind_the_late(stage: Stage) -> None:
    """June to September are late on 14 October: one act of the bureau reminds hub and body."""
    stage.clock.set(2026, 10, 14)
    officer = stage.person("bureau_kanto").go(f"/results/term/{stage.term}/?show=overdue")
    assert "96日超過" in officer.table("月次実績の提出状況")["東京都よろず支援拠点"]["6月"]
    officer.follow("督促（11拠点）").press("督促を送る").says("督促を送りました")
    chief = stage.person("cc_tokyo").go("/")
    chief.says("令和8年6月", "96日超過")


def fill_the_grid(stage: Stage, *numbers: int) -> None:
    """Several months are typed in one go; whatever seems improbable asks for its reason."""
    chief = stage.person("cc_tokyo").go(grid_of(stage))
    for number in numbers:
        chief.fill(**dashed(cells(number)))
    chief.press("保存する").says("月次実績を保存しました。")


def send_together(stage: Stage, count: int, *doubtful: str) -> None:
    """Hub, body and bureau each in one act; what the bureau should look at is not ticked."""
    listing = f"/results/term/{stage.term}/"
    acts = (
        ("cc_tokyo", "submit", "提出する", "提出"),
        ("body_tokyo", "confirm", "実施機関として確認する", "実施機関の確認"),
        ("bureau_kanto", "accept", "確認済にする", "確認"),
    )
    for key, act, button, done in acts:
        stage.clock.later(days=1)
        person = stage.person(key).go(f"{listing}{act}/")
        boxes = person.page.locator("main input[name=reports]")
        assert boxes.count() == count
        for month in doubtful:
            box = person.page.get_by_label(f"東京都よろず支援拠点 {month}")
            assert not box.is_checked()
            box.check()
        person.press(button).says(f"{count}件の月次実績について「{done}」を行いました。")


def bulk_months(stage: Stage) -> None:
    """June to September; 588 consultations in August are twice the usual and get a word.

    The 55 network activities of September are many as well; nobody says why yet.
    """
    stage.clock.set(2026, 10, 15)
    fill_the_grid(stage, 6, 7, 8, 9)
    chief = stage.person("cc_tokyo").says("他の月の平均から±50%を超えています。")
    chief.page.fill("[name='r-202608-CONS']", "合同相談会を3回開きました。")
    chief.press("保存する")
    send_together(stage, 4, "令和8年8月", "令和8年9月")
    chief = stage.person("cc_tokyo").go(grid_of(stage))
    # 240 + 271 + 303 + 312 + 588 + 304 against 248 + 269 + 310 + 320 + 289 + 310.
    line = chief.table("目標に対する進み具合")["相談対応件数（件）確認済で値のある6か月"]
    found = (line["ここまでの目安"], line["ここまでの実績"], line["差"], line["目安比"])
    assert found == ("1,746", "2,018", "272", "115.6%")
    # By last year's season: these months were 1,690 of 3,600, so 2,018 become 4,299.
    assert line["年度末の見通し"] == "4,299"

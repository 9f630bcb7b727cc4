"""October to April: flags, a correction, an amendment, the compilation, the last month."""

import csv
import io

from tests.browser.year.months import fill_the_grid, grid_of, send_together
from tests.browser.year.stage import Person, Stage

CONS = "相談対応件数（件）"


def answer_the_flags(stage: Stage) -> None:
    """At night two jumps are asked about; the one without a word goes to the hub first.

    Then the bureau decides on both, and the figures stay as they are.
    """
    stage.clock.set(2026, 10, 26)
    stage.night()
    stage.person("bureau_kanto").go("/integrity/").says("588件").lacks("55件")
    chief = stage.person("cc_tokyo").go("/").follow("実績の確認事項に説明を入力する（1件）")
    chief.says("令和8年9月のネットワーク活動件数（55件）").click(
        "main table a[href*='/integrity/']"
    )
    chief.fill(text="研修会を続けて開いたためです。").press("説明を記録する")
    chief.says("説明を記録しました。次は経済産業局が判断します。")
    stage.clock.set(2026, 10, 28)
    officer = stage.person("bureau_kanto")
    for said in ("合同相談会を3回開きました。", "研修会を続けて開いたためです。"):
        officer.go("/").follow(f"拠点の確認事項を判断する（{2 if '合同' in said else 1}件）")
        officer.click(f"main table a[href*='/integrity/']:has-text('{_figure(said)}')").says(said)
        officer.page.check("input[name=outcome][value=explained]")
        officer.fill(reason="資料で確かめました。")
        officer.click("main form[action$='/decide/'] button").says("判断を記録しました。")
    stage.night()
    chief.go("/").lacks("実績の確認事項に説明を入力する")


def _figure(said: str) -> str:
    return "588件" if "合同" in said else "55件"


def correct_june(stage: Stage) -> None:
    """An accepted month does not move: 309 stands beside 303 and the total grows by 6."""
    stage.clock.set(2026, 11, 4)
    chief = stage.person("cc_tokyo").go(grid_of(stage)).follow("修正申請（6月）")
    chief.page.select_option("[name=key]", "CONS")
    chief.fill(value="309", reason="電話の相談6件が漏れていました。", evidence="相談票6枚")
    chief.press("修正を申請する")
    address = chief.page.url.removeprefix(stage.url)
    stage.clock.set(2026, 11, 5)
    stage.person("body_tokyo").go(address).press("実施機関として確認する")
    stage.clock.set(2026, 11, 6)
    stage.person("bureau_kanto").go(address).press("修正を反映する")
    grid = stage.person("cc_tokyo").go(grid_of(stage)).table("月次実績")
    column = f"{CONS}年間目標3,720"
    assert grid["確認済の計"][column].startswith("2,018")
    assert (grid["修正"][column], grid["修正後の計"][column]) == ("+6 1件", "2,024")


def amend_the_plan(stage: Stage) -> None:
    """From December on the target is 3,900: the months before keep theirs (2,418).

    The other 1,482 follow the old proportions 300, 279, 310, 413: 341, 318, 353, 470.
    """
    stage.clock.set(2026, 11, 16)
    chief = stage.person("cc_tokyo").go(f"/plans/{stage.plan}/").follow("計画変更を作成する")
    chief.page.select_option("[name=effective_month]", "2026-12")
    chief.fill(reason="合同相談会を続けるためです。").press("計画変更を作成する")
    chief.fill(target_CONS="3,900").press("保存して内容を確認する")
    chief.follow("内容を確認して申請する").press("申請する").says("計画変更を申請しました。")
    stage.clock.set(2026, 11, 20)
    officer = stage.person("bureau_kanto").go(f"/plans/{stage.plan}/")
    officer.click("main a[href*='/amendments/']").follow("内容を確認して承認する").press("承認する")
    officer.says("計画変更を承認しました。").go(f"/plans/{stage.plan}/").says("第2版")
    months = list(officer.table("月別の目標")["相談対応件数（件）"].values())[1:]
    assert months[:8] == ["248", "269", "310", "320", "289", "310", "341", "331"]
    assert months[8:] == ["341", "318", "353", "470", "3,900"]
    officer.go(f"/plans/{stage.plan}/versions/1/")
    assert officer.table("活動指標の数値目標")["相談対応件数"]["年間目標"] == "3,720"


def finish_the_winter(stage: Stage) -> None:
    """October to February together."""
    stage.clock.set(2027, 3, 9)
    fill_the_grid(stage, 10, 11, 12, 1, 2)
    send_together(stage, 5)


def accept_the_last_month(stage: Stage) -> None:
    """March is accepted: twelve months, 4,087 as reported, 4,093 as corrected, of 3,900."""
    stage.clock.set(2027, 4, 6)
    fill_the_grid(stage, 3)
    send_together(stage, 1)
    chief = stage.person("cc_tokyo").go(grid_of(stage))
    grid, column = chief.table("月次実績"), f"{CONS}年間目標3,900"
    assert grid["確認済の計"][column] == "4,087 12か月"
    assert grid["修正後の計"][column] == "4,093"
    assert grid["年間目標比"][column] == "104.9%"
    line = chief.table("目標に対する進み具合")[f"{CONS}確認済で値のある12か月"]
    assert (line["ここまでの目安"], line["差"]) == ("3,900", "193")
    assert line["年度末の見通し"] == "4,093"
    row = stage.person("hq").go(f"/results/term/{stage.term}/").table("月次実績の提出状況")
    assert row["東京都よろず支援拠点"]["確認済（か月）"] == "12"


def compile_the_year(stage: Stage) -> None:
    """実績取りまとめ of bureau and Agency: the same sums on the screen and in the files."""
    officer = (
        stage.person("bureau_kanto").go(f"/results/term/{stage.term}/").follow("実績取りまとめ")
    )
    for name in ("bureau_kanto", "agency"):
        person = stage.person(name).go(officer.page.url.removeprefix(stage.url))
        person.says("4月から3月まで", "4,093")
    found = {(row[0], row[1], row[3]): row[7:15] for row in _rows(officer, "CSVで出力")}
    told = ["12", "1", "3900", "3900", "4087", "6", "4093", "104.9"]
    assert found["拠点", "13", "相談対応件数"] == told
    assert found["全国", "", "相談対応件数"] == told
    assert officer.download("Excelで出力")[:2] == b"PK"
    officer.press("PDFを作成")
    assert officer.download("ファイルをダウンロード")[:5] == b"%PDF-"


def _rows(person: Person, link: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(person.download(link).decode("utf-8-sig"))))

"""April to May: records by keyboard and by file, the client's word, the bureau's sample."""

from datetime import date, timedelta

from tests.browser.year.stage import Stage

# Beside the four that are typed: 240 consultations, 160 visits, 70 issues resolved in April.
OF_THE_FILE, VISITS, RESOLVED = 236, 156, 68


def type_records(stage: Stage) -> None:
    """Four records without the mouse; two issues are resolved and the clients say so."""
    stage.clock.set(2026, 4, 30, 16)
    helper = stage.person("co_tokyo").go("/ledger/13/new/")
    keys = helper.page.keyboard
    for number in range(1, 5):
        assert helper.page.evaluate("document.activeElement.name") == "client_key"
        keys.press("Shift+Tab")
        for text in ("1", f"K-{number}", "04", "E", "2", "45"):
            keys.type(text)
            if text != "45":
                keys.press("Tab")
        with helper.page.expect_navigation():
            keys.press("Enter")
        helper.says("保存しました（受付番号")
    helper.says("4月30日（木）に入力した記録 4件")
    for number in (1, 2):
        helper.go("/ledger/13/").follow(f"2026-0000{number}").follow("課題解決を記録する")
        helper.fill(resolved_on="R8.4.30", client_confirmed_on="R8.4.30").press("記録する")
        helper.says("令和8年4月30日に解決", "令和8年4月30日に確認")


HEAD = (
    "拠点コード,受付番号,相談日,相談方法,相談テーマ,業種,従業員規模,担当,相談者番号,"
    "相談時間（分）,課題解決日"
)


def file_of_records() -> bytes:
    """The other coordinators' April as their own list brings it."""
    lines = [HEAD]
    for number in range(OF_THE_FILE):
        day = date(2026, 4, 1) + timedelta(days=number % 28)
        channel = "来訪" if number < VISITS else "電話"
        solved = f"{day + timedelta(days=1)}" if number < RESOLVED else ""
        facts = f"{day},{channel},売上拡大,製造業,1～5人,拠点 長子,C-{number:03},60,{solved}"
        lines.append(f"13,F-{number:03},{facts}")
    return ("\r\n".join(lines) + "\r\n").encode()


def file_records(stage: Stage) -> None:
    """The chief brings the file: what it holds is shown before anything is written."""
    stage.clock.set(2026, 5, 7)
    chief = stage.person("cc_tokyo").upload(
        "ledger.consultations", "相談記録.csv", file_of_records()
    )
    chief.says("236").press("236行を反映する").says("反映済")


def check_a_sample(stage: Stage) -> None:
    """The bureau draws five of the seventy; one of them cannot be confirmed: 4 of 5 are 80 %."""
    stage.clock.set(2026, 5, 12)
    officer = stage.person("bureau_kanto").go("/ledger/13/checks/")
    april = officer.table("課題解決の確認の状況")["令和8年4月"]
    assert (april["拠点の報告（件）"], april["相談者が確認（件）"]) == ("70", "2")
    assert officer.page.input_value("[name=size]") == "5"
    officer.press("抽出する").says("解決済みの記録70件から5件を抽出しました")
    officer.go("/").follow("抽出した課題解決の記録を確かめる（5件）")
    outcomes = officer.page.locator("main select[name^=outcome]").all()
    for place, outcome in enumerate(outcomes):
        outcome.select_option("not_confirmed" if place == 0 else "confirmed")
    officer.page.locator("main input[name^=remark]").first.fill("相談者は解決していないと話した")
    officer.press("結果を記録する").says("5件の結果を記録しました。").go("/ledger/13/checks/")
    april = officer.table("課題解決の確認の状況")["令和8年4月"]
    assert (april["うち確認済（件）"], april["確認できた割合"]) == ("5", "80.0%")
    chief = stage.person("cc_tokyo").go("/")
    chief.click("main a:has-text('課題解決を確認できませんでした。')")
    chief.says("相談者は解決していないと話した")

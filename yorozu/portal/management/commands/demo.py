"""The demonstration: a whole fiscal year judged, from nothing, through the users' own doors."""

import time
import zipfile
from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evaluation.budget.models import BudgetScenario
from evaluation.budget.queries import totals
from evaluation.reports.files import (
    budget_csv,
    budget_name,
    budget_pdf,
    compilation_name,
    compilation_pdf,
    evaluation_csv,
)
from evaluation.reports.queries import budget_table, compilation
from evaluation.scoring.models import EvaluationRun
from hubs.network.facts import load_facts
from hubs.people.exports import paper_layout_csv
from hubs.people.models import QualificationSurvey
from hubs.terms.models import Term
from yorozu.core.access import system_scope
from yorozu.core.errors import UserError
from yorozu.core.jobs.files import open_file
from yorozu.core.jobs.models import Job
from yorozu.portal.sample import accounts
from yorozu.portal.sample.year import play

ACTOR = "デモの準備"


class Command(BaseCommand):
    """Needs a running worker; ``./run demo`` starts one."""

    help = "サンプルの2年度分を取り込み、評価と配分案を算定し、評価票を作成します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the results go."""
        parser.add_argument("--out", default="out", help="出力先のフォルダ（既定：out）")
        parser.add_argument(
            "--no-serve", action="store_true", help="準備だけを行う（この命令は画面を起動しません）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Play the sample years and write the results."""
        began = time.monotonic()
        out = Path(options["out"])
        out.mkdir(parents=True, exist_ok=True)
        if Term.objects.exists():
            raise CommandError(
                "このデータベースには期が登録済みです。空のデータベースで実行してください。"
            )
        load_facts()
        try:
            run, scenario, job = play(out / "sample", system_scope(ACTOR), self.stdout.write)
        except UserError as error:
            raise CommandError(_told(error)) from error
        self._write_files(out, run, scenario)
        pdfs = _unpack(job, out / "reports")
        pdfs += self._national_pdfs(out / "reports", run, scenario)
        self._report(run, scenario)
        self.stdout.write("\n評価票・全国の取りまとめ・配分案（PDF）：")
        self.stdout.write("\n".join(f"  {path}" for path in pdfs))
        self._tell_accounts()
        self.stdout.write(f"\n所要時間：{time.monotonic() - began:.0f}秒")

    def _write_files(self, out: Path, run: EvaluationRun, scenario: BudgetScenario) -> None:
        scope = accounts.scope_of_account("hq")
        survey = QualificationSurvey.objects.latest("as_of")
        files = {
            "qualification_table.csv": paper_layout_csv(survey),
            "evaluation.csv": evaluation_csv(run, scope),
            "budget.csv": budget_csv(scenario, scope),
        }
        self.stdout.write("\n出力したファイル：")
        for name, data in files.items():
            (out / name).write_bytes(data)
            self.stdout.write(f"  {out / name}")

    def _national_pdfs(
        self, folder: Path, run: EvaluationRun, scenario: BudgetScenario
    ) -> list[Path]:
        """The compilation and the budget table as the Agency reads them."""
        agency = accounts.scope_of_account("agency")
        compiled = compilation(run, agency)
        made = {
            f"{compilation_name(compiled)}.pdf": compilation_pdf(compiled),
            f"{budget_name(scenario)}.pdf": budget_pdf(budget_table(scenario, agency)),
        }
        for name, data in made.items():
            (folder / name).write_bytes(data)
        return [folder / name for name in made]

    def _report(self, run: EvaluationRun, scenario: BudgetScenario) -> None:
        rows = list(run.hub_results.filter(is_graded=True).order_by("rank", "hub__code"))
        self.stdout.write("\n総合点の高い5拠点：")
        for row in rows[:5]:
            self.stdout.write(f"  {row.rank:>2}位 {row.final:>6}点 {row.grade} {row.hub_name}")
        self.stdout.write("総合点の低い5拠点：")
        for row in rows[-5:]:
            self.stdout.write(f"  {row.rank:>2}位 {row.final:>6}点 {row.grade} {row.hub_name}")
        sums = totals(scenario)
        self.stdout.write("\n配分案の検算：")
        self.stdout.write(f"  配分額の合計 {sums.budget_yen:>15,}円")
        self.stdout.write(f"  留保額       {sums.reserve_yen:>15,}円")
        self.stdout.write(f"  予算総額     {sums.total_yen:>15,}円")
        if not sums.holds:
            raise CommandError("配分額と留保額の合計が予算総額と一致しません。")
        self.stdout.write("  合計は予算総額と1円まで一致しています。")

    def _tell_accounts(self) -> None:
        self.stdout.write(f"\nデモの利用者（パスワードはすべて {accounts.PASSWORD}）：")
        for account in accounts.one_per_role():
            self.stdout.write(f"  {account.email:<28} {account.label}")


def _unpack(job: Job, folder: Path) -> list[Path]:
    """The zip of the report job as files; earlier sheets of the same folder are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.pdf"):
        old.unlink()
    with open_file(job) as stored:
        archive = zipfile.ZipFile(BytesIO(stored.read()))
    archive.extractall(folder)
    return sorted(folder.glob("*.pdf"))


def _told(error: UserError) -> str:
    """The sentence of the error, with every problem or missing thing it lists."""
    lines = [str(error)]
    lines += [problem.as_text() for problem in getattr(error, "problems", [])][:20]
    lines += [missing.text for missing in getattr(error, "missing", [])][:20]
    return "\n".join(lines)

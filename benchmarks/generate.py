"""Files of consultation records of any size: same seed, same bytes, and what is in them.

The shape is that of a real year (performance.md 7): hubs of very different size, months and
weekends with their weight, characters that only CP932 has, 2 % invalid rows in six equal kinds,
1 % duplicates. ``random()`` alone is used of the generator, the one method whose sequence Python
promises never to change. Beside the file stands a manifest, against which every result is checked.

    python -m benchmarks.generate --rows 1000000 --hubs 47 --seed 1 FOLDER
"""

import argparse
import csv
import hashlib
import io
import json
import random
import sys
from array import array
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

HEADER = (
    "拠点コード",
    "受付番号",
    "相談日",
    "相談方法",
    "相談内容",
    "業種",
    "従業員規模",
    "担当",
    "相談者番号",
    "相談時間（分）",
    "課題解決日",
    "相談者確認日",
    "概要",
)
FISCAL_YEAR = 2025
# April to March.
MONTHS = (0.80, 0.85, 1, 1, 0.80, 1.05, 1.15, 1.15, 0.95, 0.90, 1.1, 1.25)
WEEKEND = 0.15
CHANNELS = {"来訪": 0.55, "電話": 0.12, "オンライン": 0.06, "出張": 0.12, "その他": 0.15}
VISIT = "来訪"
THEMES = {
    "売上拡大": 0.50,
    "経営改善・事業再生": 0.12,
    "創業": 0.13,
    "事業承継": 0.04,
    "資金繰り": 0.07,
    "IT・デジタル活用": 0.05,
    "雇用・労務": 0.03,
    "海外展開": 0.02,
    "その他": 0.04,
}
INDUSTRIES = {
    "製造業": 0.22,
    "卸売業、小売業": 0.24,
    "宿泊業、飲食サービス業": 0.20,
    "建設業": 0.08,
    "生活関連サービス業、娯楽業": 0.10,
    "農業、林業": 0.04,
    "情報通信業": 0.05,
    "医療、福祉": 0.07,
}
BANDS = (
    (1, "0人（創業前・本人のみ）"),
    (6, "1～5人"),
    (21, "6～20人"),
    (51, "21～50人"),
    (101, "51～100人"),
    (5_001, "101人以上"),
)
MINUTES = {"30": 0.2, "45": 0.1, "60": 0.45, "90": 0.15, "120": 0.1}
SURNAMES = ("佐藤", "髙橋", "﨑山", "鈴木", "渡邉", "田中", "伊藤", "山本")
FIRMS = ("㈱山田商店", "㈲髙木製作所", "合同会社あおぞら", "①号店の食堂", "㈱﨑陽物産", "個人商店")
NOTES = (
    "{firm}の販路開拓について助言した。",
    "{firm}。資金繰り表の作成を支援した。",
    "新商品の①企画②価格③販路を整理した（{firm}）。",
    "{firm}の事業承継の進め方を確認し、専門家の派遣を提案した。",
    "",
)
INVALID_SHARE, DUPLICATE_SHARE = 0.02, 0.01
RESOLVED_SHARE, CONFIRMED_SHARE = 0.3, 0.5
# What each invalid row has wrong: the place of the column, and the text that stands there.
INVALID = {
    "unknown_hub": (0, "99"),
    "no_such_day": (2, "2025-13-45"),
    "future_day": (2, "2031-05-01"),
    "unknown_channel": (3, "伝書鳩"),
    "negative_minutes": (9, "-30"),
    "no_theme": (4, ""),
}
_LATIN = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LETTERS = _LATIN + "".join(chr(code) for code in range(0x3042, 0x3042 + 24))


def hub_codes(count: int) -> list[str]:
    """Codes of two characters: 01 to 47 as in life, then made-up ones for the larger networks.

    Those of plain letters come first: evidence books take no others.
    """
    codes = [f"{number:02d}" for number in range(1, 48)]
    made = sorted(
        (first + second for first in _LETTERS for second in "0123456789" + _LETTERS),
        key=lambda code: not code.isascii(),
    )
    return [*codes, *made][:count]


@dataclass(frozen=True)
class Shape:
    """What is asked for."""

    rows: int
    hubs: int = 47
    seed: int = 1
    realistic: bool = False
    encoding: str = "utf-8"
    clean: bool = False


@dataclass
class Manifest:
    """What is in the file. ``monthly``: hub code -> month -> the figures of MONTHLY, in order."""

    shape: Shape
    sha256: str = ""
    bytes: int = 0
    valid: int = 0
    invalid: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    monthly: dict[str, dict[str, list[int]]] = field(default_factory=dict)

    @property
    def stored(self) -> int:
        """Rows that a correct import stores when it leaves the faulty ones out."""
        return self.valid - self.duplicates

    def as_json(self) -> str:
        """As written beside the file."""
        return json.dumps(
            {**asdict(self), "stored": self.stored}, ensure_ascii=False, sort_keys=True
        )


# The last two count in the month of the day the issue was resolved, and of that the client's word.
MONTHLY = ("consultations", "visits", "clients", "visiting_clients", "resolved", "confirmed")


class Draw:
    """Chance from one seed, through ``random()`` only."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random  # noqa: S311 (a sample, not a secret)

    def below(self, bound: int) -> int:
        """A whole number from 0 up to the bound, without it."""
        return int(self.random() * bound)

    def chooser(self, weights: Sequence[float]) -> Callable[[], int]:
        """A function that draws a place with these weights."""
        sums = list(accumulate(weights))
        total, last, draw = sums[-1], len(sums) - 1, self.random
        return lambda: min(bisect(sums, draw() * total), last)

    def shuffled(self, values: list[Any]) -> list[Any]:
        """A copy in another order (Fisher-Yates)."""
        mixed = list(values)
        for place in range(len(mixed) - 1, 0, -1):
            other = self.below(place + 1)
            mixed[place], mixed[other] = mixed[other], mixed[place]
        return mixed


class Rows:
    """The rows of a file one after another; afterwards ``manifest`` says what they were."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.manifest = Manifest(shape, invalid=dict.fromkeys(INVALID, 0))
        draw = self._draw = Draw(shape.seed)
        self._codes = hub_codes(shape.hubs)
        sizes = draw.shuffled([(rank + 1) ** -0.6 for rank in range(shape.hubs)])
        self._hub = draw.chooser(sizes)
        self._clients = [max(1, int(shape.rows * size / sum(sizes) / 3)) for size in sizes]
        first = date(FISCAL_YEAR, 4, 1)
        self._days = [first + timedelta(days=n) for n in range(365)]
        self._day = draw.chooser([_weight_of(day) for day in self._days])
        self._labels = [list(words) for words in (CHANNELS, THEMES, INDUSTRIES, MINUTES)]
        self._label = [
            draw.chooser(list(words.values())) for words in (CHANNELS, THEMES, INDUSTRIES, MINUTES)
        ]
        self._texts = [note.format(firm=firm) for note in NOTES for firm in FIRMS]
        # Of the first half: which hub each row has, and whether the row is valid.
        self._hubs_of = array("H")
        self._is_valid = bytearray()
        self._reused: dict[int, bool] = {}
        self._seen: defaultdict[tuple[str, str], list[set[str]]] = defaultdict(
            lambda: [set(), set()]
        )
        self._counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def __iter__(self) -> Any:
        for number in range(self.shape.rows):
            yield self._row(number)
        for (code, month), counts in sorted(self._counts.items()):
            clients, visiting = self._seen[code, month]
            counts["clients"], counts["visiting_clients"] = len(clients), len(visiting)
            figures = [counts[name] for name in MONTHLY]
            self.manifest.monthly.setdefault(code, {})[month] = figures

    def _row(self, number: int) -> list[str]:
        draw, random_ = self._draw, self._draw.random
        hub, original = self._hub(), number
        in_first_half = number < self.shape.rows // 2
        if not in_first_half and not self.shape.clean and random_() < DUPLICATE_SHARE * 2:
            original = draw.below(self.shape.rows // 2)
            hub = self._hubs_of[original]
        day = self._days[self._day()]
        channel, theme, industry, minutes = (
            words[choose()] for words, choose in zip(self._labels, self._label, strict=True)
        )
        resolved, confirmed = self._outcome(day)
        row = [
            self._codes[hub],
            f"R{original:07d}",
            day.isoformat(),
            channel,
            theme,
            industry,
            self._band(),
            f"{SURNAMES[draw.below(8)]} {draw.below(12) + 1}",
            self._client(hub),
            minutes,
            resolved,
            confirmed,
            self._texts[draw.below(len(self._texts))],
        ]
        valid = self.shape.clean or random_() >= INVALID_SHARE
        if in_first_half:
            self._hubs_of.append(hub)
            self._is_valid.append(valid)
        if not valid:
            return self._spoilt(row)
        self.manifest.valid += 1
        if original != number and self._was_there(original):
            self.manifest.duplicates += 1
        else:
            self._count(row)
        return row

    def _was_there(self, original: int) -> bool:
        """True when a valid row before this one has the number already."""
        there = self._reused.get(original, bool(self._is_valid[original]))
        self._reused[original] = True
        return there

    def _spoilt(self, row: list[str]) -> list[str]:
        kind = list(INVALID)[self._draw.below(len(INVALID))]
        self.manifest.invalid[kind] += 1
        place, text = INVALID[kind]
        row[place] = text
        return row

    def _band(self) -> str:
        # Zipf with exponent 1.8 by inversion, less one: many firms of nobody but the owner.
        employees = int((1 - self._draw.random()) ** (-1 / 0.8)) - 1
        return next((label for bound, label in BANDS if employees < bound), BANDS[-1][1])

    def _client(self, hub: int) -> str:
        if self.shape.realistic:
            return f"C{self._codes[hub]}{self._draw.below(self._clients[hub]):07d}"
        return f"C{self._draw.below(max(1, self.shape.rows // 3)):09d}"

    def _outcome(self, day: date) -> tuple[str, str]:
        if self._draw.random() >= RESOLVED_SHARE:
            return "", ""
        resolved = min(day + timedelta(days=self._draw.below(90)), self._days[-1])
        if self._draw.random() >= CONFIRMED_SHARE:
            return resolved.isoformat(), ""
        confirmed = min(resolved + timedelta(days=self._draw.below(30)), self._days[-1])
        return resolved.isoformat(), confirmed.isoformat()

    def _count(self, row: list[str]) -> None:
        code, month, is_visit = row[0], row[2][:7], row[3] == VISIT
        counts, (clients, visiting) = self._counts[code, month], self._seen[code, month]
        counts["consultations"] += 1
        clients.add(row[8])
        if is_visit:
            counts["visits"] += 1
            visiting.add(row[8])
        if row[10]:
            solved = self._counts[code, row[10][:7]]
            solved["resolved"] += 1
            solved["confirmed"] += bool(row[11])


def _weight_of(day: date) -> float:
    weight = MONTHS[(day.month - 4) % 12]
    return weight * (WEEKEND if day.weekday() >= 5 else 1)


class _Hashing(io.RawIOBase):
    """A file that hashes what it writes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def write(shape: Shape, folder: Path) -> tuple[Path, Manifest]:
    """Write the CSV and its manifest into the folder; the file's name says its shape."""
    kind = "realistic" if shape.realistic else "uniform"
    state = "clean" if shape.clean else "mixed"
    name = f"consultations-{shape.rows}-{shape.hubs}-{shape.seed}-{kind}-{state}-{shape.encoding}"
    path = folder / f"{name}.csv"
    rows = Rows(shape)
    raw = _Hashing(path)
    with io.TextIOWrapper(
        io.BufferedWriter(raw, 1 << 20), encoding=shape.encoding, newline=""
    ) as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
        stream.flush()
        rows.manifest.sha256, rows.manifest.bytes = raw.digest.hexdigest(), raw.size
    path.with_suffix(".json").write_text(rows.manifest.as_json() + "\n", encoding="utf-8")
    return path, rows.manifest


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--hubs", type=int, choices=(47, 470, 4700), default=47)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--realistic", action="store_true")
    parser.add_argument("--clean", action="store_true", help="no invalid rows, no duplicates")
    parser.add_argument("--encoding", choices=("utf-8", "utf-8-sig", "cp932"), default="utf-8")
    asked = vars(parser.parse_args())
    folder = asked.pop("folder")
    folder.mkdir(parents=True, exist_ok=True)
    path, manifest = write(Shape(**asked), folder)
    sys.stdout.write(f"{path}\n{manifest.stored} of {asked['rows']} rows to be stored\n")


if __name__ == "__main__":
    main()

"""Pure figures of answer histograms: count, mean, top-two share, Wilson interval (1.4)."""

from decimal import Decimal

from yorozu.core import exact

SCALE = (1, 2, 3, 4, 5)
TOP_BOX = 4
Z_90 = Decimal("1.64485")


def check_histogram(counts: object, name: str = "アンケート") -> list[int]:
    """Return the five counts of answers 1-5, or refuse them."""
    if not isinstance(counts, list) or len(counts) != len(SCALE):
        message = f"{name}: 1から5までの回答数を5つ並べてください。"
        raise ValueError(message)
    return [exact.whole(count, name) for count in counts]


def answer_count(counts: list[int]) -> int:
    """Return the number of answers n."""
    return sum(check_histogram(counts))


def answer_total(counts: list[int]) -> int:
    """Return the sum of all answers, the numerator of the mean."""
    return sum(value * count for value, count in zip(SCALE, check_histogram(counts), strict=True))


def answer_mean(counts: list[int]) -> Decimal | None:
    """Return the mean answer with 4 decimals, or None without answers."""
    n = answer_count(counts)
    return exact.quotient(Decimal(answer_total(counts)), Decimal(n), 4) if n else None


def top_box_count(counts: list[int]) -> int:
    """Return the number of answers 4 and 5."""
    checked = check_histogram(counts)
    return sum(count for value, count in zip(SCALE, checked, strict=True) if value >= TOP_BOX)


def top_box_share(counts: list[int]) -> Decimal | None:
    """Return the share of answers 4 and 5 with 4 decimals, or None without answers."""
    n = answer_count(counts)
    return exact.quotient(Decimal(top_box_count(counts)), Decimal(n), 4) if n else None


@exact.exactly
def wilson(successes: int, n: int, z: Decimal = Z_90) -> tuple[Decimal, Decimal]:
    """Return the Wilson interval of a share with 4 decimals; without answers it is 0 to 1."""
    exact.whole(successes, "該当数")
    exact.whole(n, "回答数")
    if successes > n:
        message = f"該当数が回答数を超えています: {successes} > {n}"
        raise ValueError(message)
    if n == 0:
        return exact.rounded(Decimal(0), 4), exact.rounded(Decimal(1), 4)
    share, square = Decimal(successes) / n, z * z
    scale = 1 + square / n
    centre = (share + square / (2 * n)) / scale
    half = z * (share * (1 - share) / n + square / (4 * n * n)).sqrt() / scale
    low, high = max(Decimal(0), centre - half), min(Decimal(1), centre + half)
    return exact.rounded(low, 4), exact.rounded(high, 4)


SMALL_N = 10
SMALL_PARTNERS = 3
LOW_RESPONSE = Decimal(20)
_LEGAL_FORMS = (
    ("公益財団法人", "(公財)"),
    ("一般財団法人", "(一財)"),
    ("公益社団法人", "(公社)"),
    ("一般社団法人", "(一社)"),
    ("株式会社", "(株)"),
    ("独立行政法人", "(独)"),
)


def organization_key(key: str) -> str:
    """Fold a match key of an organisation further: legal forms and spaces do not tell two apart.

    公益財団法人 = (公財), 株式会社 = (株) (domain.md 4.4); the name itself is kept as typed.
    """
    folded = key.replace(" ", "")
    for long, short in _LEGAL_FORMS:
        folded = folded.replace(long, short)
    return folded


@exact.exactly
def organization_value(answers: list[tuple[Decimal, int]]) -> Decimal:
    """Average the answers of one organisation to its one value, 2 decimals half up (1.5).

    Each answer is (value, respondents): an answer that already stands for several people counts
    for that many, so that every respondent has the same weight.
    """
    people = sum(count for _, count in answers)
    if people <= 0:
        message = "支援機関の回答者がいません。"
        raise ValueError(message)
    total = sum((value * count for value, count in answers), Decimal(0))
    return exact.quotient(total, Decimal(people), 2)


def response_rate(sent: int, returned: int) -> Decimal | None:
    """Return the response rate in percent with 1 decimal, or None when nothing was sent."""
    return exact.quotient(Decimal(returned * 100), Decimal(sent), 1) if sent else None


@exact.exactly
def mean_of_means(means: list[Decimal]) -> Decimal | None:
    """Return the mean with 4 decimals of hub means or organisations' values, each counting once."""
    return exact.quotient(sum(means, Decimal(0)), Decimal(len(means)), 4) if means else None

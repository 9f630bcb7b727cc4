"""Exact arithmetic of the judgement: precision 34, half up, named places (evaluation.md 2.9)."""

import re
from collections.abc import Callable
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from fractions import Fraction
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

PRECISION = 34
# Wider numbers do not occur in the programme and could overflow the 34 digits.
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?")


def context() -> Context:
    """Return a fresh arithmetic context; the global one is never touched."""
    return Context(
        prec=PRECISION,
        rounding=ROUND_HALF_UP,
        traps=[InvalidOperation, DivisionByZero, Overflow],
    )


def exactly(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function inside the judgement's own decimal context."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(context()):
            return function(*args, **kwargs)

    return inside


def number(value: object, name: str) -> Decimal:
    """Read an int, Decimal or plain decimal string; refuse everything else by name."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        message = f"{name}: 整数か、小数を表す文字列にしてください: {value!r}"
        raise TypeError(message)
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if not NUMBER.fullmatch(text):
        message = f"{name}: 数値として読めません: {value}"
        raise ValueError(message)
    return Decimal(text)


def amount(value: object, name: str) -> Decimal:
    """Read a number that may not be negative."""
    read = number(value, name)
    if read < 0:
        message = f"{name}: 負の数は使えません: {value}"
        raise ValueError(message)
    return read


def whole(value: object, name: str) -> int:
    """Read a whole number that may not be negative; text and decimals are refused."""
    if isinstance(value, bool) or not isinstance(value, int):
        message = f"{name}: 整数にしてください: {value!r}"
        raise TypeError(message)
    if value < 0:
        message = f"{name}: 負の数は使えません: {value}"
        raise ValueError(message)
    return value


def rounded(value: Decimal, places: int) -> Decimal:
    """Round half up to the named number of decimals."""
    with localcontext(context()):
        return value.quantize(Decimal(1).scaleb(-places))


def quotient(numerator: Decimal, denominator: Decimal, places: int) -> Decimal:
    """Divide once and round once, so that a tie is always seen as a tie."""
    with localcontext(context()):
        return rounded(numerator / denominator, places)


def fraction_rounded(value: Fraction, places: int) -> Decimal:
    """Round a fraction half up (away from zero) to the named number of decimals."""
    scaled = abs(value) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    with localcontext(context()):
        return Decimal(units if value >= 0 else -units).scaleb(-places)


def refuse_unknown(keys: object, allowed: frozenset[str], name: str) -> dict[str, Any]:
    """The entry itself; refuses keys that the method does not know, naming them."""
    if not isinstance(keys, dict):
        message = f"{name}: 項目名と値の組にしてください。"
        raise TypeError(message)
    unknown = sorted(str(key) for key in keys if key not in allowed)
    if unknown:
        message = f"{name}: 知らない項目があります: {'、'.join(unknown)}"
        raise ValueError(message)
    return keys

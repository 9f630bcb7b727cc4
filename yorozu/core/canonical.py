"""One spelling of a JSON value, so that equal content has an equal hash (evaluation.md 5)."""

import hashlib
import json
import unicodedata
from decimal import Decimal


def canonical_json(obj: object) -> str:
    """Return the canonical text: keys by code point, NFC text, decimals as strings, no spaces.

    Text stays unescaped (the hash is taken over UTF-8); keys are ASCII. Floats are refused
    with TypeError, because the same number may print differently elsewhere.
    """
    return json.dumps(
        _plain(obj, "$"),
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def sha256_text(text: str) -> str:
    """Return the SHA-256 of the UTF-8 bytes of a text in lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def canonical_hash(obj: object) -> str:
    """Return the SHA-256 of the canonical text of a value."""
    return sha256_text(canonical_json(obj))


def parse_canonical(text: str) -> object:
    """Read a JSON text; refuse numbers with a fraction, which would become floats."""
    return json.loads(text, parse_float=_no_float, parse_constant=_no_float)


def _no_float(token: str) -> object:
    message = f"小数は文字列で書いてください: {token}"
    raise TypeError(message)


def _plain(value: object, path: str) -> object:
    """Copy a value into plain JSON types, or refuse it naming its place."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Decimal):
        return _decimal_text(value, path)
    return _container(value, path)


def _container(value: object, path: str) -> object:
    if isinstance(value, dict):
        return _object(value, path)
    if isinstance(value, list | tuple):
        return [_plain(entry, f"{path}[{place}]") for place, entry in enumerate(value)]
    message = f"{path}: {type(value).__name__} は記録に使えません。小数は文字列にしてください。"
    raise TypeError(message)


def _object(value: dict, path: str) -> dict[str, object]:
    for key in value:
        if not isinstance(key, str):
            message = f"{path}: キーは文字列にしてください: {key!r}"
            raise TypeError(message)
        if not key.isascii():
            message = f"{path}: キーは半角の英数字と記号にしてください: {key}"
            raise ValueError(message)
    return {key: _plain(entry, f"{path}.{key}") for key, entry in value.items()}


def _decimal_text(value: Decimal, path: str) -> str:
    if not value.is_finite():
        message = f"{path}: 数値ではない値です: {value}"
        raise ValueError(message)
    return format(value, "f")

"""What is still lacking before a step, each with the address of the page where it is supplied."""

from collections.abc import Iterable, Mapping

from django.urls import NoReverseMatch, reverse

from yorozu.core.errors import Missing


def linked(
    missing: Iterable[Missing], keys: Mapping[str, int | str] | None = None
) -> list[dict[str, str]]:
    """Text and address of each missing thing; "" when it has no page of its own.

    ``keys`` gives the argument of addresses that the page knows better (name -> argument).
    """
    return [{"text": item.text, "url": _url(item, keys or {})} for item in missing]


def _url(item: Missing, keys: Mapping[str, int | str]) -> str:
    if item.link_name is None:
        return ""
    args = item.link_args or ((keys[item.link_name],) if item.link_name in keys else ())
    try:
        url = reverse(item.link_name, args=args)
    except NoReverseMatch:
        return ""
    return f"{url}#{item.anchor}" if item.anchor else url

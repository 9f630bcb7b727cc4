"""The activity policy as a part of the year: last year's text becomes the draft of this one."""

from collections.abc import Mapping

from hubs.terms.models import Term, TermState
from hubs.terms.operations.policy import write_draft
from hubs.terms.parts import Content, Entry, PartFaults, YearPart
from hubs.terms.queries import previous_term, published_policy
from hubs.terms.rules.comparing import Row
from yorozu.core.access import Scope
from yorozu.core.fiscal import nendo

TITLE_LENGTH, BODY_LENGTH = 120, 20_000


class PolicyPart(YearPart):
    """Title and text of the draft; it is signed and published by Agency and HQ (S69)."""

    code = "policy"
    label = "活動方針"
    order = 70
    hint = (
        "活動方針の下書きです。中小企業庁と全国本部の承認で公表します。"
        "公表は期の開始後でもできますが、公表するまで拠点は事業計画を提出できません。"
    )
    required = False
    in_rules = False

    def stands(self, term: Term) -> Content | None:
        """The draft while the term is prepared; afterwards what is published."""
        newest = term.policies.first()
        is_prepared = term.state == TermState.PREPARING
        policy = newest if is_prepared else published_policy(term) or newest
        return None if policy is None else {"title": policy.title, "body": policy.body}

    def default(self, term: Term) -> Content | None:
        """The product has no policy of its own."""
        return None

    def blank(self, term: Term) -> Content:
        """A title to start from."""
        return {"title": f"{nendo(term.fiscal_year)}活動方針", "body": ""}

    def propose(self, term: Term, previous: Term | None) -> Content | None:
        """A draft that is being written goes before last year's text."""
        return self.stands(term) or super().propose(term, previous)

    def carried(self, content: Content, term: Term) -> Content:
        """Last year's text; the year in its title becomes the new one."""
        title, previous = content["title"], previous_term(term)
        if previous is not None:
            old, new = previous.fiscal_year, term.fiscal_year
            title = title.replace(nendo(old), nendo(new)).replace(f"{old}年度", f"{new}年度")
        return {"title": title, "body": content["body"]}

    def write(self, actor: Scope, term: Term, content: Content) -> None:
        """Put the text into the draft."""
        write_draft(actor, term, content["title"], content["body"])

    def rows(self, content: Content) -> list[Row]:
        """Title, and the text line by line."""
        lines = content["body"].splitlines()
        return [
            Row("title", "", "標題", content["title"]),
            *(Row(f"body/{n}", "本文", f"{n}行目", text) for n, text in enumerate(lines, start=1)),
        ]

    def entries(self, term: Term, content: Content) -> list[Entry]:
        """Title and text."""
        return [
            Entry("title", "", "標題", "text", content["title"]),
            Entry("body", "", "本文", "long", content["body"]),
        ]

    def read(self, term: Term, content: Content, typed: Mapping[str, str]) -> Content:
        """Title and text, both there and not too long."""
        title = typed.get("title", content["title"]).strip()
        body = typed.get("body", content["body"]).replace("\r\n", "\n").strip()
        faults = {}
        if not title or len(title) > TITLE_LENGTH:
            faults["title"] = f"標題を{TITLE_LENGTH}文字までで入力してください。"
        if not body or len(body) > BODY_LENGTH:
            faults["body"] = f"本文を{BODY_LENGTH:,}文字までで入力してください。"
        if faults:
            raise PartFaults(faults, {"title": "標題", "body": "本文"})
        return {"title": title, "body": body}

"""The page behind a one-time link: no sign-in, no cookie, nothing kept of the respondent."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from evaluation.surveys.forms import AnswerForm
from evaluation.surveys.operations import give_answer
from evaluation.surveys.queries import Door, LinkState, door_of
from evaluation.surveys.throttle import is_too_much
from yorozu.core import clock
from yorozu.core.access import allow
from yorozu.core.errors import Refused

STATUS = {
    LinkState.UNKNOWN: HTTPStatus.NOT_FOUND,
    LinkState.VOID: HTTPStatus.GONE,
    LinkState.OVER: HTTPStatus.GONE,
    LinkState.EARLY: HTTPStatus.OK,
    LinkState.ANSWERED: HTTPStatus.OK,
}


# The link itself is the key, and there is no session that another page could misuse: a token in a
# cookie would only be a trace of the respondent.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@allow("evaluation.surveys.answer")
def survey_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The questions of an open link; kind words for any other."""
    door = door_of(token)
    if door.state == LinkState.UNKNOWN and is_too_much():
        return _private(_closed(request, door, HTTPStatus.TOO_MANY_REQUESTS))
    if door.state != LinkState.OPEN or door.letter is None:
        return _private(_closed(request, door, STATUS[door.state]))
    sent = request.POST if request.method == "POST" else None
    form = AnswerForm(sent, asked=door.letter.wave.questionnaire)
    if sent is not None and form.is_valid():
        try:
            give_answer(letter=door.letter, given=form.given())
        except Refused:
            # The end came between the page and the button.
            return _private(_closed(request, door_of(token), HTTPStatus.GONE))
        return _private(redirect("survey_answer", token=token))
    context = {
        "form": form,
        "letter": door.letter,
        "wave": door.letter.wave,
        "asked": door.letter.wave.questionnaire,
        "has_errors": bool(form.errors),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return _private(render(request, "evaluation/surveys/answer.html", context, status=status))


def _closed(request: HttpRequest, door: Door, status: HTTPStatus) -> HttpResponse:
    context = {
        "state": door.state.value,
        "wave": door.letter.wave if door.letter else None,
        "starts_later": bool(door.letter and clock.now() < door.letter.wave.opens_at),
        "letter": door.letter,
    }
    return render(request, "evaluation/surveys/answer_closed.html", context, status=status)


def _private(response: HttpResponse) -> HttpResponse:
    """Nothing of the page stays in a cache, a log or a search engine, nor goes on as a referrer."""
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # Django writes the address of every refusal to its log; this address is a key.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response

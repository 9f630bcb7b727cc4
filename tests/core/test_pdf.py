"""PDF: exact Japanese text, tags, own font, nothing fetched or embedded, limits that hold."""

import http.server
import io
import os
import threading
import time
import urllib.request

import pypdf
import pytest
from fontTools.ttLib import TTFont

from yorozu.core import charts, checks, pdf
from yorozu.core.errors import NotReady

LACKING = pdf.pdf_available()
pytestmark = pytest.mark.skipif(LACKING is not None, reason=f"PDF NOT TESTED: {LACKING}")
TEXTS = ("総合評価", "よろず支援拠点", "髙﨑①㈱㎡℃〜", "令和8年度　期末評価書", "差戻し■※→")


def page(body, head=""):
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>評価書</title>'
        f"{head}</head><body>{body}</body></html>"
    )


def read(data):
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data):
    return "\n".join(one.extract_text() for one in read(data).pages)


@pytest.fixture(scope="module")
def session():
    with pdf.PdfSession(timeout_s=60) as one:
        yield one


@pytest.fixture(scope="module")
def report(session):
    body = "<h1>期末評価書</h1><p><b>太字</b></p>" + "".join(f"<p>{text}</p>" for text in TEXTS)
    rows = "".join(f"<tr><th scope='row'>項目{n}</th><td>{n}</td></tr>" for n in range(120))
    head = "<tr><th scope='col'>見出し項目</th><th scope='col'>値</th></tr>"
    table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
    return session.render(page(body + table))


def test_text_layer_holds_the_exact_japanese_strings(report):
    text = text_of(report)
    for expected in TEXTS:
        assert expected in text


def test_document_is_tagged_in_japanese_and_declares_pdf_ua(report):
    root = read(report).trailer["/Root"]
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/Lang"] == "ja"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert read(report).metadata.title == "評価書"


def embedded_fonts(data):
    found = {}
    for one in read(data).pages:
        for font in one["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            file = inner["/FontDescriptor"]["/FontFile2"].get_data()
            found[str(inner["/BaseFont"])] = TTFont(io.BytesIO(file))
    return found


def test_only_the_vendored_font_is_embedded_glyph_for_glyph(report):
    fonts = embedded_fonts(report)
    assert {name.split("+")[1] for name in fonts} == {"YzReport", "YzReport-Bold"}
    for name, font in fonts.items():
        path = pdf.FONTS[1] if name.endswith("Bold") else pdf.FONTS[0]
        vendored, outlines = TTFont(path), font["glyf"]
        used = [
            number
            for number, name in enumerate(font.getGlyphOrder())
            if outlines[name].numberOfContours > 0
        ]
        assert used
        # glyph numbers are kept by the subset, so each outline can be held against the original
        for number in used:
            own = outlines[font.getGlyphName(number)].coordinates
            assert own == vendored["glyf"][vendored.getGlyphName(number)].coordinates


def test_chart_in_a_pdf_uses_the_same_font_and_carries_its_title(session):
    picture = charts.line("月別の推移", ["4月"], [charts.Series("相談 2026", [1234])], unit="件")
    made = session.render(page(f"<figure>{picture}</figure>"))
    assert {name.split("+")[1] for name in embedded_fonts(made)} == {"YzReport"}
    assert "1,250件" in text_of(made) or "1,500件" in text_of(made)
    alternatives = [
        item.get("/Alt")
        for number in range(1, read(made).trailer["/Size"])
        if isinstance(item := read(made).get_object(number), dict) and item.get("/S") == "/Figure"
    ]
    assert any("月別の推移" in str(text) for text in alternatives)


def test_table_head_repeats_and_pages_are_numbered(report):
    pages = [one.extract_text() for one in read(report).pages]
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in text or f"{number}/{len(pages)}" in text
    assert all("見出し項目" in text for text in pages[1:])


def test_fixed_source_date_gives_the_same_bytes(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1768521600")
    document = page("<h1>同じ</h1><p>内容</p>")
    assert pdf.render_pdf(document) == pdf.render_pdf(document)


@pytest.fixture(scope="module")
def listener():
    """A local web server that notes every request it gets."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"SECRET-FROM-HTTP")

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    path = tmp_path_factory.mktemp("secret") / "secret.txt"
    path.write_text("SECRET-FROM-FILE", encoding="utf-8")
    return path.as_uri()


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
DATA = "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E"
PAYLOADS = {
    "image": '<img src="{web}/1.png">',
    "image_file": '<img srcset="{web}/2.png 2x" src="{file}">',
    "style_link": '<link rel="stylesheet" href="{web}/3.css">',
    "style_import": '<style>@import url("{web}/4.css");</style>',
    "background": '<div style="background:url({web}/5.png);height:9px">x</div>',
    "font_face": '<style>@font-face{{font-family:Z;src:url("{web}/6")}}p{{font-family:Z}}</style>',
    "generated": '<style>p::before{{content:url("{web}/7.png")}}</style><p>x</p>',
    "list_image": '<ul style="list-style-image:url({web}/8.png)"><li>x</li></ul>',
    "border_image": '<p style="border:9px solid;border-image-source:url({web}/9.png)">x</p>',
    "object": '<object data="{web}/10.svg" type="image/svg+xml"></object>',
    "embed": '<embed src="{web}/11.svg" type="image/svg+xml">',
    "svg_image": SVG + '<image xlink:href="{web}/12.png" width="9" height="9"/></svg>',
    "svg_use": SVG + '<use xlink:href="{web}/13.svg#a"/></svg>',
    "attachment_link": '<link rel="attachment" href="{file}">',
    "attachment_anchor": '<a rel="attachment" href="{file}">x</a>',
    "attachment_web": '<link rel="attachment" href="{web}/16"><a rel="attachment" href="{web}/16">',
    "base": '<base href="{web}/"><img src="17.png"><link rel="stylesheet" href="17.css">',
    "own_font": '<link rel="attachment" href="{font}">',
    "data": '<img src="' + DATA + '%3Cimage href=%22{web}/19.png%22/%3E%3C/svg%3E">',
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_hostile_html_makes_no_request_and_embeds_no_file(name, session, listener, secret):
    web, seen = listener
    payload = PAYLOADS[name].format(web=web, file=secret, font=pdf.FONTS[0].as_uri())
    # in the head and in the body, because some elements count only in one of them
    made = session.render(page(f"<p>本文</p>{payload}", head=payload))
    assert seen == []
    document = read(made)
    assert "本文" in text_of(made)
    assert not dict(document.attachments)
    assert b"/EmbeddedFile" not in made
    for number in range(1, document.trailer["/Size"]):
        item = document.get_object(number)
        if isinstance(item, pypdf.generic.StreamObject):
            assert b"SECRET" not in item.get_data()


def test_the_listener_of_these_tests_would_notice_a_request(listener):
    web, seen = listener
    with urllib.request.urlopen(f"{web}/control") as answer:  # noqa: S310 - own local server
        assert answer.status == 200
    assert seen == ["/control"]
    seen.clear()


BOMBS = {
    "colspan": "<table>" + "<tr><td colspan=1000>x</td></tr>" * 400 + "</table>",
    "paragraph": "<p>" + "長い本文" * 100_000 + "</p>",
    "pages": '<p style="break-after:page">x</p>' * 20_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_layout_bomb_ends_within_its_limit_and_the_session_goes_on(name):
    with pdf.PdfSession(timeout_s=4, memory_mb=600) as session:
        assert "前" in text_of(session.render(page("<p>前</p>")))
        begun = time.monotonic()
        with pytest.raises(pdf.PdfError, match="作成できませんでした"):
            session.render(page(BOMBS[name]))
        assert time.monotonic() - begun < 4 + 12
        assert "後" in text_of(session.render(page("<p>後</p>")))


def test_memory_limit_holds_and_the_session_goes_on():
    with pdf.PdfSession(timeout_s=60, memory_mb=150) as session:
        hog = "".join(f"<p>{n}</p>" for n in range(3000))
        with pytest.raises(pdf.PdfError, match="150MB"):
            session.render(page(hog))
        assert "後" in text_of(session.render(page("<p>後</p>")))


def test_too_many_pages_are_refused_with_their_number(session):
    with (
        pdf.PdfSession(max_pages=3) as small,
        pytest.raises(pdf.PdfError, match="上限（3ページ）"),
    ):
        small.render(page('<p style="break-after:page">x</p>' * 5))


def test_deep_nesting_is_an_error_and_not_the_end_of_the_session(session):
    with pytest.raises(pdf.PdfError):
        session.render(page("<span>" * 5000 + "x" + "</span>" * 5000))
    assert "後" in text_of(session.render(page("<p>後</p>")))


def test_one_child_serves_a_batch_and_keeps_the_font(session):
    first = session.render(page("<p>一件目</p>"))
    child = session._child
    last = session.render(page("<p>二件目</p>"))
    assert session._child is child
    for made in (first, last):
        assert {name.split("+")[1] for name in embedded_fonts(made)} == {"YzReport"}


def test_a_killed_child_is_replaced(session):
    session.render(page("<p>前</p>"))
    session._child.kill()
    session._child.wait()
    with pytest.raises(pdf.PdfError):
        session.render(page("<p>途中</p>"))
    assert "後" in text_of(session.render(page("<p>後</p>")))


def test_child_sees_no_secret_and_leaves_no_file_behind(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("SECRET_KEY", "secret")
    assert "secret" not in str(pdf._environment(os.environ, "/folder")).lower()
    with pdf.PdfSession() as session:
        session.render(page("<p>x</p>"))
        folder = session._folder.name
        assert os.path.isdir(folder)  # noqa: PTH112
    assert not os.path.exists(folder)  # noqa: PTH110


def test_a_machine_without_the_parts_says_so_in_japanese(monkeypatch):
    assert checks.check_pdf(None) == []
    monkeypatch.setattr(pdf, "_pango_loads", lambda: False)
    [warning] = checks.check_pdf(None)
    assert warning.id == "yz.W001"
    assert "libpango" in warning.msg
    with pytest.raises(NotReady, match="PDFを作成できません"):
        pdf.render_pdf(page("x"))
    monkeypatch.setattr(pdf, "FONTS", (pdf.FONT_DIR / "none.ttf",))
    assert "none.ttf" in pdf.pdf_available()

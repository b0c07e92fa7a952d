"""Pages whose article stands only in the state that they bring for their scripts."""

# ruff: noqa: E501 (a case a line)

import json

import pytest
from growth import assert_linear, seconds
from pages import BODY, PARAGRAPHS, linked, read

from transforms.errors import Rejected
from transforms.formats.html.expansion import Room
from transforms.formats.html.state_scripts import state_values

TITLE = "Ferry late again"
ARTICLE = {
    "id": 5,
    "title": TITLE,
    "publishedAt": "2024-05-13T10:00:00Z",
    "author": {"name": "Ada Perrin"},
    "body": BODY,
}
OTHER = {
    **ARTICLE,
    "title": "Bridge in Karsholm shut",
    "body": f"<p>{' '.join(PARAGRAPHS)} More.</p>",
}


def page(*scripts, title=f"{TITLE} | Norrby Post", body="<div id=root></div>"):
    return f"<html><head><title>{title}</title></head><body>{body}{''.join(scripts)}</body></html>"


def data(value, attributes="id=__NEXT_DATA__"):
    return f"<script type='application/json' {attributes}>{json.dumps(value)}</script>"


def code(text):
    return f"<script>{text}</script>"


NUXT = code(
    'window.__NUXT__=(function(a,b,c){return {layout:"default",data:[{post:{id:5,title:a,publishedAt:c,'
    'author:{name:"Ada Perrin"},body:b,hot:void 0,top:!1}}],error:null}}'
    f'({json.dumps(TITLE)},{json.dumps(BODY)},"2024-05-13T10:00:00Z"));'
)
NUXT_3 = data(
    [
        ["ShallowReactive", 1],
        {"data": 2, "once": 3},
        ["ShallowReactive", 4],
        ["Set"],
        {"a": 5},
        {"title": 6, "body": 7, "publishedAt": 8, "author": 9},
        TITLE,
        BODY,
        ["Date", "2024-05-13T10:00:00.000Z"],
        {"name": 10},
        "Ada Perrin",
    ],
    "id=__NUXT_DATA__",
)
APOLLO = {
    "ROOT_QUERY": {'article({"id":5})': {"__ref": "Article:5"}},
    "Article:5": {**ARTICLE, "author": {"__ref": "Author:1"}, "body": {"__ref": "Body:5"}},
    "Author:1": {"name": "Ada Perrin"},
    "Body:5": {"text": BODY},
}
LONG = f"1a:T{len(BODY.encode()):x},{BODY}"
ROW = '5:["$","$L6",null,{}]\n'.format(json.dumps({"article": {**ARTICLE, "body": "$1a"}}))
HINT = ':HL["/_next/static/a.css","style"]\n'
ANGULAR = json.dumps({"key": {"body": ARTICLE}})
for sign, entity in (("&", "&a;"), ('"', "&q;"), ("<", "&l;"), (">", "&g;")):
    ANGULAR = ANGULAR.replace(sign, entity)


@pytest.mark.parametrize(
    "written",
    [
        page(data({"props": {"pageProps": {"article": ARTICLE, "related": [OTHER]}}})),
        page(
            data(
                {
                    "props": {
                        "pageProps": {
                            "article": {
                                **ARTICLE,
                                "body": [{"type": "paragraph", "text": p} for p in PARAGRAPHS],
                            }
                        }
                    }
                }
            )
        ),
        page(
            data(
                {
                    "a": {
                        "title": TITLE,
                        "publishedAt": "2024-05-13T10:00:00Z",
                        "author": "Ada Perrin",
                        "data": {"body": BODY},
                    }
                }
            )
        ),
        page(data({"status": 200, "body": json.dumps(ARTICLE)}, "data-sveltekit-fetched")),
        page(
            code(
                f"window.__INITIAL_STATE__ = {json.dumps({'byId': {'5': ARTICLE, '6': OTHER}})};(function(){{}})()"
            )
        ),
        page(code(f"window.__DATA__={json.dumps(json.dumps({'article': ARTICLE}))};")),
        page(code(f"window.__DATA__ = JSON.parse({json.dumps(json.dumps({'article': ARTICLE}))})")),
        page(
            code(
                f"var pageData = {{article: {{title: '{TITLE}', publishedAt: '2024-05-13T10:00:00Z', author: 'Ada Perrin', body: '{BODY}', tags: [undefined]}}}};"
            )
        ),
        page(NUXT),
        page(NUXT_3),
        page(code(f"window.__APOLLO_STATE__={json.dumps(APOLLO)}")),
        page(f"<script id=s type='application/json'>{ANGULAR}</script>"),
        page(
            code(f"self.__next_f.push([1,{json.dumps(LONG[:300])}])"),
            code(f"self.__next_f.push([1,{json.dumps(LONG[300:] + ROW)}])"),
        ),
        # The site's name alone is no title, so that the only article is the page's.
        page(data({"article": ARTICLE}), title="Norrby Post"),
        # What a page shows of it, or in its place.
        page(
            data({"article": ARTICLE, "next": OTHER}),
            body=f"<article><h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p></article>",
        ),
        # What readers and editors say below it, longer than the article.
        page(data({**ARTICLE, "comments": [{"author": "troll", "body": BODY + OTHER["body"]}]})),
        page(data({**ARTICLE, "notes": [{"author": "troll", "body": BODY + OTHER["body"]}]})),
        # A list of objects, not the parts of one.
        page(data([ARTICLE, OTHER])),
        # Rows without a number, as React 19 writes them.
        page(
            code(
                f"self.__next_f.push([1,{json.dumps(HINT + LONG + ROW)}])",
            )
        ),
        page(
            data({"article": ARTICLE}),
            body="<noscript>You need to enable JavaScript to run this app.</noscript>",
        ),
    ],
)
def test_the_article_of_the_state(written):
    article = read(written)
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert (article.title, article.authors) == (TITLE, ("Ada Perrin",))
    assert article.published_at.isoformat() == "2024-05-13T10:00:00+00:00"
    assert "stated_text" in article.flags


@pytest.mark.parametrize(
    "state",
    [
        {"one": OTHER, "two": {**OTHER, "title": "Rain in Vellin", "body": BODY}},
        {"title": TITLE, "summary": BODY},
        {"title": TITLE, "body": "Short."},
        [1, 2, 3],
        {"title": "Cookies", "content": " ".join(PARAGRAPHS)},
        {"title": "Cookies", "comments": [OTHER]},
    ],
)
def test_what_is_not_the_pages_own_is_not_taken(state):
    with pytest.raises(Rejected, match="no_text"):
        read(page(data(state, "id=s " + "x" * 200)))


def test_a_page_that_shows_its_article_keeps_it():
    long = BODY + BODY.replace("On day", "On night")
    shown = f"<article><h1>{TITLE}</h1>{long}</article>"
    state = {**ARTICLE, "body": long + long.replace("ferry", "boat")}
    assert "stated_text" not in read(page(data({"article": state}), body=shown)).flags


def test_a_brief_keeps_its_text_beside_another_article():
    brief = f"<article><h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p></article>"
    assert read(page(data({"x": OTHER}), body=brief)).text.endswith(PARAGRAPHS[0])


def test_what_the_page_states_goes_before_its_state():
    script = linked(headline=TITLE, datePublished="2024-05-12T10:00:00Z", author="Bo Lind")
    body = f"<article><h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></article>"
    article = read(page(script, data({"x": ARTICLE}), body=body))
    assert article.authors == ("Bo Lind",)
    assert article.published_at.day == 12


def flight(uses):
    rows = f"1a:T{5000:x},{'x' * 5000}2:{json.dumps(['$1a'] * uses)}\n"
    return f"self.__next_f.push([1,{json.dumps(rows)}])"


def nuxt_2(uses):
    called = f"({json.dumps('x' * 5000)})"
    return f"window.__NUXT__=(function(a){{return {{data:[{','.join('a' * uses)}]}}}}{called})"


def nuxt_3(width):
    levels = [[4 + n] * width for n in range(12)]
    return json.dumps([["Reactive", 1], {"data": 3}, "", *levels, "x"])


@pytest.mark.parametrize("script", [flight(5000), nuxt_2(5000), nuxt_3(10)])
def test_what_is_referred_to_again_and_again_stays_small(script):
    (value,) = state_values(script + " " * 200, Room(1_000_000))
    assert 20_000 < len(json.dumps(value)) < 1_200_000


def test_objects_that_hold_each_other_stay_small():
    table = {f"N:{n}": {"list": [{"__ref": f"N:{n + 1}"}] * 100} for n in range(9)}
    state = {"ROOT_QUERY": {}, **table, "x": {**ARTICLE, "list": [{"__ref": "N:0"}] * 100}}
    read_pages = []
    assert seconds(lambda: read_pages.append(read(page(data(state))))) < 20
    assert read_pages[0].title == TITLE


def test_values_that_hold_themselves_end():
    (value,) = state_values(json.dumps([{"a": 1}, {"b": 0, "c": 2}, "x" * 200]), Room())
    assert value == {"a": {"b": None, "c": "x" * 200}}


def test_a_half_of_a_pair_in_capitals_can_be_written():
    (value,) = state_values('window.a = {"b": "\\uD800"}' + f" // {'x' * 200}", Room())
    assert value == {"b": "?"}


@pytest.mark.parametrize("start", ["window.x={", "x = (function(){return {"])
def test_strings_without_an_end_take_linear_time(start):
    def values(text):
        return list(state_values(text, Room()))

    assert not values(start + '"\\' * 50)
    assert_linear(values, lambda size: start + '"\\' * size, 5_000, 50_000)

"""The daily page in Debian's Chromium: what a reader sees, does, and waits for."""

from datetime import timedelta
from threading import Thread

import pytest
from site_pages import AXE, DAY, article, browser, write_articles

from pipeline.pages.preview import served
from pipeline.pages.site import build_site
from transforms.records import Duplicate

HOSTILE = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'
ARABIC = "افتتح المجلس جسرا جديدا فوق النهر. وبلغت تكلفته أربعة ملايين."
LONG = " ".join(f"Sentence {n} tells of the harbour wall in some detail." for n in range(40))


def articles():
    """Return a day of three pages: stories of several articles, scripts and lengths, and malice."""
    first = article(1, story_id="s", title="Old bridge closes", text=LONG, source="Valley Post")
    yield first
    yield article(2, story_id="s", title="The bridge, in other words", text=LONG)
    yield article(3, story_id="s", title="Bridge closes", text=LONG, duplicate_of=first.id)
    late = {"published_at": DAY + timedelta(hours=23, minutes=50)}  # on the first page
    yield article(4, title=HOSTILE, source=HOSTILE, text=HOSTILE + " It ends here.", **late)
    copies = (Duplicate("c" * 32, "https://www.copy.example/1"),)
    yield article(
        5, title="جسر جديد فوق النهر", text=ARABIC, language="ar", duplicates=copies, **late
    )
    nameless = {"url": None, "topic": None, "language": "pl"}
    yield article(6, title="A café in Łódź", **nameless, **late)
    yield article(7, title="Dictated", topic="sport", summary_method="remote", **late)
    yield from (article(number, title=f"Bridge {number}") for number in range(10, 240))


@pytest.fixture(scope="module")
def chromium():
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("pages")
    older = article(900, published_at=DAY - timedelta(days=1), title="Yesterday's snow")
    build_site(str(write_articles(root / "out", [*articles(), older])), root / "site")
    return root / "site"


@pytest.fixture(scope="module")
def address(site):
    with served(site, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def visit(chromium, address):
    """Return a function that opens a page of the site; nothing may go wrong in any of them."""
    contexts, wrong = [], []

    def opened(path="2026-10-05/index.html", base=address, **settings):
        context = chromium.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda it: None if it.url.startswith(base) else wrong.append(it.url))
        page.on("requestfailed", lambda request: wrong.append(request.url))
        page.goto(base + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def titles(page, place="[data-stories]"):
    return page.locator(f"{place} > .story h3").all_inner_texts()


def status(page, text):
    page.locator("[data-status]", has_text=text).wait_for()


def test_words_find_stories_of_all_pages_and_can_be_cleared(visit):
    page = visit()
    page.get_by_role("searchbox").fill("bridge 239")
    status(page, "1 story")
    assert titles(page, "[data-results]") == ["Bridge 239"]
    assert page.url.endswith("#q=bridge+239")
    page.get_by_role("searchbox").fill("CAFE lodz")  # the bar of ł is no mark: it stays
    status(page, "0 stories")
    page.get_by_role("searchbox").fill("CAFE")
    status(page, "1 story")
    page.get_by_role("button", name="Clear").click()
    page.locator("[data-stories]").wait_for(state="visible")
    assert "#" not in page.url


def test_choices_and_links_filter(visit):
    page = visit()
    page.get_by_text("Filter by").click()
    page.get_by_label("Language").select_option("ar")
    status(page, "1 story")
    page.get_by_label("Topic").select_option("sport")
    status(page, "0 stories")
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("region", name="The day in numbers").get_by_role("link", name="sport").click()
    status(page, "1 story")
    assert titles(page, "[data-results]") == ["Dictated"]


def test_a_filter_in_the_address_is_kept_and_more_are_shown_on_demand(visit):
    page = visit("2026-10-05/index.html#source=Courier+4")
    status(page, "stories")
    assert page.get_by_label("Source").input_value() == "Courier 4"
    page = visit("2026-10-05/index.html#q=bridge")
    status(page, "stories")
    assert page.locator("[data-results] .story").count() == 50
    page.get_by_role("button", name="Show more").press("Enter")
    assert page.locator("[data-results] .story").count() == 100
    assert page.evaluate("document.activeElement.closest('.story') !== null")


def test_the_first_page_searches_all_days(visit):
    page = visit("index.html")
    page.get_by_role("searchbox").fill("snow")
    status(page, "1 story")
    assert "4 Oct" in page.locator("[data-results] time").inner_text()


def test_a_link_to_a_story_finds_it_on_any_page(visit, site):
    second = (site / "2026-10-05" / "page-2.html").read_text()
    story = second.partition('<article class="story" id="')[2].partition('"')[0]
    page = visit(f"2026-10-05/index.html#{story}")
    status(page, "1 story")
    assert page.locator(f"[data-results] #{story}").count() == 1


def test_scripted_cards_are_the_static_ones(visit):
    cards = (
        "nodes => Object.fromEntries(nodes.map(n => [n.id, n.outerHTML.replace(/>\\s+</g, '><')]))"
    )
    page = visit()
    static = page.eval_on_selector_all("[data-stories] > .story", cards)
    page.evaluate("location.hash = '#q=e'")
    status(page, "stories")
    while page.locator("[data-more]").is_visible():
        page.locator("[data-more]").click()
    scripted = page.eval_on_selector_all("[data-results] > .story", cards)
    assert len(static) == 100
    for id_, card in static.items():
        assert scripted[id_] == card


def test_the_text_is_loaded_when_it_is_opened_and_the_summary_marked_in_it(visit):
    page = visit()
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.locator(".story details.text summary").first.click()
    page.locator(".story mark").first.wait_for()
    assert [name for name in asked if name.endswith(".js")] == ["texts-0001.js"]
    marked = " ".join(page.locator(".story mark").all_inner_texts())
    assert marked == page.locator(".story .summary").first.inner_text()


def test_hostile_text_stays_text(visit):
    page = visit()
    card = page.locator(".story", has_text="onerror").first
    assert card.locator("h3").inner_text() == HOSTILE
    card.locator("details.text summary").click()
    card.locator(".paragraphs p").first.wait_for()
    assert HOSTILE in card.locator(".paragraphs").inner_text()
    page.evaluate("location.hash = '#q=onerror'")
    status(page, "1 story")
    assert titles(page, "[data-results]") == [HOSTILE]
    assert page.evaluate("window.broken") is None
    assert page.locator("main img, main script, body > script").count() == 0


def test_the_policy_refuses_markup_from_scripts(chromium, address):
    page = chromium.new_page()  # the refusal is said on the console, which `visit` reports
    page.goto(f"{address}index.html")
    change = "() => { document.body.innerHTML = '<b>x</b>' }"
    with pytest.raises(Exception, match="TrustedHTML"):
        page.evaluate(change)
    page.close()


def test_from_a_disk_it_works_alike(visit, site):
    page = visit(base=f"{site.as_uri()}/")
    page.get_by_role("searchbox").fill("dictated")
    status(page, "1 story")
    page.locator("[data-results] details.text summary").click()
    page.locator("[data-results] .paragraphs p").first.wait_for()


def test_without_scripts_stories_can_be_read(visit):
    page = visit(java_script_enabled=False)
    assert len(titles(page)) == 100
    assert not page.get_by_role("search").is_visible()
    page.get_by_role("link", name="Page 2").click()
    page.wait_for_url("**/page-2.html")  # with all of it read
    assert len(titles(page)) == 100


def test_the_keyboard_reaches_everything(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the stories"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("dictated")
    status(page, "1 story")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.results details.text summary')"):
            break
    page.keyboard.press("Enter")
    page.locator(".results .paragraphs p").first.wait_for()


def test_the_theme_is_chosen_and_kept(visit):
    page = visit(color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    button = page.get_by_role("button", name="Theme")
    button.click()
    button.click()
    assert page.evaluate(background) != light
    page.reload()
    assert button.inner_text() == "Theme: dark"
    assert page.evaluate(background) != light


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_window(visit, width):
    page = visit(viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_scripts_from_right_to_left(visit):
    card = visit().locator(".story", has_text="جسر جديد").first
    for part in ("h3", ".summary", ".paragraphs"):
        found = card.locator(part).first
        assert (found.get_attribute("dir"), found.get_attribute("lang")) == ("rtl", "ar")


TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize(
    ("path", "scheme", "width"),
    [
        ("2026-10-05/index.html", "light", 1280),
        ("2026-10-05/index.html", "dark", 390),
        ("index.html", "light", 390),
        ("index.html", "dark", 1280),
        ("topics/politics.html", "light", 1280),
        ("2026-10-05/mail.html", "light", 1280),
    ],
)
def test_axe_finds_no_violation(visit, path, scheme, width):
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make browser")
    size = {"width": width, "height": 900}
    page = visit(path, color_scheme=scheme, viewport=size, bypass_csp=True)
    for summary in page.locator("details > summary").all()[:6]:
        summary.click()
    page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
    assert found["passes"]
    assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found["violations"]] == []


def test_a_day_of_ten_thousand_articles_is_light_and_quick(chromium, tmp_path):
    stories = (article(n, title=f"Bridge {n}", text=f"{LONG} {n}.") for n in range(10_000))
    build_site(str(write_articles(tmp_path / "out", stories)), tmp_path / "site")
    page = chromium.new_page()
    moved = []
    page.on("response", lambda response: moved.append(len(response.body())))
    paints = []
    for _ in range(3):
        page.goto(f"{(tmp_path / 'site').as_uri()}/2026-10-05/index.html")
        paints.append(
            page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        )
    page.close()
    assert sum(moved) / 3 < 3_000_000
    assert min(paints) < 2_000

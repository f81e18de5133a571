"""Drives the page in Chromium against a live daemon, as a person would.

HEARTH_URL: the daemon's page. HEARTH_APPLICATION: an application that is running, whose functions
spend_fifty, spend_thirty and spend_twenty lie under main. HEARTH_SCREENSHOTS: where to put pictures.
"""

import os
import sys
import urllib.parse

from playwright.sync_api import expect, sync_playwright

URL = os.environ["HEARTH_URL"]
APPLICATION = os.environ["HEARTH_APPLICATION"]
PICTURES = os.environ.get("HEARTH_SCREENSHOTS")
WAIT = 20_000
checks = []


def check(function):
    checks.append(function)
    return function


class Visit:
    """One page with what it complained of and asked for."""

    def __init__(self, browser, path="", **options):
        options.setdefault("viewport", {"width": 1280, "height": 800})
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints, self.requests = [], []
        self.page.on("console", lambda m: m.type in ("error", "warning") and self.complaints.append(m.text))
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.goto(urllib.parse.urljoin(URL, path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def ask(self, selector, **options):
        return self.page.locator(selector, **options)

    def choose(self, application=APPLICATION):
        self.ask(f'button.application[data-app="{application}"]').click(timeout=WAIT)
        expect(self.ask("#title")).to_have_text(application)
        expect(self.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)

    def frame_titles(self):
        """Names of frames, by pointing at a grid of places on the flame graph."""
        box = self.ask("#flame-canvas").bounding_box()
        titles = {}
        for row in range(int(box["y"]) + 8, int(min(box["y"] + box["height"], 790)), 9):
            for part in (0.2, 0.45, 0.6, 0.75, 0.9):
                x = box["x"] + box["width"] * part
                self.page.mouse.move(x, row)
                if self.ask("#tooltip").is_visible():
                    titles.setdefault(self.ask(".tooltip-title").inner_text(), (x, row))
        return titles

    def picture(self, name):
        if PICTURES:
            self.page.mouse.move(2, 2)
            self.page.screenshot(path=os.path.join(PICTURES, f"{name}.png"))


@check
def lists_applications_and_asks_nobody_else(browser):
    with Visit(browser) as visit:
        button = visit.ask(f'button.application[data-app="{APPLICATION}"]')
        expect(button).to_be_visible(timeout=WAIT)
        cores = float(button.locator(".application-cores").inner_text().split()[0])
        assert cores > 0.005, f"{APPLICATION} uses {cores} cores"
        expect(visit.ask("#summary")).to_contain_text("cores on average", timeout=WAIT)
        expect(visit.ask("#status")).to_contain_text("Hz")
        visit.picture("overview")
        origin = URL.rstrip("/")
        assert all(url.startswith(origin) for url in visit.requests), visit.requests
        assert not visit.complaints, visit.complaints


@check
def draws_the_frames_of_an_application(browser):
    with Visit(browser, "?view=flame") as visit:
        visit.choose()
        titles = visit.frame_titles()
        for name in ("main", "spend_fifty", "spend_thirty", "spend_twenty"):
            assert name in titles, f"{name} is not among {sorted(titles)}"
        visit.page.mouse.move(*titles["spend_fifty"])
        share = visit.ask(".tooltip-rows dd").first.inner_text()
        percent = float(share.split("·")[1].strip().rstrip("%"))
        assert 40 < percent < 60, f"spend_fifty has {share}"
        assert not visit.complaints, visit.complaints


@check
def zooms_in_and_out(browser):
    with Visit(browser, f"?view=flame&app={APPLICATION}") as visit:
        expect(visit.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)
        visit.page.mouse.click(*visit.frame_titles()["spend_thirty"])
        expect(visit.ask("#breadcrumb")).to_contain_text("spend_thirty")
        assert "zoom=" in visit.page.url
        visit.page.reload()
        expect(visit.ask("#breadcrumb")).to_contain_text("spend_thirty", timeout=WAIT)
        visit.ask("#reset").click()
        expect(visit.ask("#breadcrumb")).to_be_empty()
        expect(visit.ask("#reset")).to_be_hidden()


@check
def searches_by_regular_expression(browser):
    with Visit(browser, f"?app={APPLICATION}") as visit:
        expect(visit.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)
        visit.page.keyboard.press("/")
        visit.page.keyboard.type("spend_(thirty|twenty)")
        expect(visit.ask("#search-result")).to_contain_text("%")
        share = float(visit.ask("#search-result").inner_text().rstrip("%"))
        assert 40 < share < 60, f"thirty and twenty have {share} %"
        assert "search=" in visit.page.url
        visit.ask("#search").fill("spend_(")
        expect(visit.ask("#search-result")).to_have_text("not a regular expression")


@check
def sorts_a_table_of_functions(browser):
    with Visit(browser, f"?view=table&app={APPLICATION}") as visit:
        rows = visit.ask("#table-body tr")
        expect(rows.first).to_contain_text("spend_fifty", timeout=WAIT)
        visit.ask('[data-sort="total"] button').click()
        expect(visit.ask("#table-body")).to_contain_text("main")
        visit.ask("#table-filter").fill("twenty")
        expect(rows).to_have_count(1)


@check
def follows_the_time_range(browser):
    with Visit(browser) as visit:
        expect(visit.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)
        visit.requests.clear()
        visit.page.get_by_role("button", name="1h", exact=True).click()
        expect(visit.ask("#summary")).to_contain_text("1 h", timeout=WAIT)
        rendered = [url for url in visit.requests if "/pyroscope/render" in url]
        values = urllib.parse.parse_qs(urllib.parse.urlsplit(rendered[-1]).query)
        assert int(values["until"][0]) - int(values["from"][0]) == 3_600_000, values
        assert "range=1h" in visit.page.url


@check
def draws_cpu_over_time_and_takes_a_range_from_it(browser):
    with Visit(browser, f"?range=5m&app={APPLICATION}") as visit:
        expect(visit.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)
        box = visit.ask("#timeline").bounding_box()
        middle = box["y"] + box["height"] / 2
        visit.page.mouse.move(box["x"] + box["width"] - 30, middle)
        expect(visit.ask("#tooltip")).to_contain_text("cores")
        assert "0.00" not in visit.ask("#tooltip").inner_text(), visit.ask("#tooltip").inner_text()
        visit.page.mouse.move(box["x"] + box["width"] * 0.7, middle)
        visit.page.mouse.down()
        visit.page.mouse.move(box["x"] + box["width"] - 12, middle, steps=5)
        visit.page.mouse.up()
        expect(visit.ask("#refresh-text")).to_have_text("Fixed range")
        assert "from=" in visit.page.url and "until=" in visit.page.url


@check
def refreshes_by_itself(browser):
    with Visit(browser) as visit:
        expect(visit.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)
        visit.requests.clear()
        with visit.page.expect_request(lambda r: "/pyroscope/render" in r.url, timeout=WAIT):
            pass
        visit.ask("#refresh").click()
        expect(visit.ask("#refresh-text")).to_have_text("Paused")


@check
def says_what_to_do_where_nothing_ran(browser):
    with Visit(browser, "?app=no-such-application") as visit:
        expect(visit.ask("#notice-title")).to_have_text("Nothing to show here yet", timeout=WAIT)
        visit.picture("empty")
        visit.ask("#notice-action").click()
        expect(visit.ask("#title")).to_have_text("All applications")
        expect(visit.ask("#notice")).to_be_hidden(timeout=WAIT)


@check
def says_when_the_node_is_gone_and_recovers(browser):
    with Visit(browser) as visit:
        expect(visit.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)
        visit.context.set_offline(True)
        visit.ask("#refresh").click()
        visit.ask("#refresh").click()
        expect(visit.ask("#banner")).to_contain_text("does not answer", timeout=WAIT)
        visit.context.set_offline(False)
        visit.ask("#refresh").click()
        visit.ask("#refresh").click()
        expect(visit.ask("#banner")).to_be_hidden(timeout=WAIT)


@check
def can_be_used_by_keyboard(browser):
    with Visit(browser, f"?view=flame&app={APPLICATION}") as visit:
        expect(visit.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)
        reached = set()
        for _ in range(40):
            visit.page.keyboard.press("Tab")
            reached.add(visit.page.evaluate("document.activeElement.id || document.activeElement.className"))
            if "flame-canvas" in reached:
                break
        assert {"refresh", "application-filter", "search", "flame-canvas"} <= reached, reached
        for _ in range(3):
            visit.page.keyboard.press("ArrowDown")
        expect(visit.ask("#flame-detail")).to_contain_text("Total")
        visit.page.keyboard.press("Enter")
        expect(visit.ask("#reset")).to_be_visible()
        visit.page.keyboard.press("Escape")


@check
def fits_a_telephone_and_a_dark_room(browser):
    for name, options in {
        "narrow": {"viewport": {"width": 360, "height": 740}},
        "dark": {"color_scheme": "dark"},
        "light": {"color_scheme": "light"},
    }.items():
        with Visit(browser, f"?app={APPLICATION}", **options) as visit:
            expect(visit.ask("#summary")).to_contain_text("of CPU", timeout=WAIT)
            width = visit.page.evaluate("document.documentElement.scrollWidth")
            assert width <= options.get("viewport", {"width": 1280})["width"], f"{name}: {width} px wide"
            visit.picture(name)
            assert not visit.complaints, visit.complaints


@check
def draws_a_page_to_save_and_a_difference(browser):
    query = urllib.parse.quote(APPLICATION + ".cpu")
    for path in (f"render?format=html&query={query}",
                 f"render-diff?format=html&query={query}&leftFrom=now-1h&rightFrom=now-1h"):
        with Visit(browser, path) as visit:
            bar = visit.ask("#graph text", has_text="spend_fifty").first
            expect(bar).to_be_visible(timeout=WAIT)
            width = bar.evaluate("text => text.parentNode.querySelector('rect').getBBox().width")
            assert 350 < width < 750, f"spend_fifty is {width} px wide"
            expect(visit.ask("tbody tr", has_text="spend_twenty").first).to_be_visible()
            visit.ask("#search").fill("spend_(thirty|twenty)")
            expect(visit.ask("#graph g.match")).to_have_count(2)
            visit.ask("#graph g", has_text="spend_thirty").last.locator("rect").click()
            expect(visit.ask("#graph text", has_text="spend_fifty")).to_have_count(0)
            visit.ask("#reset").click()
            expect(bar).to_be_visible()
            visit.picture("saved-" + path.split("?")[0])
            assert len(visit.requests) == 1, visit.requests
            assert not visit.complaints, visit.complaints


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for function in checks:
            try:
                function(browser)
            except Exception as error:
                print(f"page: FAILED: {function.__name__.replace('_', ' ')}\n{error}")
                return 1
            print(f"page: {function.__name__.replace('_', ' ')}")
        browser.close()
    return 0


sys.exit(main())

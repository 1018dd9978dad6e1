#!/usr/bin/env python3
"""`replay --html` as a browser shows it: everything is there, nothing is loaded, and no recording can run a script."""

import datetime
import json
import os
import pathlib
import unittest

import browser
import harness

RULES = """
period: 7d
slo_tiers:
  web:
    availability: 0.99
    p95_ms: 400
    endpoints: [/pay]
  partners:
    availability: 0.99
    alert_by: endpoint
    endpoints: ["~/p/.*"]
alerts:
  fast: {short: 1m, long: 10m, burn: 5, for: 30s}
  slow: {short: 5m, long: 1h, burn: 2, for: 0s}
"""

START = 1764000000
HOSTILE = "/p/</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">'\u2028{{7*7}}"


def events():
    lines = []
    for at in range(0, 3600, 5):
        stamp = datetime.datetime.fromtimestamp(START + at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        failing = 1800 <= at < 2400
        lines.append({"ts": stamp, "endpoint": "/pay", "status": 503 if failing else 200, "latency_ms": 90, "count": 20})
        lines.append({"ts": stamp, "endpoint": HOSTILE, "status": 500 if failing else 200, "count": 5})
    return "\n".join(map(json.dumps, lines)) + "\n"


class ReplayPageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.temporary_folder()
        config = harness.write(cls.folder, "<b>rules.yaml", RULES)
        recording = harness.write(cls.folder, "events.ndjson", events())
        cls.page = os.path.join(cls.folder, "replay.html")
        cls.url = pathlib.Path(cls.page).resolve().as_uri()
        code, cls.out, err = harness.run("replay", "--config", config, "--html", cls.page, recording)
        assert code == 0, err
        cls.browser = browser.Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()

    def setUp(self):
        self.browser.problems.clear()
        self.browser.requests.clear()
        self.browser.resize(1200, 900)
        self.browser.prefer("light")
        self.browser.open(self.page)

    def tearDown(self):
        self.assertEqual(self.browser.problems, [])
        self.assertLessEqual(set(self.browser.requests), {self.url})  # nothing but the page itself
        self.assertIsNone(self.browser.evaluate("window.hacked ?? null"))

    def charts(self, of, expression):
        """`expression` of the chart `c` in each element that the selector `of` finds."""
        return self.browser.evaluate(
            f"[...document.querySelectorAll({json.dumps(of)})].map(e => echarts.getInstanceByDom(e)).map(c => {expression})")

    def test_every_alert_and_every_budget_is_drawn(self):
        # web: 2 SLOs x 2 pairs; partners: one endpoint x 2 pairs.
        series = self.charts(".chart.burn", "c.getOption().series.map(s => [s.name, s.data.length])")
        self.assertEqual(len(series), 6)
        for chart in series:
            self.assertEqual([name for name, _ in chart], ["short", "long"])
            self.assertTrue(all(points > 100 for _, points in chart), chart)
        self.assertEqual(len(self.charts(".chart.budget", "c.getOption().series.length")), 3)
        lines = self.charts(".chart.burn", "c.getOption().series[1].markLine.data[0].yAxis")
        self.assertEqual(sorted(lines), [2, 2, 2, 5, 5, 5])

    def test_bars_and_table_say_what_the_timeline_says(self):
        fired = [line for line in self.out.splitlines() if "→ firing" in line]
        self.assertGreater(len(fired), 4)
        rows = self.browser.evaluate("[...document.querySelectorAll('tbody tr')].map(r => r.textContent)")
        self.assertEqual(sum(row.startswith("zoom") for row in rows), len(fired))
        bars = self.charts("#bars", "c.getOption().series[0].data.length")[0]
        self.assertEqual(bars, sum("→ firing" in line or "→ pending" in line for line in self.out.splitlines()))

    def test_names_of_a_recording_are_text(self):
        self.assertIn("<b>rules.yaml", self.browser.evaluate("document.querySelector('h1').textContent"))
        headings = self.browser.evaluate("[...document.querySelectorAll('h2')].map(e => e.textContent)")
        self.assertIn("partners/availability/fast " + HOSTILE, headings)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('img').length"), 0)
        self.assertEqual(self.browser.evaluate("document.scripts.length"), 4)

    def test_names_are_text_in_tooltips_too(self):
        rows = self.charts("#bars", "c.getOption().yAxis[0].data")[0]
        hostile = next(i for i, row in enumerate(rows) if HOSTILE in row)
        shown = self.browser.evaluate(f"""(() => {{
            const c = echarts.getInstanceByDom(document.getElementById('bars'));
            const bar = c.getOption().series[0].data.findIndex(d => d[0] === {hostile});
            c.dispatchAction({{type: 'showTip', seriesIndex: 0, dataIndex: bar}});
            return new Promise(done => setTimeout(() => done(document.querySelector('.tip').textContent), 300));
        }})()""")
        self.assertIn(HOSTILE, shown)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('img').length"), 0)

    def test_a_script_that_gets_in_is_not_run(self):
        self.browser.evaluate("""(() => {
            const script = document.createElement('script');
            script.textContent = 'window.hacked = 3';
            document.body.append(script);
        })()""")
        self.browser.evaluate("""new Promise(done => {
            document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.hacked=4">');
            document.body.lastElementChild.addEventListener('error', () => setTimeout(done));
        })""")
        refused = [problem for problem in self.browser.problems if "Content Security Policy" in problem]
        self.assertEqual(len(refused), 2, self.browser.problems)
        self.browser.problems.clear()
        self.browser.requests.clear()

    def test_zooming_one_zooms_all(self):
        self.browser.evaluate("document.querySelector('.go').click()")
        spans = self.charts(".chart", "[c.getOption().dataZoom[0].startValue, c.getOption().dataZoom[0].endValue]")
        self.assertEqual(len({json.dumps(span) for span in spans}), 1, spans)
        begin, end = spans[0]
        self.assertGreater(begin, START * 1000)
        self.browser.evaluate("document.querySelector('.tools button').click()")
        whole = self.charts(".chart", "[c.getOption().dataZoom[0].startValue, c.getOption().dataZoom[0].endValue]")
        self.assertLess(whole[0][0], begin)
        self.assertGreater(whole[0][1], end)

    def test_both_themes(self):
        background = "getComputedStyle(document.body).backgroundColor"
        line = "c.getOption().series[0].lineStyle.color"
        light, light_line = self.browser.evaluate(background), self.charts(".chart.burn", line)[0]
        self.browser.prefer("dark")
        harness.wait_for(lambda: self.charts(".chart.burn", line)[0] != light_line, 30, "charts are drawn in dark colours")
        self.assertNotEqual(self.browser.evaluate(background), light)
        self.browser.evaluate("document.querySelector('.theme').click()")
        self.assertEqual(self.browser.evaluate(background), light)
        self.assertEqual(self.charts(".chart.burn", line)[0], light_line)

    def test_a_phone_needs_no_sideways_scrolling(self):
        self.browser.resize(360, 740, mobile=True)
        self.browser.open(self.page)
        self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), 360)
        widths = self.charts(".chart", "c.getWidth()")
        self.assertTrue(all(200 < width <= 360 for width in widths), widths)

    def test_the_scale_can_be_linear(self):
        self.assertEqual(set(self.charts(".chart.burn", "c.getOption().yAxis[0].type")), {"log"})
        self.browser.evaluate("[...document.querySelectorAll('.tools button')].find(b => b.textContent === 'Linear scale').click()")
        self.assertEqual(set(self.charts(".chart.burn", "c.getOption().yAxis[0].type")), {"value"})


if __name__ == "__main__":
    harness.main()

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
HOSTILE = "/p/\u202e</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">'\u2028{{7*7}}"
SHOWN = HOSTILE.replace("\u202e", "\\u202e")  # it would turn what follows around


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
        cls.page = os.path.join(cls.folder, "replay.html")
        deep = os.path.join(cls.folder, "a_folder_with_a_long_name_" * 4)  # which is no reason to widen the page
        os.mkdir(deep)
        recording = harness.write(deep, "events.ndjson", events())
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
        self.assertIn("partners/availability/fast " + SHOWN, headings)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('img').length"), 0)
        self.assertEqual(self.browser.evaluate("document.scripts.length"), 4)

    def test_names_are_text_in_tooltips_too(self):
        rows = self.charts("#bars", "c.getOption().yAxis[0].data")[0]
        hostile = next(i for i, row in enumerate(rows) if SHOWN in row)
        shown = self.browser.evaluate(f"""(() => {{
            const c = echarts.getInstanceByDom(document.getElementById('bars'));
            const bar = c.getOption().series[0].data.findIndex(d => d[0] === {hostile});
            c.dispatchAction({{type: 'showTip', seriesIndex: 0, dataIndex: bar}});
            return new Promise(done => setTimeout(() => done(document.querySelector('.tip').textContent), 300));
        }})()""")
        self.assertIn(SHOWN, shown)
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

    def test_a_linear_scale_does_not_hide_the_threshold_under_a_peak(self):
        shown = "[c.getOption().series[1].markLine.data[0].yAxis, c.getOption().yAxis[0].max, c.getOption().title[0].show]"
        self.assertNotIn(True, [cut for _, _, cut in self.charts(".chart.burn", shown)])
        self.evaluate_click("Linear scale")
        linear = self.charts(".chart.burn", shown)
        self.assertIn(True, [cut for _, _, cut in linear])
        for threshold, end, cut in linear:
            self.assertLessEqual(end, 5.2 * threshold)
            self.assertEqual(cut, end == 5 * threshold)

    def evaluate_click(self, button):
        self.browser.evaluate(
            f"[...document.querySelectorAll('.tools button')].find(b => b.textContent === {json.dumps(button)}).click()")

    def test_pointing_at_a_bar_shows_the_numbers_of_its_time(self):
        """ECharts' own connection goes by the number of the point: bar 12 would show point 12."""
        bar = self.browser.evaluate("""(() => {
            const holder = document.getElementById('bars');
            holder.scrollIntoView({block: 'center'});
            const c = echarts.getInstanceByDom(holder);
            const bars = c.getOption().series[0].data;
            const [row, begin, end] = bars[page.data.bars.findIndex(b => b.status === 'firing')];
            const left = c.convertToPixel({seriesIndex: 0}, [begin, row]), right = c.convertToPixel({seriesIndex: 0}, [end, row]);
            const at = holder.getBoundingClientRect();
            return {begin, x: at.left + (left[0] + right[0]) / 2, y: at.top + left[1] + 6};
        })()""")
        for aside in (1, 0):
            self.browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=bar["x"] - aside, y=bar["y"])
        tips = "[...document.querySelectorAll('.chart:not(#bars) .tip b')].map(b => Date.parse(b.textContent.replace(' ', 'T') + 'Z'))"
        charts = len(self.charts(".chart:not(#bars)", "0"))
        harness.wait_for(lambda: len(self.browser.evaluate(tips)) == charts, 30, "every chart shows its numbers")
        from_, to, width = self.browser.evaluate("[page.data.from, page.data.to, echarts.getInstanceByDom(document.querySelector('.burn')).getWidth()]")
        for shown in self.browser.evaluate(tips):
            self.assertLess(abs(shown - bar["begin"]), 4 * (to - from_) / width)

    def test_time_lines_up_in_all_charts(self):
        left = self.charts(".chart", "c.convertToPixel({xAxisIndex: 0}, page.data.from)")
        self.assertLess(max(left) - min(left), 1)

    def test_the_end_of_the_recording_is_marked_in_every_chart(self):
        ends = self.charts(".chart", "c.getOption().series.flatMap(s => s.markLine ? s.markLine.data : []).map(d => d.xAxis)")
        for chart in ends:
            self.assertIn((START + 3595) * 1000, chart)
        rows = self.browser.evaluate("[...document.querySelectorAll('tbody tr')].map(r => r.textContent)")
        self.assertTrue(any("/NoData" in row and "still firing" in row for row in rows), rows)

    def test_numbers_are_not_padded_and_axes_end_on_a_tick(self):
        self.assertNotRegex(self.browser.evaluate("document.body.innerText"), r"\.\d*0 %")
        for axis in self.charts(".chart.budget", "c.getOption().yAxis[0]"):
            self.assertAlmostEqual(axis["min"] / axis["interval"] % 1, 0)

    def test_the_table_of_what_fired_is_not_cut_off(self):
        self.assertEqual(*self.browser.evaluate("(t => [t.scrollWidth, t.clientWidth])(document.querySelector('.tall'))"))


if __name__ == "__main__":
    harness.main()

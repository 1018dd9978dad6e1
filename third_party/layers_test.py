#!/usr/bin/env python3
"""The layers of the code, as CONTRIBUTING.md describes them, checked in every source file:

- a layer includes only itself and the layers below it; what the program brings along (recording, runbooks) is for api;
- each library is included only in its homes;
- a header that another package sees drags in no heavy library;
- the names of alerts are written in one place;
- absl's synchronization is nowhere, absl::Now() is in one place, and what rules, storage and engine have to say they
  return.

Bazel's visibility says part of this; it cannot say it of system libraries.
"""

import os
import pathlib
import re
import sys
import unittest

LAYERS = {
    "rules": {"rules"},
    "storage": {"storage"},
    "engine": {"engine", "rules", "storage"},
    "api": {"api", "engine", "rules", "storage", "docs", "testdata", "third_party"},
    "docs": {"docs", "third_party"},
    "testdata": {"testdata", "api", "engine", "rules", "storage", "third_party"},
    "third_party": {"third_party"},
}

# Beginning of an include -> where it may stand.
HOMES = {
    "yaml-cpp/": ["rules"],
    "re2/": ["rules", "api/codec"],
    "nlohmann/": ["api", "testdata"],
    "simdjson": ["api/codec"],
    "boost/": ["api/http"],
    "httplib.h": ["api"],
    "spdlog/": ["api"],
    "CLI/": ["api/cli"],
    "openssl/": ["api"],
    "zlib.h": ["api"],
    "zstd.h": ["api"],
    "sqlite3.h": ["storage/ledger"],
    "absl/synchronization/": [],
}
HEAVY = ("yaml-cpp/", "re2/", "nlohmann/json.hpp", "simdjson", "boost/", "httplib.h", "spdlog/", "CLI/", "sqlite3.h", "zstd.h")
ABSL_NOW_HOME = "engine/clock.cc"
ALERTNAME_HOME = "rules/alertname.h"
SILENT_LAYERS = ("rules", "storage", "engine")

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*")
PRINTING = re.compile(r"\bstd::(cout|cerr|clog)\b|\b(std::)?(f?printf|f?puts)\(|<iostream>|\bfmt::print\(")
ALERTNAME = re.compile(r'\bk\w+ = "(\w+)";')
ALERT_LABEL = re.compile(r'"alertname",\s*"[A-Z]\w+"')
TEST_CODE = re.compile(r"_(test|fuzz|benchmark)\.(cc|h)$")


def read_sources(root):
    """Repository path -> text, of every C++ file in a layer."""
    sources = {}
    for layer in LAYERS:
        for path in sorted((root / layer).rglob("*")):
            if path.suffix in (".cc", ".h"):
                sources[str(path.relative_to(root))] = path.read_text(encoding="utf-8")
    return sources


def layer_faults(path, includes):
    layer = path.split("/")[0]
    for include in includes:
        target = include.split("/")[0]
        if "/" in include and target in LAYERS and target not in LAYERS[layer]:
            yield f"{path}: includes {include}, but {layer} must not know {target}"


def home_faults(path, includes):
    for include in includes:
        for library, homes in HOMES.items():
            if include.startswith(library) and not any(path.startswith(home + "/") for home in homes):
                yield f"{path}: includes {include}, whose homes are: {', '.join(homes) or 'none'}"


def reach(header, includes_of):
    """The headers of ours that including `header` brings along, itself too."""
    seen, open_headers = set(), [header]
    while open_headers:
        current = open_headers.pop()
        if current in includes_of and current not in seen:
            seen.add(current)
            open_headers += includes_of[current]
    return seen


def heavy_faults(path, includes_of):
    """A header as seen from `path`, a file of another package."""
    for include in includes_of[path]:
        if os.path.dirname(include) != os.path.dirname(path):
            for header in reach(include, includes_of):
                for heavy in includes_of[header]:
                    if heavy.startswith(HEAVY):
                        yield f"{header}: brings {heavy} to {path}"


def alertname_faults(path, text, alertnames):
    """A name that is written elsewhere has no runbook that a test would miss."""
    if TEST_CODE.search(path) or path == ALERTNAME_HOME or not path.startswith(("rules/", "engine/", "api/")):
        return
    for name in alertnames:
        if f'"{name}"' in text:
            yield f"{path}: writes \"{name}\", which is for {ALERTNAME_HOME} alone"
    if ALERT_LABEL.search(text):
        yield f"{path}: names an alert that is not in {ALERTNAME_HOME}"


def text_faults(path, text):
    if TEST_CODE.search(path):
        return
    if "absl::Now()" in text and path != ABSL_NOW_HOME and not path.startswith("testdata/"):
        yield f"{path}: calls absl::Now(), which is for {ABSL_NOW_HOME} alone"
    if path.startswith(SILENT_LAYERS) and PRINTING.search(text):
        yield f"{path}: prints; return it instead"


def faults(sources):
    sources = {path: COMMENT.sub("", text) for path, text in sources.items()}
    includes_of = {path: INCLUDE.findall(text) for path, text in sources.items()}
    alertnames = ALERTNAME.findall(sources.get(ALERTNAME_HOME, ""))
    found = set()
    for path, text in sources.items():
        found.update(layer_faults(path, includes_of[path]))
        found.update(home_faults(path, includes_of[path]))
        found.update(heavy_faults(path, includes_of))
        found.update(text_faults(path, text))
        found.update(alertname_faults(path, text, alertnames))
    return sorted(found)


class LayersTest(unittest.TestCase):
    def test_the_code_keeps_its_layers(self):
        # The test runs unsandboxed: the link in its runfiles leads to the checkout itself.
        root = pathlib.Path(os.path.realpath("WORKSPACE")).parent
        sources = read_sources(root)
        self.assertGreater(len(sources), 50, f"hardly any sources below {root}")
        self.assertEqual(faults(sources), [])

    def assert_fault(self, sources, part):
        found = faults(sources)
        self.assertEqual(len(found), 1, found)
        self.assertIn(part, found[0])

    def test_an_include_upwards_is_found(self):
        self.assert_fault({"storage/a.cc": '#include "engine/clock.h"\n'}, "storage must not know engine")

    def test_an_include_sideways_is_found(self):
        self.assert_fault({"rules/a.h": '#include "storage/counts.h"\n'}, "rules must not know storage")

    def test_a_library_away_from_home_is_found(self):
        self.assert_fault({"engine/a.cc": "#include <nlohmann/json.hpp>\n"}, "whose homes are: api, testdata")

    def test_a_heavy_header_behind_a_light_one_is_found(self):
        sources = {
            "api/http/a.h": '#include "api/http/b.h"\n',
            "api/http/b.h": "#include <boost/beast.hpp>\n",
            "api/cli/c.cc": '#include "api/http/a.h"\n',
        }
        self.assert_fault(sources, "api/http/b.h: brings boost/beast.hpp to api/cli/c.cc")

    def test_a_heavy_header_within_its_package_is_none(self):
        sources = {"api/http/b.h": "#include <boost/beast.hpp>\n", "api/http/b.cc": '#include "api/http/b.h"\n'}
        self.assertEqual(faults(sources), [])

    def test_absl_synchronization_is_found(self):
        self.assert_fault({"api/a.cc": '#include "absl/synchronization/mutex.h"\n'}, "whose homes are: none")

    def test_a_second_clock_is_found(self):
        self.assert_fault({"api/a.cc": "auto now = absl::Now();\n"}, "absl::Now()")

    def test_a_library_that_prints_is_found(self):
        self.assert_fault({"engine/a.cc": 'std::cerr << "x";\n'}, "prints")

    def test_an_alert_that_is_named_elsewhere_is_found(self):
        home = {"rules/alertname.h": 'inline constexpr std::string_view kNoData = "NoData";\n'}
        self.assert_fault({**home, "engine/a.cc": 'if (name == "NoData") return;\n'}, 'writes "NoData"')
        self.assert_fault({**home, "engine/a.cc": 'Labels{{"alertname", "Other"}};\n'}, "not in rules/alertname.h")
        self.assertEqual(faults({**home, "engine/a_test.cc": 'Labels{{"alertname", "NoData"}};\n'}), [])

    def test_comments_and_tests_may_speak(self):
        sources = {"engine/a.cc": "// std::cerr is not for us\n", "engine/a_test.cc": "std::cerr << 1;\n"}
        self.assertEqual(faults(sources), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

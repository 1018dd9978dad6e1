#!/usr/bin/env python3
"""`firebreak import` in a shell. What is said and made of which file is in //rules/import and testdata/import."""

import os
import re
import unittest

import harness


class ImportTest(unittest.TestCase):
    SLO = "version: prometheus/v1\nservice: shop\nslos: [{name: pay, objective: 99.9, sli: {raw: {}}}]\n"

    def setUp(self):
        self.folder = harness.temporary_folder()
        self.file = harness.write(self.folder, "slo.yaml", self.SLO)

    def test_what_is_made_passes_check_and_the_findings_go_to_standard_error(self):
        code, out, err = harness.run("import", "sloth", self.file, "--map", "pay=/pay/,~^/v2/pay")
        self.assertEqual(code, 0, err)
        self.assertIn("slo.yaml:3:43: warning: slos[0].sli.raw: needs binding", err)
        made = harness.write(self.folder, "made.yaml", out)
        self.assertEqual(harness.run("check", made)[0], 0)
        self.assertEqual(harness.run("export", "prometheus", "--config", made)[0], 0)
        for line in err.splitlines():
            self.assertIn(f"# - {line}\n", out)

    def test_output_strict_and_standard_input(self):
        made = os.path.join(self.folder, "made.yaml")
        code, out, _ = harness.run("import", "sloth", "-", "-o", made, "--strict", stdin=self.SLO.encode())
        self.assertEqual((code, out), (1, ""))
        self.assertEqual(harness.run("check", made)[0], 0)

    def test_faults_are_all_said_and_nothing_is_written(self):
        made = os.path.join(self.folder, "made.yaml")
        files = [harness.write(self.folder, f"{i}.yaml", "version: x\n---\nversion: y\n") for i in range(2)]
        code, out, err = harness.run("import", "sloth", *files, "-o", made)
        self.assertEqual((code, out), (2, ""))
        self.assertEqual(len(re.findall(r"\d\.yaml:\d:1: error: ", err)), 4)
        self.assertFalse(os.path.exists(made))

    def test_usage(self):
        self.assertEqual(harness.run("import", "sloth")[0], 2)
        self.assertEqual(harness.run("import", "sloth", self.file, "--map", "pay")[0], 2)
        self.assertEqual(harness.run("import", "sloth", self.file, "--map", "pai=/pay/")[0], 2)
        self.assertEqual(harness.run("import", "sloth", os.path.join(self.folder, "absent"))[0], 2)
        for tool in ("openslo", "sloth"):
            self.assertIn("Example", harness.run("import", tool, "--help")[1])


if __name__ == "__main__":
    harness.main()

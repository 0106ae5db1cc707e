#!/usr/bin/env python3
"""Each rule of tidy.py finds the defect it is for, and leaves good lines alone."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tidy  # noqa: E402


def findings(name, *lines):
    checks = [tidy.check_text(name, lines)]
    if name.endswith((".h", ".cc")):
        checks.append(tidy.check_source(name, lines))
    return [what for check in checks for _, what in check]


class TidyTest(unittest.TestCase):
    def assert_found(self, part, name, *lines):
        found = findings(name, *lines)
        self.assertTrue(any(part in f for f in found), f"{part!r} not in {found}")

    def test_arrows(self):
        self.assert_found("must not include server/", "api/a.cc", '#include "server/tls.h"')
        self.assert_found("must not include storage/", "query/a.cc", '#include "storage/store.h"')
        self.assert_found("must not include index/", "base/a.cc", '#include "index/view.h"')
        self.assertEqual([], findings("api/a.cc", '#include "index/view.h"', '#include "base/x.h"'))

    def test_doors(self):
        self.assert_found("belongs behind storage/", "index/a.cc", "#include <rocksdb/db.h>")
        self.assert_found("belongs behind server/", "api/a.cc", "#include <openssl/ssl.h>")
        self.assert_found("belongs behind base/", "query/a.cc", "#include <simdjson.h>")
        self.assertEqual([], findings("index/document/a.cc", "#include <simdjson.h>"))

    def test_lines(self):
        self.assert_found("columns", "base/a.cc", "//" + "x" * 99)
        self.assert_found("lines; at most", "base/a.cc", *["int x;"] * 801)
        self.assert_found("blanks at the end", "base/a.cc", "int x; ")
        self.assert_found("leftover marker", "base/a.cc", "// TO" "DO: later")
        self.assert_found("path of some machine", "scripts/a.sh", "cd /ho" "me/someone")
        self.assert_found("pragma once", "base/a.h", "int f();")

    def test_code(self):
        self.assert_found("std::endl", "base/a.cc", "out << std::endl;")
        self.assert_found("naked new", "base/a.cc", "auto* x = new Thing();")
        self.assertEqual([], findings("base/a.cc", '// a new idea', 'say("new Thing");'))
        self.assertEqual([], findings("base/a.cc", "auto* x = new Thing();  // tidy: allow new"))


if __name__ == "__main__":
    unittest.main()

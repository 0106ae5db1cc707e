#!/usr/bin/env python3
"""Makes index/analysis/char_data.cc: general categories and simple case mappings of code points.

Input: the Unicode character database of Debian's package unicode-data. Only characters of Unicode 13.0 and older count,
the version of the Java runtimes that Elasticsearch 7.17 ran with.

    scripts/char_tables.py [/usr/share/unicode] > index/analysis/char_data.cc
"""
import sys

UCD = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
LAST = 0x10FFFF
BLOCK = 128
CATEGORIES = ["Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf",
              "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"]

age = {}
for line in open(f"{UCD}/DerivedAge.txt", encoding="utf-8"):
    line = line.split("#")[0].strip()
    if line:
        span, version = (part.strip() for part in line.split(";"))
        first, _, last = span.partition("..")
        for c in range(int(first, 16), int(last or first, 16) + 1):
            age[c] = tuple(int(n) for n in version.split("."))

category = [0] * (LAST + 1)
lower = [0] * (LAST + 1)
upper = [0] * (LAST + 1)
range_first = None
for line in open(f"{UCD}/UnicodeData.txt", encoding="utf-8"):
    f = line.rstrip("\n").split(";")
    c = int(f[0], 16)
    if f[1].endswith(", First>"):
        range_first = c
        continue
    first, range_first = (range_first if f[1].endswith(", Last>") else c), None
    for each in range(first, c + 1):
        if age.get(each, (99, 0)) > (13, 0):
            continue
        category[each] = CATEGORIES.index(f[2])
        if f[13] and age.get(int(f[13], 16), (99, 0)) <= (13, 0):
            lower[each] = int(f[13], 16) - each
        if f[12] and age.get(int(f[12], 16), (99, 0)) <= (13, 0):
            upper[each] = int(f[12], 16) - each

pairs = sorted(set(zip(lower, upper)), key=lambda p: (p != (0, 0), p))
number_of = {p: i for i, p in enumerate(pairs)}
case = [number_of[p] for p in zip(lower, upper)]


def two_stage(values):
    index, blocks, seen = [], [], {}
    for first in range(0, LAST + 1, BLOCK):
        block = tuple(values[first:first + BLOCK])
        if block not in seen:
            seen[block] = len(blocks)
            blocks.append(block)
        index.append(seen[block])
    while len(index) > 1 and set(blocks[index[-1]]) == {0}:
        index.pop()
    assert len(blocks) < 256
    return index, [v for b in blocks for v in b]


def emit(declaration, values, per_line=32):
    print(f"const {declaration} = {{")
    for i in range(0, len(values), per_line):
        print("    " + ", ".join(str(v) for v in values[i:i + per_line]) + ",")
    print("};\n")


category_index, category_blocks = two_stage(category)
case_index, case_blocks = two_stage(case)
assert len(pairs) < 256
print("// Made by scripts/char_tables.py from the Unicode character database. Do not edit.")
print('#include "index/analysis/char_data.h"\n')
print("namespace stratalog::index::char_data {\n")
print(f"static_assert(kCategoryIndexCount == {len(category_index)} && kCaseIndexCount == {len(case_index)});\n")
print("// clang-format off")
emit("uint8_t kCategoryIndex[kCategoryIndexCount]", category_index)
emit("uint8_t kCategoryBlock[]", category_blocks)
emit("uint8_t kCaseIndex[kCaseIndexCount]", case_index)
emit("uint8_t kCaseBlock[]", case_blocks)
emit("CaseShift kCaseShift[]", [f"{{{a}, {b}}}" for a, b in pairs], 8)
print("// clang-format on\n")
print("}  // namespace stratalog::index::char_data")
print(f"category {len(category_index)}/{len(category_blocks)} case {len(case_index)}/{len(case_blocks)} shifts {len(pairs)}",
      file=sys.stderr)

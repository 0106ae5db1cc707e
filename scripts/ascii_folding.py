#!/usr/bin/env python3
"""Makes index/analysis/ascii_folding_data.cc: what characters become in ASCII.

Input: the Unicode character database of Debian's package unicode-data. A letter folds to the base letters of its
compatibility decomposition; ligatures, stroked letters and the like, which have none, are told by their names.

    scripts/ascii_folding.py [/usr/share/unicode] > index/analysis/ascii_folding_data.cc
"""
import re
import sys

UCD = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"

names, decompositions, categories = {}, {}, {}
for line in open(f"{UCD}/UnicodeData.txt", encoding="utf-8"):
    f = line.split(";")
    c = int(f[0], 16)
    names[c], categories[c] = f[1], f[2]
    if f[5]:
        parts = f[5].split()
        compatibility = parts[0].startswith("<")
        decompositions[c] = [int(x, 16) for x in (parts[1:] if compatibility else parts)]

SPECIAL = {
    0xC6: "AE", 0xE6: "ae", 0xD0: "D", 0xF0: "d", 0xDE: "TH", 0xFE: "th", 0xDF: "ss", 0x1E9E: "SS", 0x152: "OE", 0x153: "oe",
    0x132: "IJ", 0x133: "ij", 0x131: "i", 0x237: "j", 0x138: "q", 0x149: "n", 0x14A: "N", 0x14B: "n", 0x17F: "s",
    0x18F: "A", 0x259: "a", 0x1DD: "e", 0x18E: "E", 0x190: "E", 0x25B: "e", 0x186: "O", 0x254: "o",
    0xAB: '"', 0xBB: '"', 0x201C: '"', 0x201D: '"', 0x201E: '"', 0x2033: '"', 0x2036: '"', 0x275D: '"', 0x275E: '"',
    0x276E: '"', 0x276F: '"', 0x2018: "'", 0x2019: "'", 0x201A: "'", 0x201B: "'", 0x2032: "'", 0x2035: "'", 0x2039: "'",
    0x203A: "'", 0x275B: "'", 0x275C: "'", 0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2013: "-", 0x2014: "-", 0x207B: "-",
    0x208B: "-", 0x2045: "[", 0x2772: "[", 0x2046: "]", 0x2773: "]", 0x2768: "(", 0x2769: ")", 0x276A: "(", 0x276B: ")",
    0x276C: "<", 0x2770: "<", 0x276D: ">", 0x2771: ">", 0x2774: "{", 0x2775: "}", 0x204E: "*", 0x204F: ";", 0x2052: "%",
    0x2053: "~", 0x2038: "^", 0x2044: "/", 0x203C: "!!", 0x2047: "??", 0x2048: "?!", 0x2049: "!?", 0x00B8: None,
}
PATTERN = re.compile(r"^LATIN (CAPITAL|SMALL) (?:LIGATURE|LETTER) ([A-Z]{1,2})(?: (?:DIGRAPH )?WITH .*| DIGRAPH)?$")
SMALL_CAPITAL = re.compile(r"^LATIN LETTER SMALL CAPITAL ([A-Z])(?: WITH .*)?$")
TURNED = re.compile(r"^LATIN (CAPITAL|SMALL) LETTER (?:TURNED|REVERSED|OPEN|SIDEWAYS|SMALL CAPITAL|DOTLESS|LONG|SCRIPT|TOP HALF|BOTTOM HALF)"
                    r" (?:OPEN |CLOSED )?([A-Z])(?: WITH .*)?$")


def fold(c, depth=0):
    if c in SPECIAL:
        return SPECIAL[c]
    if c < 0x80:
        return chr(c)
    if categories.get(c, "Cn") in ("Mn", "Me"):
        return "" if depth else None
    if c in decompositions and depth < 4:
        parts = [fold(p, depth + 1) for p in decompositions[c]]
        if all(p is not None for p in parts):
            return "".join(parts)
        return None
    name = names.get(c, "")
    for pattern in (PATTERN, TURNED):
        m = pattern.match(name)
        if m and not (len(m[2]) == 2 and m[2] not in ("AE", "OE", "AA", "AO", "AU", "AV", "AY", "OO", "VY", "DZ", "LJ", "NJ",
                                                       "TH", "OU", "HV", "OI", "IJ", "DB", "QP", "TC", "TS", "LS", "LZ", "UE")):
            return m[2] if m[1] == "CAPITAL" else m[2].lower()
    m = SMALL_CAPITAL.match(name)
    return m[1] if m else None


RANGES = [(0x80, 0x24F), (0x250, 0x2AF), (0x1D00, 0x1DBF), (0x1E00, 0x1EFF), (0x2010, 0x205F), (0x2070, 0x209F),
          (0x2184, 0x2184), (0x2460, 0x24FF), (0x2768, 0x2793), (0x2C60, 0x2C7F), (0x2E28, 0x2E29), (0xA730, 0xA7FF),
          (0xFB00, 0xFB06), (0xFF01, 0xFF5E)]
table = []
for first, last in RANGES:
    for c in range(first, last + 1):
        folded = fold(c)
        if folded and c >= 0x80 and not folded.isspace() and all(" " < x < "\x7f" for x in folded):
            table.append((c, folded))

print("// Made by scripts/ascii_folding.py from the Unicode character database. Do not edit.")
print('#include "index/analysis/ascii_folding_data.h"\n')
print("namespace stratalog::index {\n\n// clang-format off")
print("const AsciiFolding kAsciiFoldings[] = {")
escape = {'"': '\\"', "\\": "\\\\"}
items = [f'{{0x{c:X}, "{"".join(escape.get(x, x) for x in s)}"}}' for c, s in table]
for i in range(0, len(items), 8):
    print("    " + ", ".join(items[i:i + 8]) + ",")
print("};\n// clang-format on")
print(f"const size_t kAsciiFoldingCount = {len(table)};\n\n}}  // namespace stratalog::index")

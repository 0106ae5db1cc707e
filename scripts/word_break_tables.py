#!/usr/bin/env python3
"""Makes index/analysis/word_break_data.cc: the automaton of the standard tokenizer.

Input: the Unicode character database of Debian's package unicode-data (any version from 9.0 on).
The token grammar is that of Unicode Standard Annex #29 (word boundaries) with the sequences of Unicode Technical Standard
#51 (emoji), tailored as Lucene 8's StandardTokenizer documents it: Unicode 9.0 classes, emoji data 11.0, ideographs and
hiragana one character a token, runs of South-East Asian scripts whole.

    scripts/word_break_tables.py [/usr/share/unicode] > index/analysis/word_break_data.cc
"""
import sys

UCD = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
LAST = 0x10FFFF
BLOCK = 128


def lines(path):
    with open(f"{UCD}/{path}", encoding="utf-8") as f:
        for line in f:
            line = line.split("#")[0].strip()
            if line:
                yield [part.strip() for part in line.split(";")]


def code_points(text):
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def property_sets(path):
    sets = {}
    for fields in lines(path):
        sets.setdefault(fields[1], set()).update(code_points(fields[0]))
    return sets


AGE = {}
for fields in lines("DerivedAge.txt"):
    version = tuple(int(n) for n in fields[1].split("."))
    for c in code_points(fields[0]):
        AGE[c] = version


def of_age(chars, newest):
    return {c for c in chars if AGE.get(c, (99, 0)) <= newest}


WB = {name: of_age(chars, (9, 0)) for name, chars in property_sets("auxiliary/WordBreakProperty.txt").items()}
SCRIPT = {name: of_age(chars, (9, 0)) for name, chars in property_sets("Scripts.txt").items()}
LB = {name: of_age(chars, (9, 0)) for name, chars in property_sets("LineBreak.txt").items()}
GC = {name: of_age(chars, (9, 0)) for name, chars in property_sets("extracted/DerivedGeneralCategory.txt").items()}
EMOJI = {name: of_age(chars, (11, 0)) for name, chars in property_sets("emoji/emoji-data.txt").items()}
# Pictographs are reserved ahead of their characters; this block was among the reserved ones until Unicode 13.
EMOJI["Extended_Pictographic"] = property_sets("emoji/emoji-data.txt")["Extended_Pictographic"] | set(range(0x1FB00, 0x1FC00))

# Where characters of those versions have changed their classes since.
LETTERS_SINCE = "2C2..2C5 2D2..2D7 2DE..2DF 2E5..2EB 2ED 2EF..2FF 55A..55C 55E 58A A708..A716 A720..A721 A789..A78A AB5B"
for span in LETTERS_SINCE.split():
    WB["ALetter"] -= set(code_points(span))
WB["MidLetter"] = WB["MidLetter"] - {0x55F} | {0x2D7}
WB["Extend"] = WB["Extend"] - EMOJI["Emoji_Modifier"] - {0x111C9} | {0x1CF2, 0x1CF3}
WB["ALetter"] -= {0x1CF2, 0x1CF3}
EMOJI["Emoji_Modifier_Base"] -= {0x1F46A, 0x1F46B, 0x1F46C, 0x1F46D, 0x1F46F, 0x1F48F, 0x1F491, 0x1F91D, 0x1F93C}

ignored = WB["Format"] | WB["Extend"] | WB["ZWJ"]
key_cap_base = {ord(c) for c in "0123456789#*"}
not_emoji_alone = (WB["Regional_Indicator"] | key_cap_base | {ord(c) for c in "©®™\u3030\u303D"}
                   | EMOJI["Emoji_Modifier"])

SETS = {
    "ignored": ignored,
    "ignored_in_emoji": ignored - {0xFE0E, 0xFE0F},
    "emoji": EMOJI["Extended_Pictographic"] | (EMOJI["Emoji"] - not_emoji_alone),
    "modifier_base": EMOJI["Emoji_Modifier_Base"],
    "modifier": EMOJI["Emoji_Modifier"],
    "presentation": {0xFE0F},
    "zwj": WB["ZWJ"],
    "tag": set(range(0xE0020, 0xE007F)),
    "tag_end": {0xE007F},
    "key_cap_base": key_cap_base,
    "key_cap": {0x20E3},
    "regional": WB["Regional_Indicator"],
    "letter": WB["ALetter"] | WB["Hebrew_Letter"],
    "hangul": SCRIPT["Hangul"] & (WB["ALetter"] | WB["Hebrew_Letter"]),
    "hebrew": WB["Hebrew_Letter"],
    "number": WB["Numeric"] | {c for c in GC["Nd"] if 0xFF00 <= c <= 0xFFEF},
    "katakana": WB["Katakana"],
    "mid_letter": WB["MidLetter"] | WB["MidNumLet"] | WB["Single_Quote"],
    "mid_number": WB["MidNum"] | WB["MidNumLet"] | WB["Single_Quote"],
    "joiner": WB["ExtendNumLet"],
    "single_quote": WB["Single_Quote"],
    "double_quote": WB["Double_Quote"],
    "complex": LB["SA"],
    "han": SCRIPT["Han"],
    "hiragana": SCRIPT["Hiragana"],
}

# Classes: code points that no set tells apart.
signature_of = [0] * (LAST + 1)
for bit, name in enumerate(SETS):
    for c in SETS[name]:
        signature_of[c] |= 1 << bit
signatures = sorted(set(signature_of))  # 0, "in no set", is class 0
class_of_signature = {s: i for i, s in enumerate(signatures)}
classes_of_set = {name: frozenset(class_of_signature[s] for s in signatures if s >> bit & 1)
                  for bit, name in enumerate(SETS)}


# Regular expressions as a Thompson automaton.
class Nfa:
    def __init__(self):
        self.empty, self.steps = [], []

    def state(self):
        self.empty.append([])
        self.steps.append(None)
        return len(self.empty) - 1

    def build(self, e):
        kind = e[0]
        a, b = self.state(), self.state()
        if kind == "set":
            self.steps[a] = (classes_of_set[e[1]], b)
        elif kind == "seq":
            at = a
            for part in e[1:]:
                start, end = self.build(part)
                self.empty[at].append(start)
                at = end
            self.empty[at].append(b)
        elif kind == "or":
            for part in e[1:]:
                start, end = self.build(part)
                self.empty[a].append(start)
                self.empty[end].append(b)
        elif kind == "many":  # zero or more
            start, end = self.build(e[1])
            self.empty[a] += [start, b]
            self.empty[end] += [start, b]
        return a, b

    def closure(self, states):
        seen, todo = set(states), list(states)
        while todo:
            for t in self.empty[todo.pop()]:
                if t not in seen:
                    seen.add(t)
                    todo.append(t)
        return frozenset(seen)


def one(name): return ("set", name)
def seq(*parts): return ("seq", *parts)
def either(*parts): return ("or", *parts)
def many(part): return ("many", part)
def some(part): return seq(part, many(part))
def maybe(part): return either(part, seq())
def ex(name): return seq(one(name), many(one("ignored")))           # WB4
def in_emoji(name): return seq(one(name), many(one("ignored_in_emoji")))


joiners = many(ex("joiner"))
emoji_unit = either(
    seq(many(one("zwj")), in_emoji("emoji"), maybe(one("presentation"))),
    seq(maybe(seq(many(one("zwj")), in_emoji("modifier_base"))), in_emoji("modifier")))
number_run = seq(ex("number"), many(seq(either(joiners, ex("mid_number")), ex("number"))))
letter_run = seq(ex("letter"), many(seq(either(joiners, ex("mid_letter")), ex("letter"))))
hebrew = seq(ex("hebrew"), either(ex("single_quote"), seq(ex("double_quote"), ex("hebrew"))))
word_part = either(seq(ex("katakana"), many(seq(joiners, ex("katakana")))),
                   some(either(hebrew, number_run, letter_run)))

# In order of precedence between matches of the same length.
RULES = [
    ("Emoji", either(seq(emoji_unit, either(many(seq(one("zwj"), emoji_unit)), seq(some(one("tag")), one("tag_end")))),
                     seq(in_emoji("key_cap_base"), maybe(one("presentation")), in_emoji("key_cap")),
                     seq(ex("regional"), ex("regional")))),
    ("Num", seq(joiners, number_run, joiners)),
    ("Hangul", some(ex("hangul"))),
    ("Katakana", some(ex("katakana"))),
    ("Alphanum", seq(joiners, word_part, many(seq(some(ex("joiner")), word_part)), joiners)),
    ("SoutheastAsian", some(ex("complex"))),
    ("Ideographic", ex("han")),
    ("Hiragana", ex("hiragana")),
]

nfa = Nfa()
start = nfa.state()
final = {}
for precedence, (name, expression) in enumerate(RULES):
    first, last = nfa.build(expression)
    nfa.empty[start].append(first)
    final[last] = precedence

class_count = len(signatures)
initial = nfa.closure([start])
number_of = {frozenset(): 0, initial: 1}
states = [frozenset(), initial]
next_of = [[0] * class_count]
at = 1
while at < len(states):
    row = []
    for c in range(class_count):
        target = nfa.closure([nfa.steps[s][1] for s in states[at] if nfa.steps[s] and c in nfa.steps[s][0]])
        if target not in number_of:
            number_of[target] = len(states)
            states.append(target)
        row.append(number_of[target])
    next_of.append(row)
    at += 1
accept = [min((final[s] for s in state if s in final), default=-1) for state in states]

# Moore's minimisation; groups keep 0 = dead, 1 = start.
group = [a + 1 for a in accept]
while True:
    keys = {}
    new = []
    for s in range(len(states)):
        key = (group[s], tuple(group[t] for t in next_of[s]))
        new.append(keys.setdefault(key, len(keys)))
    if len(keys) == len(set(group)):
        break
    group = new
order = {}
for g in [group[0], group[1]] + group:
    order.setdefault(g, len(order))
member = {order[g]: s for s, g in enumerate(group)}
state_count = len(order)
table = [[order[group[t]] for t in next_of[member[g]]] for g in range(state_count)]
accepts = [accept[member[g]] for g in range(state_count)]

# Two stages: block of 128 code points -> index of distinct block.
class_of = [class_of_signature[s] for s in signature_of]
block_index, blocks, seen = [], [], {}
for first in range(0, LAST + 1, BLOCK):
    block = tuple(class_of[first:first + BLOCK])
    if block not in seen:
        seen[block] = len(blocks)
        blocks.append(block)
    block_index.append(seen[block])
# Blocks 0x1F00 and up of the index are all alike from some point: cut the tail.
tail = block_index[-1]
cut = len(block_index)
while cut and block_index[cut - 1] == tail:
    cut -= 1
assert len(blocks) < 256 and state_count < 256
# The tail's block must be all class 0 to be cut off.
assert set(blocks[tail]) == {0}

stride = 1
while stride < class_count:
    stride *= 2


def emit(values, per_line=24):
    for i in range(0, len(values), per_line):
        print("    " + ", ".join(str(v) for v in values[i:i + per_line]) + ",")


print("// Made by scripts/word_break_tables.py from the Unicode character database. Do not edit.")
print('#include "index/analysis/word_break_data.h"\n')
print("namespace stratalog::index::word_break {\n")
print(f"static_assert(kStride == {stride} && kStateCount == {state_count} && kBlockIndexCount == {cut} &&")
print(f"              kBlockCount == {len(blocks)});\n")
print("// clang-format off")
print("const uint8_t kBlockIndex[kBlockIndexCount] = {")
emit(block_index[:cut])
print("};\n\nconst uint8_t kClass[kBlockCount * 128] = {")
emit([c for b in blocks for c in b], 32)
print("};\n\nconst uint8_t kNext[kStateCount * kStride] = {")
emit([v for row in table for v in row + [0] * (stride - class_count)], stride)
print("};\n\nconst TokenType kAccept[kStateCount] = {")
names = ["TokenType::k" + RULES[a][0] if a >= 0 else "kNoToken" for a in accepts]
emit(names, 4)
print("};\n// clang-format on\n")
print("}  // namespace stratalog::index::word_break")
print(f"classes {class_count} states {state_count} blocks {len(blocks)} index {cut}", file=sys.stderr)

"""What the tests say about an answer: match, is_true, length, gt and their like.

The rules are those of the published tests' README and of what their own runner does where the
README is silent (regular expressions are searched, not matched whole; numbers compare by value).
"""
import re


class Failed(Exception):
    """A test's expectation does not hold."""


MISSING = object()


def lookup(answer, path, stash):
    """The value at a dotted path of an answer; MISSING when there is none."""
    if path in ("", "$body"):
        return answer
    for part in re.split(r"(?<!\\)\.", path):
        part = part.replace("\\.", ".")
        if part.startswith("$"):
            part = str(stash[part.strip("${}")])
        if part == "_arbitrary_key_":
            if not isinstance(answer, dict) or not answer:
                return MISSING
            answer = next(iter(answer))
        elif isinstance(answer, dict):
            if part not in answer:
                return MISSING
            answer = answer[part]
        elif isinstance(answer, list):
            if not part.isdigit() or int(part) >= len(answer):
                return MISSING
            answer = answer[int(part)]
        else:
            return MISSING
    return answer


def equal(expected, actual):
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            equal(value, actual[key]) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(equal, expected, actual))
    return expected == actual


def is_regex(value):
    value = value.strip() if isinstance(value, str) else ""
    return len(value) > 2 and value.startswith("/") and value.endswith("/")


def search(regex, text, flags=0):
    """Expected values are written for Java's Pattern.COMMENTS (VERBOSE here), catches are not."""
    pattern = re.sub(r"\\p\{Alpha\}", "A-Za-z", regex.strip()[1:-1])
    return re.search(pattern, text, flags)


def check(kind, path, expected, actual):
    """Raises Failed when the assertion `kind: {path: expected}` does not hold of `actual`."""
    shown = "nothing" if actual is MISSING else repr(actual)[:500]
    if kind in ("is_true", "is_false"):
        text = "" if actual is MISSING or actual is None else str(actual).lower()
        holds = text not in ("", "false", "0")
        if holds != (kind == "is_true"):
            raise Failed(f"{kind} {path}: {shown}")
        return
    if kind == "match" and expected is None and actual in (MISSING, None):
        return
    if actual is MISSING:
        raise Failed(f"{kind} {path}: missing, expected {expected!r}")
    holds = CHECKS[kind](expected, actual)
    if not holds:
        raise Failed(f"{kind} {path}: {shown}, expected {expected!r}")


def match(expected, actual):
    if is_regex(expected):
        return search(expected, str(actual), re.VERBOSE) is not None
    return equal(expected, actual)


def contains(expected, actual):
    if isinstance(actual, str):
        return str(expected) in actual
    if isinstance(actual, dict):
        return all(key in actual and equal(value, actual[key]) for key, value in expected.items())
    return any(equal(expected, item) or isinstance(item, dict) and isinstance(expected, dict)
               and contains(expected, item) for item in actual)


def compare(operation):
    def holds(expected, actual):
        if isinstance(expected, str) != isinstance(actual, str):
            expected, actual = float(expected), float(actual)
        return operation(actual, expected)
    return holds


CHECKS = {
    "match": match,
    "length": lambda expected, actual: len(actual) == expected,
    "contains": contains,
    "gt": compare(lambda a, b: a > b),
    "gte": compare(lambda a, b: a >= b),
    "lt": compare(lambda a, b: a < b),
    "lte": compare(lambda a, b: a <= b),
    "close_to": lambda expected, actual: abs(actual - expected["value"]) <= expected["error"],
}

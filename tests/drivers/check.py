"""Compares a transcript with the expected one: check.py EXPECTED TRANSCRIPT [--part | LABEL=TEXT]

Prints the "host" step on success, a difference and exit code 1 otherwise. Drivers wrap an error in words of their own,
so an error must contain the expected text; everything else must be equal. With --part the transcript may leave steps out;
with LABEL=TEXT the error of that step must contain that text instead.
"""
import difflib
import sys


def blocks(path):
    found = {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file.read().splitlines():
            if line.startswith("== "):
                found[line[3:]] = []
            elif found:
                found[list(found)[-1]].append(line)
            else:
                found["(before the first step)"] = [line]
    return found


expected, actual = blocks(sys.argv[1]), blocks(sys.argv[2])
host = actual.pop("host", [])
option = sys.argv[3] if len(sys.argv) > 3 else ""
if option == "--part":
    expected = {label: lines for label, lines in expected.items() if label in actual}
elif option:
    label, text = option.split("=", 1)
    expected[label] = ["error: " + text]
for label, lines in expected.items():
    if lines and lines[0].startswith("error: "):
        said = " ".join(actual.get(label, []))
        if said.startswith("error: ") and lines[0].removeprefix("error: ") in said:
            actual[label] = lines


def flat(transcript):
    return [line for label, lines in transcript.items() for line in ["== " + label, *lines]]


difference = list(difflib.unified_diff(flat(expected), flat(actual), "expected", "transcript", lineterm="", n=1))
if not expected:
    difference = ["no step was compared"]
print("\n".join(difference) if difference else " ".join(host))
sys.exit(bool(difference))

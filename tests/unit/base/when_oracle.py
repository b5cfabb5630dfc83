#!/usr/bin/env python3
"""when_oracle.py WHEN_TOOL: base/when against the Python reference of the rules (tests/oracle/forms.py), on random
times and durations, right ones and spoiled ones.  The seed is fixed, so that a failure comes again."""
import pathlib
import random
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "oracle"))
import forms  # noqa: E402

N = 20_000
RANDOM = random.Random(20260302)


def spoiled(text: str) -> str:
    """The text with one character less, more, or other, in one of three cases."""
    if RANDOM.random() < 2 / 3:
        return text
    i = RANDOM.randrange(len(text) + 1)
    new = RANDOM.choice("0123456789-:TZPDHMS.+ ,tz\u0661")
    return RANDOM.choice((text[:i] + text[i + 1:], text[:i] + new + text[i:], text[:i] + new + text[i + 1:]))


def fraction() -> str:
    return RANDOM.choice(("", "", "." + "".join(RANDOM.choices("0123456789", k=RANDOM.randint(0, 7)))))


def time() -> str:
    year = RANDOM.choice((0, 1, 4, 100, 400, 1582, 1900, 1969, 1970, 2000, 2024, 2026, 2100, 9999, RANDOM.randint(0, 9999)))
    text = f"{year:04d}"
    parts = ((f"-{RANDOM.randint(0, 13):02d}"), f"-{RANDOM.choice((0, 1, 28, 29, 30, 31, 32)):02d}",
             f"T{RANDOM.choice((0, 9, 23, 24)):02d}", f":{RANDOM.choice((0, 59, 60)):02d}",
             f":{RANDOM.choice((0, 30, 59, 60)):02d}{fraction()}")
    cut = RANDOM.randint(0, 5)
    return text + "".join(parts[:cut]) + ("Z" if (cut > 2) != (RANDOM.random() < 0.05) else "")


def number(most: int) -> str:
    return "".join(RANDOM.choices("0123456789", k=RANDOM.choice((0, 1, 1, 2, most, most, most + 1))))


def duration() -> str:
    text = RANDOM.choice(("", "", "-")) + "P"
    if RANDOM.random() < 0.6:
        text += number(5) + "D"
    if RANDOM.random() < 0.7:
        text += "T" + "".join(number(6) + (fraction() if unit == "S" else "") + unit
                              for unit in "HMS" if RANDOM.random() < 0.5)
    return text


def main() -> int:
    cases = []
    for _ in range(N):
        if RANDOM.random() < 0.6:
            precision, text = RANDOM.choice(forms.PRECISIONS), spoiled(time())
            cases.append((f"t\t{precision}\t{text}", forms.micros(text, precision)))
        else:
            text = spoiled(duration())
            cases.append((f"d\t{text}", forms.duration(text)))
    asked = "".join(line + "\n" for line, _ in cases)
    out = subprocess.run([sys.argv[1]], input=asked.encode(), capture_output=True, check=True).stdout.decode()
    answers = out.split("\n")[:-1]
    wrong = [(line, want, got) for (line, want), got in zip(cases, answers, strict=True)
             if got != ("-" if want is None else str(want))]
    for line, want, got in wrong[:20]:
        print(f"{line!r}: the reference says {want}, we say {got}")
    print(f"{N} cases, {sum(w is not None for _, w in cases)} of them right ones, {len(wrong)} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

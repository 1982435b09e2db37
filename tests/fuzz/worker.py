"""One stretch of fuzzing in a process of its own: worker.py KIND SEED CASES.

What it is about to do goes to target/fuzz/KIND-SEED.sql before it is done, so that a crash leaves its cause behind. The last line is
JSON: what was counted, or the first failure with the seed of its case.
"""

import faulthandler
import importlib
import json
import random
import sys
import traceback


def main():
    kind, seed, cases = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    faulthandler.enable()
    sys.path.append("tests/peer")  # its exact arithmetic and its list of columns
    module = importlib.import_module(kind)
    counts = {"cases": 0, "questions": 0, "rows": 0}
    with open(f"target/fuzz/{kind}-{seed}.sql", "w", encoding="utf-8", errors="surrogateescape", buffering=1) as log:
        def note(text):
            log.write(text + "\n")

        for case in range(cases):
            log.seek(0)
            log.truncate()
            note(f"-- worker.py {kind} {seed + case} 1")
            try:
                questions, rows = module.case(random.Random(seed + case), note)
            except Exception as error:
                note(f"-- {error}")
                trace = "" if type(error).__name__ == "Difference" else traceback.format_exc()
                print(json.dumps(counts | {"failure": f"{type(error).__name__}: {error}\n{trace}", "seed": seed + case}))
                return
            counts["cases"] += 1
            counts["questions"] += questions
            counts["rows"] += rows
    print(json.dumps(counts))


if __name__ == "__main__":
    main()

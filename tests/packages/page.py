"""Runs every block of docs/install.md: page.py ROOT WORK BIN

BIN holds pip, Datasette and sqlite-utils.

Blocks run in the order of the page, in the checkout, without an index. What a line needs to be
other in a test is in CHANGED.
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT, WORK, BIN = (pathlib.Path(word) for word in sys.argv[1:])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
PAGE = WORK / "page"
CHANGED = (
    # A server is asked one page instead of running until it is stopped.
    (r"^datasette telemetry\.db$",
     "datasette telemetry.db --get '/telemetry.json?sql=SELECT+engine+FROM+engine_stats()'"),
    (r"^npm install", f"npm install --prefix {PAGE} --offline --no-audit --no-fund"),
    (r"telemetry\.db\b", str(WORK / "telemetry.db")),
    (r"> calls\.jsonl", f"> {PAGE}/calls.jsonl"),
    # It has the interface of better-sqlite3 and needs no compiler.
    (r"better-sqlite3", "libsql"),
)


def main() -> None:
    PAGE.mkdir(exist_ok=True)
    (PAGE / "package.json").write_text('{"private": true}')
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "PIP_NO_INDEX": "1",
                                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                                "NODE_PATH": f"{PAGE}/node_modules:{WORK}/hosts/node_modules"}
    programs = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [BIN / "python", "-c"],
                "js": ["node", "-e"]}
    blocks = BLOCK.findall((ROOT / "docs" / "install.md").read_text(encoding="utf-8"))
    for language, body in blocks:
        for pattern, other in CHANGED:
            body = re.sub(pattern, lambda _, other=other: other, body, flags=re.M)
        cwd = ROOT if language == "sh" else PAGE
        run = subprocess.run([*programs[language], body], cwd=cwd, env=environment, text=True,
                             capture_output=True)
        if run.returncode != 0:
            raise SystemExit(f"{body}\nexit {run.returncode}\n{run.stdout[-500:]}{run.stderr}")
        if language != "sh" and not run.stdout.strip():
            raise SystemExit(f"prints nothing:\n{body}")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "docs/install.md").read_text()):
        assert (ROOT / "docs" / target).exists(), f"a link to nothing: {target}"
    print(f"{len(blocks)} blocks")


main()

"""The sqlite-utils command: sqlite-utils query telemetry.db SQL -p NAME VALUE --load-extension ./libjarvis_stats

It binds every value as TEXT and knows no NULL: a value to leave out is given as '', which counts as left out.
"""
import json
import subprocess

from conversation import talk


def ask(_, sql, values):
    names = []
    for number, value in enumerate(values, 1):
        sql = sql.replace("?", f":p{number}", 1)
        names += ["-p", f"p{number}", "" if value is None else str(value)]
    command = ["sqlite-utils", "query", "telemetry.db", sql, *names, "--arrays", "--load-extension", "./libjarvis_stats"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return json.loads(done.stdout)


class Command:
    """There is no connection to hold: each question is a process of its own."""

    def close(self):
        pass


talk(Command, ask)

"""Datasette's JSON pages: datasette telemetry.db --load-extension ./libjarvis_stats

Values come from the page's address, so every one is TEXT, and one to leave out is ''.
"""
import json
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from conversation import talk


class Server:
    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        command = ["datasette", "telemetry.db", "--load-extension", "./libjarvis_stats", "--port", port]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.address = f"http://127.0.0.1:{port}/telemetry.json?"
        for line in self.process.stderr:
            if "Uvicorn running" in line:
                return
        raise RuntimeError("datasette did not start")

    def ask(self, sql, values):
        query = {"_shape": "arrays"}
        for number, value in enumerate(values, 1):
            sql = sql.replace("?", f":p{number}", 1)
            query[f"p{number}"] = "" if value is None else str(value)
        try:
            with urllib.request.urlopen(self.address + urllib.parse.urlencode({"sql": sql, **query})) as page:
                return json.load(page)["rows"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["error"]) from error

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


talk(Server, Server.ask)

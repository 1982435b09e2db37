"""sqlite-web: sqlite_web -x -e ./libjarvis_stats.so telemetry.db, a question typed into its query page."""
import html
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = str(probe.getsockname()[1])
server = subprocess.Popen(["sqlite_web", "-x", "-r", "-p", port, "-e", "./libjarvis_stats.so", "telemetry.db"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(sql):
    data = urllib.parse.urlencode({"sql": sql}).encode()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/query/", data) as page:
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page.read().decode())))


try:
    for attempt in range(100):
        try:
            answer = ask("SELECT model_id, call_count, total_energy_joules FROM model_stats('2026-01-03')")
            break
        except OSError:
            time.sleep(0.1)
    assert "Qwen3-8B 1 1.0 " in answer and "größe-7b „中文“ 🦙 1 2.25" in answer, answer
    wrong = ask("SELECT * FROM model_stats('soon')")
    assert "model_stats: argument 1 (since): expected Unix seconds or a time value ('2026-11-01', '-7 days'), got 'soon'" in wrong, wrong
finally:
    server.terminate()
    server.wait()
print("its query page shows answers and errors")

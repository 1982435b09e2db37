#!/usr/bin/env bash
# DB Browser for SQLite, without a screen: an extension in its settings (Preferences, Extensions), a script that keeps an answer in a table.
set -euo pipefail
export QT_QPA_PLATFORM=offscreen HOME=$PWD
cat > question.sql <<'SQL'
CREATE TABLE answer AS SELECT call_count, (SELECT energy_per_token(energy_joules, completion_tokens) FROM telemetry) FROM model_stats('2026-01-02');
SQL
# It asks whether to keep the change when told to quit, so it is ended from outside once the answer is there.
sqlitebrowser -O "extensions/list=$PWD/libjarvis_stats.so" -s question.sql telemetry.db > browser.log 2>&1 &
trap 'kill $! 2>/dev/null || true' EXIT
for _ in $(seq 60); do
    answer=$(sqlite3 telemetry.db 'SELECT * FROM answer' 2>/dev/null) && break
    sleep 0.5
done
[[ $answer == $'3|0.515625\n1|0.515625\n1|0.515625' ]] || { echo "got: $answer"; exit 1; }
echo "a script run by it has its answers"

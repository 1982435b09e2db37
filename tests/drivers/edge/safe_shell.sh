#!/usr/bin/env bash
# The sqlite3 shell's --safe refuses to load, whatever the extension says of itself; -cmd, .load twice and SQL all work without it.
set -euo pipefail
said=$(sqlite3 --safe telemetry.db '.load ./libjarvis_stats' 2>&1) && exit 1
grep -q 'cannot .load in safe mode\|cannot run .load in safe mode' <<< "$said"
count='SELECT total_calls FROM aggregated_stats()'
[[ $(sqlite3 telemetry.db -cmd '.load ./libjarvis_stats' -cmd '.load ./libjarvis_stats' "$count") == 8 ]]
[[ $(sqlite3 telemetry.db "SELECT load_extension('./libjarvis_stats')" "$count" | tail -1) == 8 ]]
[[ $(sqlite3 -readonly telemetry.db -cmd '.load ./libjarvis_stats sqlite3_extension_init' "$count") == 8 ]]
echo "$said" | tail -1

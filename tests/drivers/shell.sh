#!/usr/bin/env bash
# The sqlite3 shell: sqlite3 telemetry.db -cmd '.load ./libjarvis_stats' SQL
# Values are bound with its .param command. A process of its own answers each step, so "reopen" has nothing to do.
set -u
while IFS=$'\t' read -r -a step; do
    [[ ${step[0]} == \#* ]] && continue
    echo "== ${step[0]}"
    [[ ${step[0]} == reopen ]] && continue
    params=()
    for ((n = 1; n + 1 < ${#step[@]}; n++)); do
        value=${step[n + 1]}
        case $value in
        t:*) value="'${value#t:}'" ;;
        n:) value=NULL ;;
        *) value=${value#*:} ;;
        esac
        params+=(-cmd ".param set ?$n \"$value\"")
    done
    sqlite3 telemetry.db -list -nullvalue NULL -cmd '.load ./libjarvis_stats' "${params[@]}" "${step[1]}" 2>&1 |
        sed -E 's/^(Runtime error|Parse error|Error)[^:]*: /error: /'
done < conversation.txt

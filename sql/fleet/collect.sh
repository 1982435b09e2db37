#!/bin/sh
# Adds up any number of telemetry files with nothing but the sqlite3 shell and the extension:
#
#     collect.sh EXTENSION FLEET.db FILE...      since=... until=... narrow the range of times
#
# What partial_stats() says of each file becomes its rows of the table `partials` in FLEET.db, in
# place of those it had; add_up.sql makes statistics of them, sketch_merge(ttft_sketch) percentiles.
# A file that cannot be read is named, and keeps the rows it had; then the exit status is 1.
set -u
extension=$1 fleet=$2
shift 2
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }
range="nullif($(quoted "${since:-}"), ''), nullif($(quoted "${until:-}"), '')"
status=0
for file; do
    case $file in /*) path=$file ;; *) path=$PWD/$file ;; esac
    uri=$(printf %s "file:$path" | sed 's/%/%25/g; s/?/%3f/g; s/#/%23/g')
    "${SQLITE3:-sqlite3}" -bail "$fleet" ".load $extension" ".timeout 5000" \
        "ATTACH $(quoted "$uri?mode=ro") AS machine" \
        "CREATE TABLE IF NOT EXISTS partials AS
           SELECT CAST('' AS TEXT) AS file, * FROM partial_stats(NULL, NULL, 'machine.telemetry') LIMIT 0" \
        "BEGIN IMMEDIATE" \
        "DELETE FROM partials WHERE file = $(quoted "$path")" \
        "INSERT INTO partials
           SELECT $(quoted "$path"), * FROM partial_stats($range, 'machine.telemetry')" \
        COMMIT || { echo "not read: $path" >&2; status=1; }
done
exit $status

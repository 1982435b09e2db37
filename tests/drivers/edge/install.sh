#!/usr/bin/env bash
# make install puts the library where .load finds it by its bare name; make dist makes an archive that checks and loads.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
prefix=$PWD/prefix
make --silent -C "$root" install PREFIX="$prefix" > make.log
[[ -x $prefix/lib/libjarvis_stats.so ]]
# Through the loader's path, as a folder that ldconfig knows would be.
[[ $(LD_LIBRARY_PATH=$prefix/lib sqlite3 telemetry.db -cmd '.load libjarvis_stats' 'SELECT total_calls FROM aggregated_stats()') == 8 ]]
[[ $(sqlite3 telemetry.db -cmd ".load $prefix/lib/libjarvis_stats" 'SELECT total_calls FROM aggregated_stats()') == 8 ]]
make --silent -C "$root" uninstall PREFIX="$prefix" >> make.log
[[ -z $(find "$prefix" -type f) ]]

make --silent -C "$root" dist >> make.log
mkdir unpacked
(cd "$root/target/dist" && sha256sum --quiet --check SHA256SUMS)
tar xzf "$root"/target/dist/jarvis_stats-*-linux-*.tar.gz -C unpacked
(cd unpacked && sha256sum --quiet --check SHA256SUMS && ls LICENSE* README.md sqlpkg.json views.sql > /dev/null)
[[ $(sqlite3 telemetry.db -cmd '.load unpacked/libjarvis_stats' 'SELECT total_calls FROM aggregated_stats()') == 8 ]]

# What a package manager reads: the archive that it names for this platform is there, with the checksum that it gives.
# And the names that it lists are those that a person gets; internal ones start with jarvis_stats_.
names='SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list'
comm -13 <(sqlite3 :memory: "$names") <(sqlite3 :memory: -cmd '.load unpacked/libjarvis_stats' "$names") > names.txt
/usr/bin/python3 - "$root/target/dist" <<'PROGRAM'
import hashlib, json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
package = json.loads((folder / "sqlpkg.json").read_text())
assert package["owner"] and package["name"] == "jarvis_stats" and package["assets"]["files"]
for name in package["assets"]["files"].values():
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    assert package["assets"]["checksums"][name] == "sha256-" + digest, name
public = {name for name in pathlib.Path("names.txt").read_text().split()
          if not name.startswith("jarvis_stats_") or name in ("jarvis_stats_version", "jarvis_stats_debug")}
assert set(package["symbols"]) == public, public ^ set(package["symbols"])
PROGRAM
tail -1 make.log

#!/usr/bin/env bash
# Builds one SQLite release as a shared library: build.sh SQLITE REGISTRY PACKAGE VERSION
# Prints the library's path. Kept in target/releases, so the second call costs nothing.
set -euo pipefail
sqlite=$1 registry=$2 package=$3 version=$4
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${RELEASES_DIR:-$root/target/releases}
lib=$out/libsqlite3-$sqlite.so
if [[ -f $lib ]]; then echo "$lib"; exit 0; fi

src=$out/src/$package-$version
mkdir -p "$src"
case $registry in
cargo)
    # One throw-away crate per version: `links = "sqlite3"` allows a lock file only one.
    mkdir -p "$src/crate/src"
    : > "$src/crate/src/lib.rs"
    printf '[package]\nname = "source"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n%s = "=%s"\n[workspace]\n' \
        "$package" "$version" > "$src/crate/Cargo.toml"
    (cd "$src/crate" && cargo vendor --quiet --versioned-dirs vendor >/dev/null)
    amalgamation=$src/crate/vendor/$package-$version/sqlite3/sqlite3.c ;;
npm)
    (cd "$src" && npm pack --silent "$package@$version" >/dev/null && tar xzf ./*.tgz)
    amalgamation=$src/package/deps/sqlite3/sqlite3.c ;;
*)
    echo "unknown registry $registry" >&2; exit 1 ;;
esac

found=$(sed -n 's/^#define SQLITE_VERSION *"\(.*\)"/\1/p' "$amalgamation" | head -1)
if [[ $found != "$sqlite" ]]; then
    echo "$package $version holds SQLite $found, not $sqlite" >&2; exit 1
fi
# As distributions build it: JSON and the introspection pragmas were opt-in until 3.38 and 3.30.
nice -n 5 "${CC:-cc}" -O1 -w -shared -fPIC -DSQLITE_THREADSAFE=1 -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_JSON1 \
    -DSQLITE_INTROSPECTION_PRAGMAS -DSQLITE_ENABLE_DBSTAT_VTAB -Wl,-soname,libsqlite3.so.0 \
    -o "$lib.part" "$amalgamation" -ldl -lm -lpthread
mv "$lib.part" "$lib"
rm -rf "$src"
echo "$lib"

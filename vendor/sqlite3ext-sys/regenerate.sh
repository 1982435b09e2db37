#!/bin/sh
# Writes src/bindings.rs anew from SQLite's own headers:
#
#   ./regenerate.sh                  headers of SQLITE_VERSION, out of the published sqlite3ext-sys crate
#   SQLITE_VERSION=3.50.4 ./regenerate.sh DIR   the sqlite3.h and sqlite3ext.h in DIR
#
# Needs cargo and python3 with venv. bindgen and, unless LIBCLANG_PATH is set, libclang are installed
# under target/. The same headers and BINDGEN_VERSION give the same bytes on every machine, because
# clang sees one fixed target and no system header, and bindgen carries its own formatter.
set -eu

SQLITE_VERSION=${SQLITE_VERSION:-3.39.4}
PUBLISHED_CRATE=0.0.1
BINDGEN_VERSION=0.72.1
LIBCLANG_VERSION=18.1.1
PYTHON=${PYTHON:-python3}

headers=${1:+$(cd "$1" && pwd)}
cd "$(dirname "$0")"
here=$(pwd)
work=$(cd ../.. && pwd)/target/sqlite3ext-sys
mkdir -p "$work"

die() {
    echo "regenerate: $*" >&2
    exit 1
}

# A workspace of its own, so that the patch which puts this crate in the published one's place does not apply.
if [ -z "$headers" ]; then
    mkdir -p "$work/fetch/src"
    : >"$work/fetch/src/lib.rs"
    cat >"$work/fetch/Cargo.toml" <<EOF
[package]
name = "fetch"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
sqlite3ext-sys = "=$PUBLISHED_CRATE"
EOF
    (cd "$work/fetch" && cargo vendor --quiet vendored >/dev/null)
    headers=$work/fetch/vendored/sqlite3ext-sys/sqlite3
fi
for name in sqlite3.h sqlite3ext.h; do
    [ -f "$headers/$name" ] || die "no $name in $headers"
done
grep -q "^#define SQLITE_VERSION  *\"$SQLITE_VERSION\"" "$headers/sqlite3.h" ||
    die "$headers/sqlite3.h is not that of SQLite $SQLITE_VERSION"

bindgen=$work/tools/bin/bindgen
if [ "$("$bindgen" --version 2>/dev/null)" != "bindgen $BINDGEN_VERSION" ]; then
    cargo install --quiet --locked bindgen-cli --version "$BINDGEN_VERSION" \
        --root "$work/tools" --target-dir "$work/tools-build"
fi
if [ -z "${LIBCLANG_PATH:-}" ]; then
    if [ ! -d "$work/venv/lib" ]; then
        "$PYTHON" -m venv "$work/venv"
    fi
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check "libclang==$LIBCLANG_VERSION"
    LIBCLANG_PATH=$("$work/venv/bin/python" -c 'import clang, os; print(os.path.join(clang.__path__[0], "native"))')
    export LIBCLANG_PATH
fi

# What a va_list is differs from one platform to the next, and no extension in Rust can make one. The
# fields that take one keep their place in the table and lose their arguments.
include=$work/include
mkdir -p "$include"
echo 'typedef __builtin_va_list va_list;' >"$include/stdarg.h"
cp "$headers/sqlite3.h" "$include/sqlite3.h"
sed -E 's/^.*\(\*([a-z0-9_]+)\)\(.*va_list\);/  void (*\1)(void);/' "$headers/sqlite3ext.h" >"$include/sqlite3ext.h"
if grep -n va_list "$include/sqlite3ext.h"; then
    die "a va_list is left in sqlite3ext.h: a field is laid out in a way the sed above does not know"
fi

results='OK|ERROR|INTERNAL|PERM|ABORT|BUSY|LOCKED|NOMEM|READONLY|INTERRUPT|IOERR|CORRUPT|NOTFOUND|FULL|CANTOPEN'
results="$results|PROTOCOL|EMPTY|SCHEMA|TOOBIG|CONSTRAINT|MISMATCH|MISUSE|NOLFS|AUTH|FORMAT|RANGE|NOTADB|NOTICE"
results="$results|WARNING|ROW|DONE"
values='INTEGER|FLOAT|TEXT|BLOB|NULL|UTF8|UTF16|UTF16LE|UTF16BE|UTF16_ALIGNED|ANY'
functions='DETERMINISTIC|DIRECTONLY|SUBTYPE|INNOCUOUS|RESULT_SUBTYPE|SELFORDER1'
conflicts='ROLLBACK|IGNORE|FAIL|REPLACE'
families='INDEX_CONSTRAINT|INDEX_SCAN|VTAB|PREPARE|LIMIT'
identity='VERSION|VERSION_NUMBER|SOURCE_ID'

# sqlite3_vfs and sqlite3_file appear only behind pointers, so their contents are left out.
"$bindgen" "$include/sqlite3ext.h" \
    --formatter prettyplease --rust-target 1.77 --rust-edition 2021 --use-core \
    --no-layout-tests --no-doc-comments --ignore-functions \
    --allowlist-type 'sqlite3_api_routines|sqlite3_loadext_entry|sqlite3_module' \
    --allowlist-var "SQLITE_($identity|$values|$functions|$conflicts)" \
    --allowlist-var "SQLITE_($results)(_.*)?" \
    --allowlist-var "SQLITE_($families)_.*" \
    --blocklist-type 'sqlite3_vfs|sqlite3_file|sqlite3_io_methods' \
    --raw-line '' \
    --raw-line "// Made by regenerate.sh from sqlite3.h and sqlite3ext.h of SQLite $SQLITE_VERSION." \
    --raw-line '// Run that script again instead of editing this file.' \
    --raw-line '' \
    --raw-line '#[repr(C)]' \
    --raw-line '#[derive(Debug, Copy, Clone)]' \
    --raw-line 'pub struct sqlite3_vfs {' \
    --raw-line '    _unused: [u8; 0],' \
    --raw-line '}' \
    --raw-line '#[repr(C)]' \
    --raw-line '#[derive(Debug, Copy, Clone)]' \
    --raw-line 'pub struct sqlite3_file {' \
    --raw-line '    _unused: [u8; 0],' \
    --raw-line '}' \
    --output "$work/bindings.rs" \
    -- --target=x86_64-unknown-linux-gnu -nostdinc "-I$include"

mv "$work/bindings.rs" "$here/src/bindings.rs"
echo "wrote src/bindings.rs from SQLite $SQLITE_VERSION with bindgen $BINDGEN_VERSION"

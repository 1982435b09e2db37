# What the shell scripts of tests/ share; each begins with
#     . "$(dirname "$0")/../lib.sh"
# which goes to the root of the repository and builds the extension, unless JARVIS_STATS names one.
# Sourced by sh and by bash.

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
export PYTHON="${PYTHON:-/usr/bin/python3}" SQLITE3="${SQLITE3:-sqlite3}" PYTHONDONTWRITEBYTECODE=1
case $(uname -s) in
Darwin) library=libjarvis_stats.dylib ;;
*NT*) library=jarvis_stats.dll ;;
*) library=libjarvis_stats.so ;;
esac
if [ -z "${JARVIS_STATS:-}" ]; then
    make --silent build || exit 2
    JARVIS_STATS=$root/$library
fi
case $JARVIS_STATS in /*) ;; *) JARVIS_STATS=$root/$JARVIS_STATS ;; esac
export JARVIS_STATS

# Logs, databases and environments of this script's folder.
work=$root/target/$(basename "$(cd "$(dirname "$0")" && pwd)")
mkdir -p "$work"
passed=0 failed=0 skipped=0

# NAME   adds up the last line of $work/NAME.log, "N passed, N failed"; no such line is a failure
tally() {
    last=$(tail -n 1 "$work/$1.log")
    case $last in
    *[0-9]" passed, "*" failed"*) ;;
    *) last="0 passed, 1 failed" ;;
    esac
    sed 's/^/  /' "$work/$1.log"
    last=${last##*: }
    more=${last#* passed, }
    more=${more%% *}
    passed=$((passed + ${last%% passed*})) failed=$((failed + more))
}

# NAME COMMAND...   runs a test that counts for itself, and adds that up
count() {
    name=$1 status=0
    shift
    "$@" > "$work/$name.log" 2>&1 || status=$?
    tally "$name"
    if [ "$status" -ne 0 ] && [ "$more" -eq 0 ]; then
        echo "  $name: exit status $status"
        failed=$((failed + 1))
    fi
}

# WHAT COMMAND...   one test: passes when the command does; a failure shows the end of its log
pass() {
    what=$1
    shift
    if "$@" > "$work/$what.log" 2>&1; then
        passed=$((passed + 1))
        echo "$what: passed"
    else
        failed=$((failed + 1))
        echo "$what: FAILED"
        tail -n 30 "$work/$what.log"
    fi
}

# The last line of every script here, and its exit status.
verdict() {
    skips=
    [ "$skipped" -eq 0 ] || skips=", $skipped skipped"
    echo "$passed passed, $failed failed$skips"
    [ "$failed" -eq 0 ] && [ "$((passed + skipped))" -gt 0 ]
}

# PACKAGE...   Debian packages: there, or installed where INSTALL=1 allows it (as .ci/run does), or
# a sentence
apt() {
    missing=
    for package; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ -z "${INSTALL:-}" ]; then
        echo "missing:$missing (apt-get install$missing, or INSTALL=1 to let the tests do it)" >&2
        return 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; }
}

# FOLDER REQUIREMENT...   a virtual environment on $PYTHON, made once for these requirements
venv() {
    folder=$1
    shift
    if [ "$(cat "$folder/complete" 2>/dev/null)" != "$*" ]; then
        rm -rf "$folder"
        "$PYTHON" -m venv "$folder" || { apt python3-venv && "$PYTHON" -m venv "$folder"; } ||
            return
        "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" || return
        echo "$*" > "$folder/complete"
    fi
}

# RELEASE   the package as PyPI has it, under target/peer/RELEASE, without what it depends on
openjarvis() {
    [ -d "target/peer/$1" ] && return
    echo "installing openjarvis $1"
    for pip in "$PYTHON -m pip" "python3 -m pip" pip3 pip; do
        if $pip --version >/dev/null 2>&1; then break; fi
    done
    # Moved into place whole: an interrupted install leaves nothing, and runs may overlap.
    part="target/peer/part-$$"
    rm -rf "$part"
    $pip install --quiet --no-deps --no-compile --disable-pip-version-check --root-user-action=ignore \
        --target "$part" "openjarvis==$1" ||
        { echo "not installed; is there a pip (apt-get install python3-pip)?" >&2; return 1; }
    if [ -d "target/peer/$1" ]; then rm -rf "$part"; else mv "$part" "target/peer/$1"; fi
}

# Functions of run.sh beside those of tests/lib.sh: installing by the ordinary package managers, running one case.
# A case's log, database and transcript stay under $work/NAME.

pip() { # REQUIREMENT...   a throw-away environment for each case, on Debian's python, the one that can load extensions
    [[ -x $work/env/$name/bin/pip ]] || { apt python3-venv && "$PYTHON" -m venv "$work/env/$name"; } || return
    "$work/env/$name/bin/pip" install --quiet "$@"
}

npm_() { # PACKAGE@VERSION   installed under $work/npm
    mkdir -p "$work/npm" && [[ -f $work/npm/package.json ]] || echo '{"private": true}' > "$work/npm/package.json"
    npm install --prefix "$work/npm" --no-audit --no-fund --save-exact "$@"
}

has() { command -v "$1" >/dev/null; }

report() { # NAME RESULT SECONDS DETAIL
    printf '%-22s %-8s %4s s  %s\n' "$1" "$2" "$3" "$4"
    case $2 in passed) passed=$((passed + 1)) ;; FAILED) failed=$((failed + 1)) ;; *) skipped=$((skipped + 1)) ;; esac
}

selected() { # NAME TIER
    if [[ -n ${ONLY:-} ]]; then [[ ",$ONLY," == *",$1,"* ]]; return; fi
    case $2 in short) true ;; cheap) [[ -z ${SHORT:-} ]] ;; heavy) [[ -n ${ALL:-} && -z ${SHORT:-} ]] ;; esac
}

prepare() { # NAME TIER INSTALL   leaves the reason in $detail when it cannot be
    local name=$1 install=$3
    if ! selected "$name" "$2"; then not_asked+=("$name"); return 1; fi
    cd "$root" && rm -rf "${work:?}/$name" && mkdir -p "$work/$name"
    start=$SECONDS
    if ! (eval "$install") > "$work/$name/install.log" 2>&1 </dev/null; then
        report "$name" skipped $((SECONDS - start)) "could not install: $(grep -v '^ *$' "$work/$name/install.log" | tail -1 | cut -c1-100)"
        return 1
    fi
    cp "$work/telemetry.db" "$work/$name/telemetry.db"
    cp "$here/conversation.txt" "$work/$name/"
    cp "$JARVIS_STATS" "$work/$name/"libjarvis_stats.so  # no link: PHP follows it and finds it outside its folder
    cd "$work/$name" && PATH=$work/env/$name/bin:$host_path
}

driver() { # NAME TIER INSTALL COMMAND...   holds the conversation; the transcript must be the expected one
    # DIFFERS="label=text" before it excuses one step in which the driver itself is known to say something else.
    local name=$1 detail code; prepare "$@" || return 0
    shift 3
    timeout 300 "$@" > transcript.txt 2> stderr.log </dev/null
    code=$?
    if [[ $code -ne 0 ]]; then
        report "$name" FAILED $((SECONDS - start)) "exit $code, see $PWD"; tail -5 stderr.log | sed 's/^/    /'
    elif detail=$("$PYTHON" "$here/check.py" "$here/expected.txt" transcript.txt ${DIFFERS:+"$DIFFERS"}); then
        report "$name" passed $((SECONDS - start)) "${detail//|/  }"
    else
        report "$name" FAILED $((SECONDS - start)) "see $PWD"; head -30 <<< "$detail" | sed 's/^/    /'
    fi
}

edge() { # NAME TIER INSTALL COMMAND...   passes when the command does; exit 77 = cannot be tried here, with the reason
    local name=$1 code=0; prepare "$@" || return 0
    shift 3
    timeout 300 "$@" > transcript.txt 2> stderr.log </dev/null || code=$?
    case $code in
    0) report "$name" passed $((SECONDS - start)) "$(tail -1 transcript.txt)" ;;
    77) report "$name" skipped $((SECONDS - start)) "$(tail -1 transcript.txt)" ;;
    *) report "$name" FAILED $((SECONDS - start)) "exit $code, see $PWD"; tail -qn 5 transcript.txt stderr.log | sed 's/^/    /' ;;
    esac
}

cannot() { # NAME TIER INSTALL MESSAGE COMMAND...   the command must print MESSAGE: where loading is impossible, this is what is seen
    local name=$1 message=$4; prepare "$@" || return 0
    shift 4
    timeout 300 "$@" > transcript.txt 2>&1 </dev/null
    if grep -qF -- "$message" transcript.txt; then
        report "$name" passed $((SECONDS - start)) "cannot load, says: $message"
    else
        report "$name" FAILED $((SECONDS - start)) "expected: $message"; tail -5 transcript.txt | sed 's/^/    /'
    fi
}

cargo_() { # CRATE FOLDER   a build of its own, without the repository's lock file and target folder
    mkdir -p "$work/cargo.src" && cp -r "$here/$1" "$work/cargo.src/" && cd "$work/cargo.src/$1" &&
        CARGO_TARGET_DIR=$work/cargo nice -n 5 cargo build --quiet
}

go_() {
    mkdir -p "$work/go.build" && cd "$here" &&
        GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work/go.build nice -n 5 go build -o "$work/go.build/drive" go_sqlite3.go
}

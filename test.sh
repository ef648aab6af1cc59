#!/usr/bin/env bash
# Installs what the tests need on Debian, then runs all of them. From a cold start about a quarter of an hour on two cores.
#   ./test.sh            everything
#   ./test.sh --quick    without installing, licences, advisories
set -euo pipefail
cd "$(dirname "$0")"
export PATH="$PATH:/usr/sbin" # nginx
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0 INSTA_UPDATE=no

say() { printf '\n== %s\n' "$*"; }

install_missing() {
  local missing=()
  command -v cc >/dev/null || missing+=(build-essential)
  command -v chromium >/dev/null || missing+=(chromium)
  command -v chromedriver >/dev/null || missing+=(chromium-driver)
  command -v firefox-esr >/dev/null || missing+=(firefox-esr)
  command -v age >/dev/null || missing+=(age)
  command -v sqlite3 >/dev/null || missing+=(sqlite3)
  command -v nginx >/dev/null || missing+=(nginx-light)
  command -v caddy >/dev/null || missing+=(caddy)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v python3 >/dev/null || missing+=(python3)
  fc-list 2>/dev/null | grep -qi khmer || missing+=(fonts-noto-core fontconfig)
  if ! python3 -c 'import aiosmtpd' 2>/dev/null && ! /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; then
    missing+=(python3-aiosmtpd)
  fi
  if ((${#missing[@]})); then
    say "installing: ${missing[*]}"
    local root=()
    [ "$(id -u)" = 0 ] || root=(sudo)
    "${root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
  if ! command -v cargo-deny >/dev/null && ! [ -x target/tools/bin/cargo-deny ]; then
    say 'installing: cargo-deny'
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_TARGET_DIR=target/tools/build \
      cargo install --quiet --locked --root target/tools cargo-deny
    rm -rf target/tools/build
  fi
}

# Licences, sources and bans always; advisories from a copy of the advisory database beside the project where there is one, else from the public one.
check_supply_chain() {
  export PATH="$PWD/target/tools/bin:$PATH"
  local copy=../shared/advisory-db
  if [ -d "$copy" ]; then
    local db=target/advisory-dbs/advisory-db-3157b0e258782691
    if ! [ -d "$db/.git" ]; then
      mkdir -p "$db"
      cp -r "$copy/." "$db/"
      git -C "$db" init -q
      git -C "$db" add -A
      git -C "$db" -c user.name=copy -c user.email=copy@localhost commit -qm copy
      # cargo-deny reads the age of the database from the time of the last fetch.
      touch "$db/.git/FETCH_HEAD"
    fi
    cargo deny --offline check
  else
    cargo deny check
  fi
}

if [ "${1:-}" != --quick ]; then install_missing; fi
say 'format';  cargo fmt --check
say 'lints';   cargo clippy --quiet --all-targets -- -D warnings
# As a release is compiled: without what debug assertions bring, the suite of tests above all.
say 'nothing half connected'; cargo clippy --quiet --lib -- --cfg rooms_closed -C debug-assertions=off -A unused_imports -D warnings
say 'tests';   cargo test --quiet --no-fail-fast
if [ "${1:-}" != --quick ]; then say 'licences and advisories'; check_supply_chain; fi
say 'all passed'

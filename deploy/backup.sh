#!/usr/bin/env bash
# One backup of Kapea's database, while it runs: a copy, looked at, encrypted, and only then counted as one.
#
#   backup.sh DATABASE FOLDER age1RECIPIENT [DAYS]
#
# Says "ok" and ends with 0 only if FOLDER/YYYY-MM-DD.db.age is there and what went into it was a whole database. Deletes backups older
# than DAYS (30) only after that. The copy is made with VACUUM INTO: it does not keep which pages were written together.
set -euo pipefail
umask 077

fail() { echo "backup FAILED: $*" >&2; exit 1; }
[ $# -ge 3 ] || fail "usage: backup.sh DATABASE FOLDER age1RECIPIENT [DAYS]"
database=$1 folder=$2 recipient=$3 days=${4:-30}
[ -s "$database" ] || fail "there is no database at $database"
[ -d "$folder" ] || fail "there is no folder $folder"
[[ $days =~ ^[0-9]+$ ]] || fail "DAYS is a number"

target=$folder/$(date -u +%F).db.age
[ ! -e "$target" ] || fail "$target is there already"
copy=$(mktemp -u "$folder/.copy.XXXXXXXX")
trap 'if [ -e "$copy" ]; then shred -u "$copy" || rm -f "$copy"; fi; rm -f "$copy-journal" "$target.part"' EXIT

ask() { sqlite3 -readonly -batch -bail -cmd '.timeout 60000' "$1" "$2"; }
count='SELECT (SELECT count(*) FROM staff) || " " || (SELECT count(*) FROM reports)'
before=$(ask "$database" "$count") || fail "$database is not Kapea's database, or cannot be read"
ask "$database" "VACUUM INTO '${copy//\'/\'\'}'" || fail "the copy could not be made: is there room in $folder?"
# The keys of forms live two days and are in no backup: a code that is shown once must not come of one. No journal, which would keep them.
forget='PRAGMA journal_mode = MEMORY; PRAGMA secure_delete = ON; DELETE FROM ticket_keys; SELECT count(*) FROM ticket_keys'
left=$(sqlite3 -batch -bail "$copy" "$forget") || fail "the keys of forms could not be taken out of the copy"
[ "${left##*$'\n'}" = 0 ] || fail "the keys of forms are still in the copy"
[ "$(ask "$copy" 'PRAGMA integrity_check')" = ok ] || fail "the copy is damaged"
after=$(ask "$copy" "$count") || fail "the copy cannot be read"
[ "${after%% *}" -ge 1 ] && [ "${after%% *}" -ge "${before%% *}" ] || fail "the copy lacks what the database has"

age -r "$recipient" -o "$target.part" "$copy" || fail "the copy could not be encrypted: is there room in $folder?"
[ "$(stat -c %s "$target.part")" -gt "$(stat -c %s "$copy")" ] || fail "the encrypted file is too short"
sync "$target.part"
mv -n "$target.part" "$target"
sync "$folder"
[ -s "$target" ] || fail "$target is not there"

find "$folder" -maxdepth 1 -name '*.db.age' -mtime "+$days" ! -path "$target" -delete
echo "ok: $target, ${after#* } reports"

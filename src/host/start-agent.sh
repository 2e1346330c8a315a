# Becomes the agent of ipc-sweep on a host, which is compiled there first when it is missing. It reads
# the agent's text from standard input once it has said that it needs it, and nothing before.
#
# src/host/bootstrap.ts puts `version=...; silence=...; bytes=...` in front and sends the rest as one
# line between single quotes, which any login shell takes: so each line is a whole command, and there
# are no single quotes, backslashes and exclamation marks. Machines that share a home keep apart: the
# folder is named for the system, what is being built for the machine and the process.
cache="${XDG_CACHE_HOME:-$HOME/.cache}/ipc-sweep"
folder="$cache/agent-$version-$(uname -s)-$(uname -m)"
agent="$folder/agent"
if "$agent" check >/dev/null 2>&1; then exec "$agent" $version $silence; fi
drafts="$folder/.draft-$(uname -n)-"
draft="$drafts$$"
fail() { echo "ipc-sweep-agent $version fails: $1"; shift; "$@" 2>&1 | head -c 4000; rm -f "$draft" "$draft.c" "$draft.said" 2>/dev/null; exit 3; }
said=$( (umask 022; mkdir -p "$folder") 2>&1) || fail folder echo "$said"
for file in "$drafts"*; do owner="${file#"$drafts"}"; owner="${owner%%.*}"; [ -f "$file" ] && [ "$owner" -gt 1 ] 2>/dev/null && { kill -0 "$owner" 2>/dev/null || rm -f "$file"; }; done
set -- ${CC:-cc}
command -v "$1" >/dev/null 2>&1 || fail compiler echo "$1"
said=$( (: >"$draft.c") 2>&1) || fail folder echo "$said"
echo "ipc-sweep-agent $version needs its text"
head -c $bytes >"$draft.c" 2>"$draft.said" || fail folder cat "$draft.said"
[ "$(wc -c <"$draft.c")" -eq "$bytes" ] || fail folder echo "its text cannot be written in whole"
(umask 022; "$@" -std=c11 -O2 -o "$draft" "$draft.c") >"$draft.said" 2>&1 || fail compile cat "$draft.said"
"$draft" check >"$draft.said" 2>&1 || fail run cat "$draft.said"
said=$(mv -f "$draft" "$agent" 2>&1) || fail folder echo "$said"
rm -f "$draft.c" "$draft.said"
exec "$agent" $version $silence

# Becomes the agent of ipc-sweep on a host, which is compiled there first if it is missing. It reads
# the text of the agent from standard input after it has said that it needs it, and nothing before.
#
# src/host/bootstrap.ts puts `version=...; silence=...; bytes=...` in front and sends the rest as one
# line between single quotes, which any login shell accepts. So each line is a whole command, and
# there are no single quotes, backslashes and exclamation marks. Machines that share a home stay
# apart: the folder is named for the system, files being built for the machine and the process.
cache="${XDG_CACHE_HOME:-$HOME/.cache}/ipc-sweep"
folder="$cache/agent-$version-$(uname -s)-$(uname -m)"
agent="$folder/agent"
if "$agent" check >/dev/null 2>&1; then exec "$agent" $version $silence; fi
drafts="$folder/.draft-$(uname -n)-"
draft="$drafts$$"
clean() { rm -f "$draft" "$draft.c" 2>/dev/null; }
trap clean 0
trap "exit 3" 1 2 13 15
trap "" XFSZ
fail() { echo "ipc-sweep-agent $version fails: $1"; printf %s "$2" | head -c 4000; exit 3; }
said=$( (umask 022; mkdir -p "$folder") 2>&1) || fail folder "$said"
for file in "$drafts"*; do owner="${file#"$drafts"}"; owner="${owner%%.*}"; [ -f "$file" ] && [ "$owner" -gt 1 ] 2>/dev/null && { kill -0 "$owner" 2>/dev/null || rm -f "$file"; }; done
set -- ${CC:-cc}
command -v "$1" >/dev/null 2>&1 || fail compiler "$1"
said=$( (: >"$draft.c") 2>&1) || fail folder "$said"
echo "ipc-sweep-agent $version needs its text"
said=$(head -c $bytes 2>&1 >"$draft.c") || fail folder "$said"
[ "$(wc -c <"$draft.c")" -eq "$bytes" ] || fail folder "its text cannot be written in whole"
libraries=; [ "$(uname -s)" = SunOS ] && libraries="-lsocket -lnsl"
said=$( (umask 022; "$@" -std=c11 -O2 -o "$draft" "$draft.c" $libraries) 2>&1) || fail compile "$said"
noexec() { at=$(df -P "$folder" 2>/dev/null | tail -n 1); at="/${at#*% /}"; mount 2>/dev/null | grep -F " on $at " | grep -q "[(,] *noexec" && said="$at is mounted noexec"; }
said=$("$draft" check 2>&1) || { noexec; fail run "$said"; }
said=$(mv -f "$draft" "$agent" 2>&1) || fail folder "$said"
clean
exec "$agent" $version $silence

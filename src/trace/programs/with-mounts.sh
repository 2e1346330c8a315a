# Runs a command with kernel file systems mounted. It is meant to run in a mount namespace of its
# own (unshare --mount), so that nothing stays mounted, whatever happens to the command.
# Usage: sh with-mounts.sh 'TYPE:FOLDER ...' COMMAND [ARGUMENT ...]
set -eu
for wanted in $1; do
	mount -t "${wanted%%:*}" "${wanted%%:*}" "${wanted#*:}"
done
shift
exec "$@"

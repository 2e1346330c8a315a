# Runs a command where tracefs is mounted. Meant to run in a mount namespace of its own
# (unshare --mount), so that nothing stays mounted, whatever happens to the command.
# Usage: sh with-tracefs.sh COMMAND [ARGUMENT ...]
set -eu
mount -t tracefs tracefs /sys/kernel/tracing
exec "$@"

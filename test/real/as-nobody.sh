# Becomes nobody, who may sudo what a rule says, and runs ipc-sweep in the current folder. Meant to
# run as root in a mount namespace of its own (unshare --mount --propagation private): the rule, and
# the project and Node where nobody can reach them, are there in this namespace alone and end with
# it, whatever happens.
# Usage: sh as-nobody.sh RULE PROJECT NODE COMMAND [ARGUMENT ...]     (mount points: ./project/*, ./node)
set -eu
rule=$1 project=$2 node=$3
shift 3
mount -t tmpfs -o mode=0755 tmpfs /etc/sudoers.d
# No time stamps: sudo would keep a file of them.
printf 'Defaults:nobody timestamp_timeout=0, !mail_badpass, !mail_no_user\n%s\n' "$rule" > /etc/sudoers.d/rule
chmod 0440 /etc/sudoers.d/rule
if [ -d /run/sudo ]; then mount -t tmpfs -o mode=0711 tmpfs /run/sudo; fi
# The project's own folder may be root's alone, too.
for part in bundle node_modules package.json; do mount --bind "$project/$part" "project/$part"; done
mount --bind "$node" node
exec setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups "$@"

# Completes the words of ipc-sweep in fish.
# Install: SHELL=fish ipc-sweep completion > ~/.config/fish/completions/ipc-sweep.fish
function __ipc_sweep_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc)
    set -l found (env SHELL=fish ipc-sweep --get-yargs-completions $words "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c ipc-sweep -f -a '(__ipc_sweep_complete)'

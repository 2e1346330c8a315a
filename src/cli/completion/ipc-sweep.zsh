#compdef ipc-sweep
# Completes the words of ipc-sweep in zsh.
# Install: SHELL=zsh ipc-sweep completion >> ~/.zshrc
_ipc_sweep() {
  local found
  local -a lines
  found="$(SHELL=zsh ipc-sweep --get-yargs-completions "${(@Q)words[1,CURRENT]}" 2>/dev/null)"
  if [[ -n $found ]]; then
    lines=("${(@f)found}")
    _describe 'ipc-sweep' lines
  else
    _default
  fi
}
if [[ "${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _ipc_sweep "$@"
else
  compdef _ipc_sweep ipc-sweep
fi

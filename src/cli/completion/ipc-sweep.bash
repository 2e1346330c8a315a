# Completes the words of ipc-sweep in bash, from 3.2 on.
# Install: SHELL=bash ipc-sweep completion >> ~/.bashrc
_ipc_sweep() {
  local line=${COMP_LINE:0:COMP_POINT} rest piece word current cut='' at last=-1
  local -a words=()
  # bash takes words apart at characters such as = and :, so they are put together again where the
  # line has no blank between them.
  for ((at = 0; at <= COMP_CWORD; at++)); do
    piece=${COMP_WORDS[at]}
    rest=${line#"${line%%[![:space:]]*}"}
    if [[ $at -gt 0 && $rest == "$line" ]]; then
      words[last]+=$piece
    else
      words[++last]=$piece
    fi
    line=${rest#"$piece"}
  done
  current=${words[last]}
  # What is put in replaces only what follows the last of these characters.
  for piece in = : @; do
    if [[ $COMP_WORDBREAKS == *"$piece"* && $current == *"$piece"* ]]; then
      word=${current%"${current##*"$piece"}"}
      if [[ ${#word} -gt ${#cut} ]]; then cut=$word; fi
    fi
  done
  COMPREPLY=()
  while IFS= read -r word; do
    if [[ $word == "$current"* ]]; then COMPREPLY+=("${word#"$cut"}"); fi
  done < <(SHELL=bash ipc-sweep --get-yargs-completions "${words[@]}" 2>/dev/null)
}
complete -o bashdefault -o default -F _ipc_sweep ipc-sweep

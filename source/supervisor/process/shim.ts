/**
 * The small POSIX-sh program that stands between the supervisor and one agent. It claims the folder, starts the agent once,
 * holds its input open and writes down how it ended, so that a supervisor may come and go. 1.7 MiB, against 42 for node's.
 *
 * Traps that shaped it:
 * - The agent runs in the foreground: in a background job sh ignores SIGINT for good, and SIGINT is how claude is stopped.
 * - `trap :` and not `trap ''`: an ignored signal stays ignored in the agent, a handled one does not.
 * - A shell cannot tell death by signal n from exit 128+n (claude exits 143 by itself), but it prints a message for the first.
 *   It is silent about SIGINT and SIGPIPE, so 130 and 141 are taken for signals.
 * - dash redirects in itself before it forks: it would read the agent's input too, and print that message into the agent's
 *   stderr. So files are opened one process further in, by INNER.
 * - `hold` is opened for reading and writing: that never blocks, and the feeder's read ends when the shim does.
 * - Every variable has our prefix: assigning to one that the environment holds would change it for the agent.
 */

/** Sets looptop_who to `PID START-TIME BOOT-ID` of the shell that calls it, with `-` for what the system does not tell. */
const WHO = `
looptop_who() {
  looptop_stat= looptop_boot=-
  if [ -r /proc/$$/stat ]; then
    read -r looptop_stat </proc/$$/stat
    read -r looptop_boot </proc/sys/kernel/random/boot_id
  fi
  set -- \${looptop_stat##*) }
  looptop_who="$$ \${20:--} $looptop_boot"
}
`;

/** Becomes the agent: the same process, so that the pid and start time written here are the agent's own. No single quotes. */
const INNER = `${WHO}
looptop_dir=$1 looptop_stdin=$2 looptop_cgroup=$3 looptop_mask=$4 looptop_path=$5
shift 5
exec <"$looptop_stdin" >>"$looptop_dir/out" 2>>"$looptop_dir/err" 4>&-
looptop_held=marked
if [ -n "$looptop_cgroup" ] && echo 0 >"$looptop_cgroup/cgroup.procs"; then looptop_held=cgroup; fi 2>/dev/null
looptop_who
echo "$looptop_who $looptop_held" >"$looptop_dir/pid.tmp" && mv "$looptop_dir/pid.tmp" "$looptop_dir/pid" || exit 74
looptop_session=$(command -v setsid)
unset LOOPTOP_SHIM LOOPTOP_DIR
umask "$looptop_mask"
PATH=$looptop_path
exec $looptop_session "$@"
`;

/** Arguments: folder, mark, `none`/`text`/`live`, cgroup folder or '', then the agent's own. */
export const SHIM = `# Starts one agent of looptop, once, and outlives it. Its files are beside this one.
${WHO}
looptop_inner='${INNER}'
looptop_dir=$1 looptop_mark=$2 looptop_input=$3 looptop_cgroup=$4
shift 4
trap : HUP INT QUIT TERM USR1 USR2
looptop_mask=$(umask)
umask 077
looptop_path=$PATH
PATH=/usr/bin:/bin:$looptop_path
mkdir "$looptop_dir/claim" 2>/dev/null || exit 75
exec 2>>"$looptop_dir/err"
looptop_who
echo "$looptop_who" >"$looptop_dir/claim/shim"

looptop_stdin=/dev/null
case $looptop_input in
text)
  looptop_stdin=$looptop_dir/stdin
  ;;
live)
  looptop_stdin=$looptop_dir/in
  mkfifo "$looptop_dir/in" "$looptop_dir/hold"
  exec 4<>"$looptop_dir/hold"
  (
    exec 5<"$looptop_dir/hold" 4>&- >"$looptop_dir/in"
    cat "$looptop_dir/first"
    : >"$looptop_dir/fed"
    read -r _ <&5
  ) &
  ;;
esac

exec 2>"$looptop_dir/claim/messages"
LOOPTOP_RUN=$looptop_mark /bin/sh -c "$looptop_inner" \\
  agent "$looptop_dir" "$looptop_stdin" "$looptop_cgroup" "$looptop_mask" "$looptop_path" "$@"
looptop_code=$?

looptop_how=exited
if [ "$looptop_code" -gt 128 ]; then
  [ -s "$looptop_dir/claim/messages" ] && looptop_how=signalled
  case $looptop_code in 130 | 141) looptop_how=signalled ;; esac
fi
# A full disk may be freed again, a deleted folder does not come back; an exit code that was not written is lost.
looptop_tries=0
until echo "$looptop_code $looptop_how" >"$looptop_dir/exit.tmp" && mv "$looptop_dir/exit.tmp" "$looptop_dir/exit"; do
  looptop_tries=$((looptop_tries + 1))
  [ "$looptop_tries" -lt 600 ] && [ -d "$looptop_dir" ] || exit 74
  sleep 1
done
`;

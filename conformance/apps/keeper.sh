#!/bin/sh
# Keeps one background process for app.lua: starts it, waits on standard input, and ends it as soon as that pipe is
# closed - which the kernel does for the test, however the test ends. Not a general supervisor: it never restarts.
#
#   keeper.sh PIDFILE LOGFILE COMMAND [ARGUMENT...]

pidfile=$1 logfile=$2
shift 2

# Handlers (not "ignore", which the command would inherit) so that a Ctrl-C ends the read below and not this shell.
trap : HUP INT TERM

# A session of its own makes the command and its workers one process group. The death signal is the second belt: it
# reaches the command even if this shell is killed outright.
belt=
if setpriv --pdeathsig TERM true 2>/dev/null; then belt='setpriv --pdeathsig TERM'; fi
# shellcheck disable=SC2086
setsid $belt "$@" </dev/null >"$logfile" 2>&1 &
pid=$!
echo "$pid" >"$pidfile.new" && mv "$pidfile.new" "$pidfile"

read -r _

# Still running, and not just waiting to be waited for?
runs() {
    read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
    case ${stat##*) } in Z*) return 1 ;; esac
}

# "kill -s", because dash's kill takes no "--" after "-TERM", and a negative process id (the group) needs one.
kill -s TERM -- "-$pid" 2>/dev/null || kill -s TERM "$pid" 2>/dev/null
tries=150
while [ "$tries" -gt 0 ] && runs; do
    sleep 0.02
    tries=$((tries - 1))
done
kill -s KILL -- "-$pid" 2>/dev/null
wait "$pid" 2>/dev/null
exit 0

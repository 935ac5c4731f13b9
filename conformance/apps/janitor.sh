#!/bin/sh
# Cleans up behind one test run of app.lua, however it ends: when standard input closes, the temporary directory goes.
# A run that hangs is ended after LIMIT seconds; with it close the pipes that keep its background processes alive.
#
#   janitor.sh LIMIT DIRECTORY

limit=$1 dir=$2 test=$PPID
trap : HUP INT TERM
timeout "$limit" cat >/dev/null
if [ $? -eq 124 ]; then
    echo "app: still running after $limit s, ending it" >&2
    kill -s TERM "$test"
fi
rm -rf -- "$dir"

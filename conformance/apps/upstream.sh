#!/bin/sh
# Runs LuaSocket's own test programs (upstream.lua) where they belong: with at most 900 descriptors, which their select
# test counts on, and in a network namespace of its own, where the address that must not answer does not and where no
# name server is asked. Without the right to make a namespace they run on the real network.
#
#   upstream.sh INTERPRETER CHECKOUT [ORIGINAL]

here=$(dirname -- "$0")
interpreter=$1
shift

ulimit -n 900 || exit 1
if sh "$here/isolated.sh" true; then
    exec sh "$here/isolated.sh" "$interpreter" "$here/upstream.lua" "$@"
fi
echo "# no network namespace: on the real network"
exec "$interpreter" "$here/upstream.lua" "$@"

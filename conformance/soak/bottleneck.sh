#!/bin/sh
# Runs a command (or nothing, to see whether it can) in a network of its own, whose loopback is slow and loses packets.
# The last line of its output says how, or why it cannot be.

set -u
if [ "${MOONSOCKET_APART:-}" != yes ]; then
  if ! unshare -n true 2>/dev/null; then
    echo "no network of its own (that needs root)"
    exit 77
  fi
  MOONSOCKET_APART=yes exec unshare -n sh "$0" "$@"
fi
ip link set lo mtu 1500 up 2>/dev/null || { echo "no ip command"; exit 77; }
if tc qdisc add dev lo root netem delay 10ms 5ms loss 2% 2>/dev/null; then
  how="10 ms of delay, 2 % of loss"
elif tc qdisc add dev lo root tbf rate 100mbit burst 8k limit 40000 2>/dev/null; then
  # Without netem: a queue so short that it overflows. What overflows is lost.
  how="100 Mbit/s, and a queue of 40 kB that overflows"
else
  echo "the kernel has neither netem nor a token bucket"
  exit 77
fi
if [ $# -eq 0 ]; then
  echo "$how"
  exit 0
fi
"$@"
code=$?
tc -s qdisc show dev lo | sed -n 's/^ Sent /  through it: /p'
exit $code

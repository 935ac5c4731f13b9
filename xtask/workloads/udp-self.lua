-- A message of SIZE bytes that a socket sends to itself, and its receivefrom.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local data = ("x"):rep(workload.settings[1])
local peer = assert(workload.socket.udp())
assert(peer:setsockname("127.0.0.1", 0))
local ip, port = peer:getsockname()
workload.go(0)
for _ = 1, workload.n do
  assert(peer:sendto(data, ip, port))
  assert(peer:receivefrom())
end
workload.done()

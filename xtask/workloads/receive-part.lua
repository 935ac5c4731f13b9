-- A send of SIZE bytes and a receive of more without time, in this process: the way of programs with a loop of their own.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local data = ("x"):rep(workload.settings[1])
local server = assert(workload.socket.bind("127.0.0.1", 0))
local client = assert(workload.socket.tcp())
assert(client:connect(server:getsockname()))
local peer = assert(server:accept())
client:settimeout(0)
workload.go(0)
for _ = 1, workload.n do
  assert(peer:send(data))
  local _, _, part = client:receive(8192)
  assert(#part == #data)
end
workload.done()

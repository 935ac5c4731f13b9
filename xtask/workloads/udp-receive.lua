-- receive of datagrams of SIZE bytes, of which the peer sends COUNT for each that it gets.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local size, count = workload.settings[1], workload.settings[2]
local data = ("x"):rep(size)
local peer = assert(workload.socket.udp())
assert(peer:setpeername("127.0.0.1", workload.port))
workload.go(0)
for _ = 1, workload.n / count do
  assert(peer:send(data))
  for _ = 1, count do assert(peer:receive()) end
end
workload.done()

-- receive of datagrams of SIZE bytes, of which the peer sends COUNT for each that it gets; receivefrom, on a socket that is
-- not connected, with a third setting.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local size, count, from = workload.settings[1], workload.settings[2], workload.settings[3]
local data = ("x"):rep(size)
local peer = assert(workload.socket.udp())
if from then
  assert(peer:setsockname("127.0.0.1", 0))
else
  assert(peer:setpeername("127.0.0.1", workload.port))
end
workload.go(0)
for _ = 1, workload.n / count do
  if from then
    assert(peer:sendto(data, "127.0.0.1", workload.port))
    for _ = 1, count do assert(peer:receivefrom()) end
  else
    assert(peer:send(data))
    for _ = 1, count do assert(peer:receive()) end
  end
end
workload.done()

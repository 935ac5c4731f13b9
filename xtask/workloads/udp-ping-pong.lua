-- A datagram of SIZE bytes there and back; on an unconnected socket if the second setting is "to".
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local size, to = workload.settings[1], workload.settings[2] == "to"
local data = ("x"):rep(size)
local port = workload.port
local peer = assert(workload.socket.udp())
workload.go(0)
if to then
  for _ = 1, workload.n do
    assert(peer:sendto(data, "127.0.0.1", port))
    assert(peer:receivefrom())
  end
else
  assert(peer:setpeername("127.0.0.1", port))
  for _ = 1, workload.n do
    assert(peer:send(data))
    assert(peer:receive())
  end
end
workload.done()

-- Connections that have had an exchange and are kept: what they hold is measured.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local clients = {}
for i = 1, workload.n do clients[i] = false end
collectgarbage()
workload.go(0)
for i = 1, workload.n do
  local client = workload.connect()
  assert(client:send("x"))
  assert(client:receive(1))
  clients[i] = client
end
collectgarbage()
collectgarbage()
workload.done()

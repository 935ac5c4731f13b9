-- select over COUNT connections with the limit 0; READY of them have something to read.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local count, ready = workload.settings[1], workload.settings[2]
local clients = {}
for i = 1, count do clients[i] = workload.connect() end
local select = workload.socket.select
while ready > 0 and #select(clients, nil, 1) < ready do end
workload.go(count)
for _ = 1, workload.n do
  local readable = select(clients, nil, 0)
  assert(#readable == ready)
end
workload.done()

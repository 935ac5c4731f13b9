-- receive(64) with exactly that ready, and nothing buffered: a connection for each.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local clients = {}
for i = 1, workload.all do clients[i] = workload.connect() end
workload.go(workload.all)
for i = 1, workload.n do assert(clients[i]:receive(64)) end
workload.done()

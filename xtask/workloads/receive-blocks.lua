-- receive(SIZE) of a stream that does not end.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local size = workload.settings[1]
local client = workload.connect()
workload.go(1)
for _ = 1, workload.n do assert(client:receive(size)) end
workload.done()

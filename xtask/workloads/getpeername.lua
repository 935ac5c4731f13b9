-- getpeername.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local client = workload.connect()
workload.go(1)
for _ = 1, workload.n do assert(client:getpeername()) end
workload.done()

-- settimeout(5).
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local client = workload.connect()
workload.go(1)
for _ = 1, workload.n do client:settimeout(5) end
workload.done()

-- send of SIZE bytes.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local client = workload.connect()
local data = ("x"):rep(workload.settings[1])
workload.go(1)
for _ = 1, workload.n do assert(client:send(data)) end
workload.done()

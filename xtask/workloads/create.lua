-- New objects, and their collection.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local tcp = workload.socket.tcp
workload.go(0)
for _ = 1, workload.n do tcp() end
workload.done()

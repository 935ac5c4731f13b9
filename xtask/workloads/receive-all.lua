-- receive("*a") of a stream of SIZE bytes.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local size = workload.settings[1]
local client = workload.connect()
workload.go(1)
assert(#assert(client:receive("*a")) == size)
workload.done()

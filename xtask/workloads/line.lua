-- receive("*l") of lines that the first one brought into the buffer.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local client = workload.connect()
workload.go(1)
assert(client:receive("*l"))
for _ = 1, workload.n do assert(client:receive("*l")) end
workload.done()

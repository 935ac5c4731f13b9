-- accept without time, with nobody there.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local server = assert(workload.socket.bind("127.0.0.1", 0))
server:settimeout(0)
workload.go(0)
for _ = 1, workload.n do assert(not server:accept()) end
workload.done()

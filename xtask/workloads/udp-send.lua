-- sendto of SIZE bytes, as fast as it goes.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local data = ("x"):rep(workload.settings[1])
local port = workload.port
local peer = assert(workload.socket.udp())
workload.go(0)
for _ = 1, workload.n do assert(peer:sendto(data, "127.0.0.1", port)) end
workload.done()

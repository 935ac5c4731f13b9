-- send of 64 bytes.
local workload = dofile((arg[0]:gsub("[^/]*$", "setup.lua")))

local client = workload.connect()
local data = ("x"):rep(64)
workload.go(1)
for _ = 1, workload.n do assert(client:send(data)) end
os.exit(0)

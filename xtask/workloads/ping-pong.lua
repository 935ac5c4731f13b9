-- SIZE bytes there and back, with a time limit of LIMIT seconds if one is given.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local size, limit = workload.settings[1], workload.settings[2]
local client = workload.connect()
local data = ("x"):rep(size)
assert(client:setoption("tcp-nodelay", true))
if limit then assert(client:settimeout(limit)) end
workload.go(1)
for _ = 1, workload.n do
  assert(client:send(data))
  assert(client:receive(size))
end
workload.done()

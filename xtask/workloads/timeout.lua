-- receive with the limit 0 and nothing there.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local client = workload.connect()
assert(client:settimeout(0))
workload.go(1)
for _ = 1, workload.n do
  local data, problem = client:receive(1)
  assert(data == nil and problem == "timeout")
end
workload.done()

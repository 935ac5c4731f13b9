-- A byte there and back, without a time limit.
local workload = dofile((arg[0]:gsub("[^/]*$", "setup.lua")))

local client = workload.connect()
assert(client:setoption("tcp-nodelay", true))
workload.go(1)
for _ = 1, workload.n do
  assert(client:send("x"))
  assert(client:receive(1))
end
os.exit(0)

-- connect and close.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

workload.go(0)
for _ = 1, workload.n do
  assert(workload.connect():close())
end
workload.done()

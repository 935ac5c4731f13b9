-- accept and close, with the connections already there.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local server = assert(workload.socket.bind("127.0.0.1", 0, workload.all))
local _, port = server:getsockname()
workload.go(0, tonumber(port))
for _ = 1, workload.n do
  assert(assert(server:accept()):close())
end
workload.done()

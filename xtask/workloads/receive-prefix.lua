-- A send of a part of a string and a receive of the rest of a line, in this process: the way of programs that go on after a part, such as Copas.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local server = assert(workload.socket.bind("127.0.0.1", 0))
local client = assert(workload.socket.tcp())
assert(client:connect(server:getsockname()))
local peer = assert(server:accept())
workload.go(0)
for _ = 1, workload.n do
  assert(peer:send("and goes on\n", 5) == 12)
  assert(client:receive("*l", "a line that ") == "a line that goes on")
end
workload.done()

-- As ping-pong, in a fiber. LuaSocket, which has none, does it outside.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")
local has_fibers, moonsocket = pcall(require, "moonsocket")

local size = workload.settings[1]
local client = workload.connect()
local data = ("x"):rep(size)
assert(client:setoption("tcp-nodelay", true))
local function talk()
  workload.go(1)
  for _ = 1, workload.n do
    assert(client:send(data))
    assert(client:receive(size))
  end
  workload.done()
end
if not has_fibers then return talk() end
moonsocket.spawn(talk)
moonsocket.run()

-- Fibers with a connection each, that have had an exchange and wait for more: what they hold is measured.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")
local moonsocket = require("moonsocket")

local waiting = 0
local function talk()
  local client = workload.connect()
  assert(client:send("x"))
  assert(client:receive(1))
  waiting = waiting + 1
  client:receive()
end
local function heap()
  collectgarbage()
  collectgarbage()
  return collectgarbage("count") * 1024
end

moonsocket.spawn(function()
  local before = heap()
  workload.go(0)
  for i = 1, workload.n do
    moonsocket.spawn(talk)
    -- Not all of them at once: the other end's queue is shorter.
    while i - waiting > 50 do workload.socket.sleep(0) end
  end
  while waiting < workload.n do workload.socket.sleep(0.001) end
  workload.done(heap() - before)
end)
moonsocket.run()

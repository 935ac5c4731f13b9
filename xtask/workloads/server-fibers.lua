-- An echo server for lines, with a fiber for each connection.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

local moonsocket = require("moonsocket")
local server = assert(workload.socket.bind("127.0.0.1", 0, 4096))
local _, port = server:getsockname()
io.write(string.format("ready 0 %d\n", port))
io.flush()
local function echo(peer)
  peer:setoption("tcp-nodelay", true)
  local line = peer:receive()
  while line and peer:send(line .. "\n") do line = peer:receive() end
  peer:close()
end
moonsocket.spawn(function()
  while true do moonsocket.spawn(echo, assert(server:accept())) end
end)
moonsocket.run()

-- A guest in a chat who says what is on the command line, and shows what it hears for a while.
--
--   cargo xtask run examples/lua/chat_client.lua HOST PORT NAME SECONDS [LINE...]
--
-- To chat by hand: nc 127.0.0.1 7000

local moonsocket = require "moonsocket"
local socket = require "socket"

io.stdout:setvbuf("line")
local client = assert(socket.connect(arg[1], arg[2], { timeout = 5 }))
local name, seconds = arg[3], tonumber(arg[4])
assert(client:receive(#"Your name? "))
assert(client:send(name .. "\n"))

-- One fiber listens, another speaks.
moonsocket.spawn(function()
  client:settimeout(seconds)
  local line = client:receive()
  while line do
    print(line)
    line = client:receive()
  end
  client:close()
end)
moonsocket.spawn(function()
  for i = 5, #arg do assert(client:send(arg[i] .. "\n")) end
end)
assert(moonsocket.run())

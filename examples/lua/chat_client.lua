-- A guest in a chat: what is typed goes to all others. At the end of the input (Ctrl-D) it leaves.
--
--   cargo xtask run examples/lua/chat_client.lua HOST PORT NAME
--   cargo xtask run examples/lua/chat_client.lua HOST PORT NAME SECONDS [LINE...]
--
-- With seconds it says these lines, and leaves when it has heard nothing for so long.

local moonsocket = require "moonsocket"
local socket = require "socket"

local host, port, name, seconds = arg[1], arg[2], arg[3], tonumber(arg[4])
if not name then
  io.stderr:write("usage: chat_client.lua HOST PORT NAME [SECONDS [LINE...]]\n")
  os.exit(2)
end

io.stdout:setvbuf("line")
local client = assert(socket.connect(host, port, { timeout = 5 }))
assert(client:receive(#"Your name? "))
assert(client:send(name .. "\n"))

-- The keyboard as something that select can wait for. Its lines must not hide in a buffer.
local keyboard = { getfd = function() return 0 end }
io.stdin:setvbuf("no")

local function typed()
  socket.select({ keyboard }, nil)
  return io.read()
end

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
  if seconds then return end
  local line = typed()
  while line and client:send(line .. "\n") do line = typed() end
  client:shutdown("send")
end)
assert(moonsocket.run())

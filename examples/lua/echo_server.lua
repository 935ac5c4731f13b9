-- Sends every line back. One fiber for each connection, so a slow client holds up nobody.
--
--   echo_server.lua [HOST [PORT [CLIENTS]]]     127.0.0.1 7007; after so many clients it ends, else never
--   cargo xtask run examples/lua/echo_server.lua

local moonsocket = require "moonsocket"
local socket = require "socket"

local host, port = arg[1] or "127.0.0.1", arg[2] or 7007
local clients = tonumber(arg[3] or math.huge)

io.stdout:setvbuf("line")
local server = assert(socket.bind(host, port))
host, port = server:getsockname()
print("listening on " .. host .. " " .. port)

local function serve(peer, name)
  local line, why, rest = peer:receive()
  while line and peer:send(line .. "\n") do
    line, why, rest = peer:receive()
  end
  -- What came after the last line end goes back as it is.
  if why == "closed" and #rest > 0 then peer:send(rest) end
  peer:close()
  print(name .. " has gone")
end

moonsocket.spawn(function()
  local served = 0
  while served < clients do
    local peer = assert(server:accept())
    served = served + 1
    local ip, from = peer:getpeername()
    local name = "client " .. served .. " (" .. ip .. " " .. from .. ")"
    print(name .. " is here")
    moonsocket.spawn(serve, peer, name)
  end
  server:close()
end)
assert(moonsocket.run())

-- Passes connections on: what comes to a port here goes to a port there, and back.
--
--   port_forwarder.lua HERE THERE_HOST THERE_PORT [CONNECTIONS]
--   cargo xtask run examples/lua/port_forwarder.lua 7001 127.0.0.1 7000

local moonsocket = require "moonsocket"
local socket = require "socket"

local here, there_host, there_port = arg[1], arg[2], arg[3]
local connections = tonumber(arg[4] or math.huge)
if not there_port then
  io.stderr:write("usage: port_forwarder.lua HERE THERE_HOST THERE_PORT [CONNECTIONS]\n")
  os.exit(2)
end

local server = assert(socket.bind("127.0.0.1", here))
print(("listening on %s %d"):format(server:getsockname()))
io.stdout:flush()

-- One direction. The end of the stream is passed on as well; the other direction may go on.
local function copy(from, to)
  local data = from:receiveany(65536)
  while data and to:send(data) do data = from:receiveany(65536) end
  to:shutdown("send")
  if data then from:shutdown("receive") end -- nobody wants what is still to come
end

local function forward(client)
  local there, why = socket.connect(there_host, there_port, { timeout = 10, happy_eyeballs = true })
  if not there then
    print("no connection: " .. why)
    return client:close()
  end
  client:setoption("tcp-nodelay", true)
  there:setoption("tcp-nodelay", true)
  local left = 2
  local function direction(from, to)
    copy(from, to)
    left = left - 1
    if left == 0 then
      client:close()
      there:close()
    end
  end
  moonsocket.spawn(direction, client, there)
  moonsocket.spawn(direction, there, client)
end

moonsocket.spawn(function()
  for _ = 1, connections do moonsocket.spawn(forward, assert(server:accept())) end
  server:close()
end)
assert(moonsocket.run())

-- The echo of echo.lua in the second dialect: osn, where a table describes a socket.
--
--   cargo xtask run examples/lua/osn_echo.lua

local moonsocket = require "moonsocket"
local osn = require "osn"

local server = assert(osn.serve { ip = "127.0.0.1", port = 0 })
local ip, port = server:getsockname()
print("server  listens on " .. ip .. ":" .. port)

local function serve()
  local peer = assert(server:accept())
  local data, why = peer:receive(1024) -- whatever is there, at most 1024 bytes
  while data do
    assert(peer:send(data))
    data, why = peer:receive(1024)
  end
  print("server  ends: " .. why)
  peer:close()
end

local answer

local function talk()
  local client = assert(osn.connect { ip = ip, port = port, tcp_nodelay = true, connect_timeout = 2000 })
  assert(client:send("to be or not to be"))
  answer = assert(client:receive(1024))
  print("client  got '" .. answer .. "'")
  -- A long poll: nothing will come, and that is no error.
  local data, why = client:receive(1024, 0.1)
  print("client  waited: '" .. data .. "', " .. why)
  client:close()
end

moonsocket.spawn(serve)
moonsocket.spawn(talk)
assert(moonsocket.run())
server:close()
assert(answer == "to be or not to be")

-- An echo server and its client in one program, each a fiber: a call that has to wait lets the other go on.
--
--   cargo xtask run examples/lua/echo.lua

local moonsocket = require "moonsocket"
local socket = require "socket"

local server = assert(socket.bind("127.0.0.1", 0)) -- port 0: any that is free
local host, port = server:getsockname()
print("server  listens on " .. host .. ":" .. port)

local function serve()
  local peer = assert(server:accept())
  print("server  has a client")
  local line, why = peer:receive() -- no limit: waits for as long as it takes
  while line do
    assert(peer:send(line .. "\n"))
    line, why = peer:receive()
  end
  print("server  ends: " .. why)
  peer:close()
end

local answers = 0

local function talk()
  local client = assert(socket.connect(host, port))
  client:settimeout(5) -- seconds, for each call
  for _, word in ipairs { "to be", "or not to be", "that is the question" } do
    assert(client:send(word .. "\n"))
    local answer = assert(client:receive())
    print("client  sent '" .. word .. "', got '" .. answer .. "'")
    assert(answer == word)
    answers = answers + 1
  end
  client:close()
end

moonsocket.spawn(serve)
moonsocket.spawn(talk)
moonsocket.run() -- until both have ended
server:close()

-- An error in a fiber is reported and ends that fiber alone: whether all went well is for the program to know.
assert(answers == 3, "the client did not get its answers")
print("done on the " .. moonsocket._BACKEND .. " backend, Lua " .. moonsocket._LUA)

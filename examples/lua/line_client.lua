-- Asks a line and waits for the answer, but only so long. Shows what a timeout leaves behind: the part of the line
-- that had come, and a connection that is as good as before.
--
--   line_client.lua [SECONDS]                   0.2
--   cargo xtask run examples/lua/line_client.lua

local moonsocket = require "moonsocket"
local socket = require "socket"

local limit = tonumber(arg[1] or 0.2)
local server = assert(socket.bind("127.0.0.1", 0))
local host, port = server:getsockname()

-- Answers in two pieces with a pause between them, which is longer than the client likes.
local function serve()
  local peer = assert(server:accept())
  local question = assert(peer:receive())
  assert(peer:send("you asked: "))
  socket.sleep(limit * 2)
  assert(peer:send(question .. "\n"))
  assert(peer:receive() == nil)
  peer:close()
end

-- One line; when the limit strikes, what there is of it, to go on from.
local function line(client, so_far)
  local whole, why, part = client:receive("*l", so_far)
  if whole then return whole end
  print(string.format("after %g s: %s, with '%s' so far", limit, why, part))
  assert(why == "timeout", why)
  return nil, part
end

local answer

local function ask()
  local client = assert(socket.connect(host, port))
  client:settimeout(limit)
  assert(client:send("what time is it?\n"))
  local part
  repeat
    answer, part = line(client, part)
  until answer
  print("the whole answer: '" .. answer .. "'")
  client:close()
end

moonsocket.spawn(serve)
moonsocket.spawn(ask)
assert(moonsocket.run())
server:close()
assert(answer == "you asked: what time is it?")

-- A hundred fibers, each with a connection of its own to a server that takes its time for every answer. One after the
-- other they would take a hundred times as long as all of them together do.
--
--   concurrent.lua [FIBERS [SECONDS]]           100 fibers, 0.2 seconds for an answer
--   cargo xtask run examples/lua/concurrent.lua

local moonsocket = require "moonsocket"
local socket = require "socket"

local fibers = tonumber(arg[1] or 100)
local delay = tonumber(arg[2] or 0.2)

local server = assert(socket.bind("127.0.0.1", 0, fibers))
local host, port = server:getsockname()

local function answer(peer)
  local question = assert(peer:receive())
  socket.sleep(delay) -- this fiber alone
  assert(peer:send("answer to " .. question .. "\n"))
  peer:close()
end

local function serve()
  for _ = 1, fibers do
    moonsocket.spawn(answer, assert(server:accept()))
  end
end

local answered = 0

local function ask(number)
  local client = assert(socket.connect(host, port))
  client:settimeout(30)
  assert(client:send("question " .. number .. "\n"))
  assert(assert(client:receive()) == "answer to question " .. number)
  answered = answered + 1
  client:close()
end

moonsocket.spawn(serve)
for number = 1, fibers do
  moonsocket.spawn(ask, number)
end

local began = socket.gettime()
assert(moonsocket.run())
local took = socket.gettime() - began
server:close()
assert(answered == fibers, answered .. " of " .. fibers .. " fibers got an answer")
print(string.format(
  "%d fibers, %g s for each answer: all done in %.2f s (one after the other: %.0f s)",
  fibers, delay, took, fibers * delay
))

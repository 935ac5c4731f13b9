-- The page's own example, as a program of its own.

local t, s = ...

local PAIR = [[
  local emilua = require("emilua")
  emilua.globals()
  local ip, stream = require("ip"), require("stream")
  local spawn, byte_span = spawn, byte_span
  local print = say
  local function socket_pair()
    local acceptor = ip.tcp.acceptor.new()
    acceptor:open("v4")
    acceptor:bind("127.0.0.1", 0)
    acceptor:listen()
    local a = ip.tcp.socket.new()
    a:connect(acceptor.local_address, acceptor.local_port)
    local b = acceptor:accept()
    acceptor:close()
    return a, b
  end
]]

local EXAMPLE = [[
-- `socket_pair()` implementation is
-- left as an exercise for the reader
local a, b = socket_pair()

spawn(function()
    local buf = byte_span.new(1024)
    local nread = b:read_some(buf)
    print(buf:slice(1, nread))
end):detach()

local nwritten = stream.write_all(a, 'Hello World')
print(nwritten)
]]

local function printed(source)
  local words = {}
  for word in t.peer(source):finish():gmatch("[^\n]+") do words[#words + 1] = word end
  table.sort(words)
  return table.concat(words, ", ")
end

t.case("verbatim, as the main fiber", function()
  t.equal(printed(PAIR .. "assert(emilua.run(function()\n" .. EXAMPLE .. "\nend))"), "11, Hello World")
end)

t.case("verbatim, as a plain script that then lets its fibers run", function()
  t.equal(printed(PAIR .. EXAMPLE .. "\nassert(emilua.run(function() end))"), "11, Hello World")
end)

s.case("its parts, looked at", function()
  local a, b = s.pair()
  local seen
  s.spawn(function()
    local buf = s.byte_span.new(1024)
    local nread = b:read_some(buf)
    seen = tostring(buf:slice(1, nread))
  end):detach()
  t.equal(s.stream.write_all(a, "Hello World"), 11)
  s.await(function() return seen end)
  t.equal(seen, "Hello World")
end)

-- Sends a few lines to echo_server.lua and compares what comes back. Nothing but LuaSocket's own calls.
--
--   echo_client.lua [HOST [PORT [LINES]]]       127.0.0.1 7007, 1000 lines
--   cargo xtask run examples/lua/echo_client.lua

local socket = require "socket"

local host, port = arg[1] or "127.0.0.1", arg[2] or 7007
local lines = tonumber(arg[3] or 1000)

local client = assert(socket.connect(host, port))
client:settimeout(10)
client:setoption("tcp-nodelay", true)

local began = socket.gettime()
for i = 1, lines do
  local line = "line " .. i
  assert(client:send(line .. "\n"))
  local answer = assert(client:receive())
  assert(answer == line, "sent '" .. line .. "', got '" .. answer .. "'")
end
local took = socket.gettime() - began

-- No more from here: the server sees the end, and sends back what has no line end.
client:send("the end")
client:shutdown("send")
assert(client:receive("*a") == "the end")

local received, sent = client:getstats()
client:close()
print(string.format("%d lines there and back in %.3f s; %.0f bytes sent, %.0f received", lines, took, sent, received))

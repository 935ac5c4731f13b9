-- A client in Emilua: sends lines to an echo server, and gets each of them back.
--
--   cargo xtask run examples/lua/emilua_client.lua HOST PORT [LINES]

local emilua = require "emilua"
local ip, stream = emilua.ip, emilua.stream

local host, port, count = arg[1] or "127.0.0.1", arg[2] or 7007, tonumber(arg[3] or 10)

-- The second result is the error of the main fiber.
assert(emilua.run(function()
  local socket = ip.tcp.dial(host, port)
  socket:set_option("tcp_no_delay", true)
  for i = 1, count do
    local line = "line " .. i .. "\n"
    stream.write_all(socket, line)
    local answer = emilua.byte_span.new(#line)
    stream.read_all(socket, answer)
    assert(tostring(answer) == line)
  end
  socket:close()
end))
print(count .. " lines there and back")

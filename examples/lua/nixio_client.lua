-- A client in nixio: sends lines to an echo server, and gets each of them back.
--
--   cargo xtask run examples/lua/nixio_client.lua HOST PORT [LINES]

local nixio = require "nixio"
require "nixio.util"

local host, port, count = arg[1] or "127.0.0.1", arg[2] or 7000, tonumber(arg[3] or 10)

local peer, _, why = nixio.connect(host, port)
if not peer then error(host .. " " .. port .. ": " .. why, 0) end
assert(peer:setopt("tcp", "nodelay", 1))
assert(peer:setopt("socket", "rcvtimeo", 2.5))

local lines = peer:linesource()
for i = 1, count do
  assert(peer:writeall("line " .. i .. "\r\n"))
  local line, code, message = lines()
  assert(line == "line " .. i, message or code)
end
peer:shutdown("wr")
assert(peer:readall() == "")
peer:close()
print(count .. " lines there and back")

-- Sends lines to sgssockets_server.lua and compares what comes back, in sgssockets.
--
--   sgssockets_client.lua [HOST [PORT [LINES]]]     127.0.0.1 7007, 1000 lines
--   cargo xtask run examples/lua/sgssockets_client.lua

local S = require "sgssockets"

local host, port = arg[1] or "127.0.0.1", arg[2] or "7007"
local lines = tonumber(arg[3] or 1000)

local found = assert(S.socket_getaddrinfo(host, port, S.SOCK_STREAM, S.AF_INET))
local client = assert(S.socket_tcp())
client.recv_timeout = 10
if not client:connect(found[1].addr) then
  error("connect to " .. tostring(found[1].addr) .. ": " .. S.socket_error(true))
end

local function receive(size)
  local parts, got = {}, 0
  while got < size do
    local part = client:recv(size - got)
    if not part then error(S.socket_error(true)) end
    if part == true then error("end of stream") end
    parts[#parts + 1] = part
    got = got + #part
  end
  return table.concat(parts)
end

for i = 1, lines do
  local line = "line " .. i .. "\n"
  if client:send(line) ~= #line then error(S.socket_error(true)) end
  local answer = receive(#line)
  assert(answer == line, "sent '" .. line .. "', got '" .. answer .. "'")
end
client:close()
print(lines .. " lines there and back")

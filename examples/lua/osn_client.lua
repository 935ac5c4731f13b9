-- Sends lines to osn_server.lua and compares what comes back, in osn: receive gives what is there, so a line is put
-- together from what comes.
--
--   osn_client.lua [HOST [PORT [LINES]]]        127.0.0.1 7007, 1000 lines
--   cargo xtask run examples/lua/osn_client.lua

local osn = require "osn"

local host, port = arg[1] or "127.0.0.1", arg[2] or "7007"
local lines = tonumber(arg[3] or 1000)

local client = assert(osn.connect { ip = host, port = port, connect_timeout = 2000, tcp_nodelay = true })

-- Long polling: "" and "timeout" mean "not yet", nil and a reason "no more".
local function receive()
  while true do
    local data, why = client:receive(4096, 0.5)
    if not data then error(why) end
    if data ~= "" then return data end
  end
end

local buffer = ""
local function line()
  while not buffer:find("\n", 1, true) do buffer = buffer .. receive() end
  local first, rest = buffer:match("^(.-)\n(.*)$")
  buffer = rest
  return first
end

for i = 1, lines do
  local sent = "line " .. i
  assert(client:send(sent .. "\n"))
  local answer = line()
  assert(answer == sent, "sent '" .. sent .. "', got '" .. answer .. "'")
end
assert(client:close() and client.closed)
print(lines .. " lines there and back")

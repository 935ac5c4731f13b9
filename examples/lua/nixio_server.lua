-- An echo server in nixio: one thread, one poll list, any number of clients.
--
--   cargo xtask run examples/lua/nixio_server.lua [HOST [PORT [CLIENTS]]]
--
-- Without CLIENTS it runs for ever; else it ends when so many have come and gone.

local nixio = require "nixio"
require "nixio.util"

local host, port, clients = arg[1] or "127.0.0.1", arg[2] or 7000, tonumber(arg[3] or math.huge)
local IN = nixio.poll_flags("in")

local server = assert(nixio.bind(host, port))
assert(server:listen(32))
server:setblocking(false)
local ip, number = server:getsockname()
print("listening on " .. ip .. " " .. number)
io.stdout:flush()

local entries = {}

local function remove(entry)
  for i, other in ipairs(entries) do
    if other == entry then table.remove(entries, i) end
  end
  entry.fd:close()
end

local function serve(entry)
  local data, _, why = entry.fd:recv(nixio.const.buffersize)
  if data and data ~= "" then
    entry.fd:writeall(data)
  else
    print("client " .. entry.name .. " has gone: " .. (why or "end of stream"))
    remove(entry)
    clients = clients - 1
  end
end

local function welcome()
  local peer, peer_ip, peer_port = server:accept()
  -- False: somebody was there, and went away again.
  if not peer then return end
  local name = peer_ip .. ":" .. peer_port
  print("client " .. name .. " is here")
  peer:setopt("socket", "sndtimeo", 5)
  entries[#entries + 1] = { fd = peer, events = IN, name = name, handler = serve }
end

entries[1] = { fd = server, events = IN, handler = welcome }

while clients > 0 do
  assert(nixio.poll(entries, -1))
  for i = #entries, 1, -1 do
    local entry = entries[i]
    if (entry.revents or 0) ~= 0 then entry.handler(entry) end
  end
end
server:close()

-- Sends everything back, in sgssockets: all clients in one loop around socket_select, which shortens its arrays to the
-- sockets that are ready.
--
--   sgssockets_server.lua [HOST [PORT [CLIENTS]]]   any address, 7007; after so many clients it ends, else never
--   cargo xtask run examples/lua/sgssockets_server.lua

local S = require "sgssockets"
local unpack = table.unpack or unpack

local host, port = arg[1] or "127.0.0.1", tonumber(arg[2] or 7007)
local clients = tonumber(arg[3] or math.huge)

io.stdout:setvbuf("line")
local server = assert(S.socket_tcp())
server.reuse_addr = true
-- A port is all that bind takes: it is bound on every address of the machine.
if not (server:bind(port) and server:listen(16)) then error(S.socket_error(true)) end
print("listening on " .. host .. " " .. server:getsockname().port)

local open, names, served = { server }, {}, 0

local function leave(place)
  local peer = table.remove(open, place)
  print(names[peer] .. " has gone")
  names[peer] = nil
  peer:close()
end

while served < clients or #open > 1 do
  local reads = { unpack(open) }
  if S.socket_select(reads, {}, {}) < 0 then error(S.socket_error(true)) end
  for _, ready in ipairs(reads) do
    if ready == server then
      local peer, address = server:accept()
      if peer then
        served = served + 1
        names[peer] = "client " .. tostring(address)
        open[#open + 1] = peer
        print(names[peer] .. " is here")
      end
    else
      local data = ready:recv(4096)
      -- true is the end of the stream, false an error.
      if data == true or not data or not ready:send(data) then
        for place, socket in ipairs(open) do
          if socket == ready then
            leave(place)
            break
          end
        end
      end
    end
  end
end
server:close()

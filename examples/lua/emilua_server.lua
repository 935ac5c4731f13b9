-- Sends everything back, in Emilua: one fiber for each connection.
--
--   emilua_server.lua [HOST [PORT [CLIENTS]]]      127.0.0.1 7007; after so many clients it ends, else never
--   cargo xtask run examples/lua/emilua_server.lua

local emilua = require "emilua"
local ip, stream = emilua.ip, emilua.stream

local host, port = arg[1] or "127.0.0.1", arg[2] or 7007
local clients = tonumber(arg[3] or math.huge)

local function serve(peer)
  local name = "client " .. ip.tostring(peer.remote_address, peer.remote_port)
  print(name .. " is here")
  local buf = emilua.byte_span.new(4096)
  local ok, err = emilua.pcall(function()
    while true do stream.write_all(peer, buf:slice(1, peer:read_some(buf))) end
  end)
  assert(not ok)
  peer:close()
  print(name .. " has gone: " .. tostring(err))
end

assert(emilua.run(function()
  local acceptor = ip.tcp.listen(host, port)
  print("listening on " .. tostring(acceptor.local_address) .. " " .. acceptor.local_port)
  io.stdout:flush()
  for _ = 1, clients do
    local peer = acceptor:accept()
    emilua.spawn(function() serve(peer) end):detach()
  end
  acceptor:close()
end))

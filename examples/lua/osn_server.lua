-- Sends everything back, in osn: one fiber for each connection. Ctrl-C or SIGTERM ends it, when its clients have gone.
--
--   osn_server.lua [HOST [PORT [CLIENTS]]]      127.0.0.1 7007; after so many clients it ends, else with a signal
--   cargo xtask run examples/lua/osn_server.lua

local moonsocket = require "moonsocket"
local osn = require "osn"

local host, port = arg[1] or "127.0.0.1", arg[2] or "7007"
local clients = tonumber(arg[3] or math.huge)

io.stdout:setvbuf("line")
local server = assert(osn.serve { ip = host, port = port, tcp_nodelay = true })
print("listening on " .. table.concat({ server:getsockname() }, " "))

-- A signal is told once, to the first call that waits: whichever that is, it ends the server.
local ending
local function stop(signal)
  ending = ending or signal
  server:close()
end

local function serve(peer)
  local name = "client " .. table.concat({ peer:getpeername() }, " ")
  print(name .. " is here")
  local data, why, signal = peer:receive(4096, "BLOCK")
  while data or why == "signal" do
    if data then assert(peer:send(data)) else stop(signal) end
    data, why, signal = peer:receive(4096, "BLOCK")
  end
  peer:close()
  print(name .. " has gone: " .. why)
end

moonsocket.spawn(function()
  local served = 0
  while served < clients do
    local peer, why, signal = server:accept()
    if why == "signal" then stop(signal) end
    if ending then break end
    served = served + 1
    moonsocket.spawn(serve, assert(peer, why))
  end
  server:close()
end)
assert(moonsocket.run())
if ending then print("ended by signal " .. ending) end

-- An echo server for lines, with Copas.
local workload = dofile(arg[0]:match("^.*/") .. "setup.lua")

-- Debian installs it for some versions only; it runs on all.
package.path = package.path .. ";/usr/share/lua/5.2/?.lua;/usr/share/lua/5.1/?.lua"
local copas = require("copas")
local server = assert(workload.socket.bind("127.0.0.1", 0, 4096))
local _, port = server:getsockname()
io.write(string.format("ready 0 %d\n", port))
io.flush()
copas.addserver(server, function(peer)
  peer:setoption("tcp-nodelay", true)
  while true do
    local line = copas.receive(peer)
    if not line then return peer:close() end
    copas.send(peer, line .. "\n")
  end
end)
copas.loop()

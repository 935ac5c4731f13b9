-- nixio, outside of fibers and in them.
local stage = ...
local got = stage.got
local nixio = require("nixio")
require("nixio.util")
local moonsocket = require("moonsocket")

local server, client, peer

local function limited(socket)
  socket:setopt("socket", "rcvtimeo", 0.2)
  socket:setopt("socket", "sndtimeo", 0.2)
  return socket
end

return {
  over = function()
    stage.close(server, client, peer)
    server, client, peer = nil, nil, nil
    moonsocket.run()
  end,
  function()
    server = limited(got(nixio.bind("127.0.0.1", 0)))
    got(server:listen(8))
  end,
  function()
    if not server then return end
    local _, port = server:getsockname()
    client = limited(got(nixio.connect("127.0.0.1", port)))
    peer = limited((got(server:accept())))
  end,
  function()
    if not peer then return end
    got(peer:sendall("one line\nanother\n" .. ("x"):rep(5000) .. "\n"))
    local lines = got(client:linesource())
    lines()
    lines()
    lines()
    got(peer:send(("y"):rep(30000)))
    got(client:readall(20000))
    got(client:recv(10000))
    nixio.poll({ { fd = client, events = nixio.poll_flags("in", "out") } }, 0)
    nixio.getaddrinfo("127.0.0.1")
    client:getpeername()
    tostring(client)
    nixio.gettimeofday()
    nixio.strerror(2)
    if pcall(client.recv, client, {}) then error("a count") end
  end,
  function()
    if not peer then return end
    local c, p = client, peer
    moonsocket.spawn(function()
      c:recv(10)
      nixio.poll({ { fd = c, events = nixio.poll_flags("in") } }, 200)
      c:recv(10)
    end)
    moonsocket.spawn(function()
      nixio.nanosleep(0, 1000000)
      p:send("ping")
      nixio.nanosleep(0, 1000000)
      p:send("pong")
    end)
    local ok, err = moonsocket.run()
    got(ok, err)
  end,
}

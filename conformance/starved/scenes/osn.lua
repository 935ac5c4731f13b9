-- osn, outside of fibers and in them.
local stage = ...
local got = stage.got
local osn = require("osn")
local moonsocket = require("moonsocket")
local sleep = require("socket").sleep

local server, client, peer, udp

return {
  over = function()
    stage.close(server, client, peer, udp)
    server, client, peer, udp = nil, nil, nil, nil
    moonsocket.run()
  end,
  function() server = got(osn.serve { ip = "127.0.0.1", port = "0" }) end,
  function()
    if not server then return end
    local _, port = server:getsockname()
    client = got(osn.connect { ip = "127.0.0.1", port = port })
    peer = got(server:accept())
  end,
  function()
    if not peer then return end
    got(peer:send(("x"):rep(5000)))
    got(client:receive(10, 0.2))
    got(client:receive(6000, 0.2))
    client:getpeername()
    tostring(client)
    if osn.connect({ path = ("x"):rep(500) }) then error("a path") end
  end,
  function()
    udp = got(osn.udp_socket { ip = "127.0.0.1", port = "0" })
    udp:getsockname()
  end,
  function()
    if not peer then return end
    local c, p = client, peer
    moonsocket.spawn(function()
      c:receive(10, 0.2)
      c:receive(10, 0.01)
    end)
    moonsocket.spawn(function()
      sleep(0.001)
      p:send("ping")
    end)
    local ok, err = moonsocket.run()
    got(ok, err)
  end,
}

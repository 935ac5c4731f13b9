-- sgssockets, outside of fibers and in them.
local stage = ...
local got = stage.got
local S = require("sgssockets")
local moonsocket = require("moonsocket")
local sleep = require("socket").sleep

local server, client, peer

return {
  over = function()
    stage.close(server, client, peer)
    server, client, peer = nil, nil, nil
    moonsocket.run()
  end,
  function()
    server = got(S.socket_tcp())
    got(server:bind(0))
    got(server:listen(8))
  end,
  function()
    if not server then return end
    client = got(S.socket_tcp())
    local port = server:getsockname().port
    got(client:connect(S.socket_address(S.AF_INET, "127.0.0.1", port)), S.socket_error(true))
    peer = got(server:accept())
    client.recv_timeout = 0.2
    peer.send_timeout = 0.2
  end,
  function()
    if not (peer and client) then return end
    got(peer:send(("x"):rep(5000)))
    got(client:recv(10))
    got(client:recv(6000))
    local address = client:getpeername()
    local _ = address.port, address.addr_string, tostring(address), address == client:getpeername()
    S.socket_select({ client }, { client }, {}, 0)
    S.socket_getaddrinfo("127.0.0.1", "80", S.AF_INET)
    S.socket_error(true)
    if pcall(function() client.no_such = 1 end) then error("a property") end
  end,
  function()
    if not (peer and client) then return end
    local c, p = client, peer
    moonsocket.spawn(function()
      c:recv(10)
      S.socket_select({ c }, {}, {}, 0.2)
      c:recv(10)
    end)
    moonsocket.spawn(function()
      sleep(0.001)
      p:send("ping")
      sleep(0.001)
      p:send("pong")
    end)
    local ok, err = moonsocket.run()
    got(ok, err)
  end,
}

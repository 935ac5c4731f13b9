-- LuaSocket outside of fibers.
local stage = ...
local got = stage.got
local socket = require("socket")
local unix = require("socket.unix")
local mime = require("mime")

local server, client, peer, udp, port

return {
  over = function()
    stage.close(server, client, peer, udp)
    server, client, peer, udp, port = nil, nil, nil, nil, nil
  end,
  function()
    server = got(socket.bind("127.0.0.1", 0))
    port = select(2, server:getsockname())
    server:settimeout(1)
  end,
  function()
    if not port then return end
    client = got(socket.connect("127.0.0.1", tonumber(port)))
    client:settimeout(0.2)
  end,
  function()
    if not client then return end
    peer = got(server:accept())
    peer:settimeout(0.2)
  end,
  function()
    if not peer then return end
    peer:send("one line\nanother ")
    client:receive()
    peer:send(("x"):rep(3000) .. "\n" .. ("y"):rep(30000))
    client:receive("*l", "prefix ")
    client:receive(20000, "prefix ")
    client:receiveany(100000)
    peer:close()
    client:receive("*a")
  end,
  function()
    if not client then return end
    client:getpeername()
    client:getsockname()
    client:getstats()
    client:setoption("tcp-nodelay", true)
    client:getoption("linger")
    tostring(client)
    socket.select({ client, server }, { client }, 0)
    if pcall(client.receive, client, "*x") then error("a pattern") end
  end,
  function()
    udp = socket.udp()
    got(udp:setsockname("127.0.0.1", 0))
    udp:settimeout(0.2)
    local host, own = udp:getsockname()
    got(udp:sendto(("z"):rep(3000), host, own))
    got(udp:receivefrom())
  end,
  function()
    got(socket.dns.toip("127.0.0.1"))
    got(socket.dns.getaddrinfo("::1"))
    got(socket.dns.getnameinfo("127.0.0.1"))
    socket.dns.gethostname()
    socket.dns.toip("no such host")
  end,
  function()
    local s = unix.stream()
    s:bind("\0moonsocket starved")
    s:getsockname()
    s:close()
  end,
  function()
    mime.b64(("x"):rep(5000))
    mime.qp(("x"):rep(500))
    mime.wrp(10, ("x"):rep(500), 70)
  end,
  function()
    local try = socket.newtry(function() end)
    local safe = socket.protect(function() try(nil, "the reason") end)
    local none, why = safe()
    if why ~= "the reason" then error(why, 0) end
  end,
}

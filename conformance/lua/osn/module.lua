-- The module and its objects.

local t, s = ...
local osn = s.osn

t.case("the module's functions", function()
  for _, name in ipairs({ "connect", "serve", "udp_socket", "signals" }) do t.equal(type(osn[name]), "function", name) end
  t.equal(require("moonsocket").osn, osn)
end)

t.case("methods of a connected socket", function()
  local c = s.pair()
  for _, name in ipairs({ "close", "getpeername", "receive", "send" }) do
    t.equal(type(c[name]), "function", name)
  end
end)

t.case("methods of a listen socket", function()
  local server = s.listener()
  for _, name in ipairs({ "accept", "close" }) do t.equal(type(server[name]), "function", name) end
end)

t.case("tostring names the kind", function()
  local server = s.listener()
  local c = s.pair()
  t.ok(tostring(server):find("^osn listen socket %(127.0.0.1:%d+%)$"), tostring(server))
  t.ok(tostring(c):find("^osn connected socket %(127.0.0.1:%d+%)$"), tostring(c))
  c:close()
  t.equal(tostring(c), "osn connected socket (closed)")
end)

t.case("a method on the wrong kind of socket", function()
  local server = s.listener()
  local c = s.pair()
  t.raises(function() local r = server:receive(1) return r, 1 end,
    "calling 'receive' on bad self (osn connected socket expected)")
  t.raises(function() local r = server:send("x") return r, 1 end,
    "calling 'send' on bad self (osn connected socket expected)")
  t.raises(function() local r = c:accept() return r, 1 end,
    "calling 'accept' on bad self (osn listen socket expected)")
  t.raises(function() local ip, port = server:getpeername() return ip, port end,
    "calling 'getpeername' on bad self (osn connected socket expected)")
end)

t.case("collection closes", function()
  local c, peer = s.pair()
  c = nil
  t.collect()
  t.equal(c, nil)
  t.gives(nil, "closed")(peer:receive(10))
end)

t.case("collection closes a listen socket", function()
  local server, port = s.listener()
  server = nil
  t.collect()
  t.equal(server, nil)
  t.gives(nil, "Connection refused", 111)(osn.connect({ ip = "127.0.0.1", port = port }))
end)

t.case("collection closes a udp socket", function()
  local spec = { ip = "127.0.0.1", port = "0", protocol = "udp" }
  local here = t.ok(osn.serve(spec))
  spec.port = select(2, here:getsockname())
  here = nil
  t.collect()
  t.equal(here, nil)
  t.ok(osn.serve(spec)):close()
end)

t.case("whether signals are told can be asked, and said", function()
  t.gives(true)(osn.signals())
  t.gives(false)(osn.signals(false))
  t.gives(false)(osn.signals())
  t.gives(false)(osn.signals(nil))
  t.gives(true)(osn.signals(true))
  t.gives(true)(osn.signals())
end)

-- The table that describes a socket.

local t, s = ...
local osn = s.osn
local calls = { connect = osn.connect, serve = osn.serve }

for name, call in pairs(calls) do
  t.case(name .. " wants a table", function()
    for _, value in ipairs({ "x", 1, true, print }) do
      t.raises_like(function() call(value) end, "table expected")
    end
    t.raises_like(function() call() end, "table expected, got no value")
    t.raises_like(function() call(nil) end, "table expected")
  end)

  t.case(name .. " without port and usock", function()
    s.refused(call({}))
    s.refused(call({ ip = "127.0.0.1" }))
    s.refused(call({ ip = "127.0.0.1", protocol = "tcp" }))
  end)

  t.case(name .. " with a family that does not exist", function()
    t.gives(nil, "unknown family")(call({ ip = "127.0.0.1", port = "0", family = "appletalk" }))
  end)

  t.case(name .. " with a protocol that does not exist", function()
    for _, protocol in ipairs({ "xyz", "", "sctp" }) do
      t.gives(nil, "unknown protocol")(call({ ip = "127.0.0.1", port = "0", protocol = protocol }))
    end
  end)

  t.case(name .. " with fields of wrong types", function()
    for _, field in ipairs({ "ip", "port", "family", "protocol", "usock", "socket_mode", "connect_timeout" }) do
      for _, value in ipairs({ {}, true, print }) do
        t.raises_like(function() call({ ip = "127.0.0.1", port = "1", [field] = value }) end,
          "field '" .. field .. "'")
      end
    end
  end)

  t.case(name .. " with an unknown service or port", function()
    for _, port in ipairs({ "no such service", "65536", "-1", "1e3", "", "http " }) do
      s.refused(call({ ip = "127.0.0.1", port = port }))
    end
  end)

  t.case(name .. " with a name that cannot be", function()
    for _, ip in ipairs({ "no such host..", "a\0b", ("x"):rep(5000) }) do
      s.refused(call({ ip = ip, port = "1" }))
    end
  end)

  t.case(name .. " reads through metatables", function()
    local server, port = s.listener()
    if name == "connect" then
      local spec = setmetatable({}, { __index = { ip = "127.0.0.1", port = port } })
      t.ok(call(spec)):close()
    end
    t.raises_like(function()
      call(setmetatable({}, { __index = function() error("from __index") end }))
    end, "from __index")
    server:close()
  end)
end

t.case("the port may be a number", function()
  local server, port = s.listener("127.0.0.1", { port = 0 })
  t.equal(type(port), "string")
  t.ok(osn.connect({ ip = "127.0.0.1", port = tonumber(port) })):close()
  server:close()
end)

t.case("spellings of families", function()
  for _, family in ipairs({ "inet", "ipv4", "ip4", "4" }) do
    local server, port = s.listener("127.0.0.1", { family = family })
    t.ok(osn.connect({ ip = "127.0.0.1", port = port, family = family })):close()
    server:close()
  end
  for _, family in ipairs({ "inet6", "ipv6", "ip6", "6" }) do
    local server, port = s.listener("::1", { family = family })
    t.ok(osn.connect({ ip = "::1", port = port, family = family })):close()
    server:close()
  end
end)

t.case("an address of the other family is refused", function()
  s.refused(osn.serve({ ip = "127.0.0.1", port = "0", family = "inet6" }))
  s.refused(osn.connect({ ip = "::1", port = "1", family = "inet" }))
end)

t.case("spellings of protocols", function()
  for _, protocol in ipairs({ "tcp", "t", "tralala" }) do
    local server, port = s.listener("127.0.0.1", { protocol = protocol })
    t.ok(osn.connect({ ip = "127.0.0.1", port = port, protocol = protocol })):close()
    server:close()
  end
end)

t.case("fields that say nothing to the call are passed over", function()
  local server, port = s.listener("127.0.0.1", { nonsense = {}, [1] = "x" })
  t.ok(osn.connect({ ip = "127.0.0.1", port = port, color = "red" })):close()
  server:close()
end)

-- osn has no options of its own: another dialect looks at the descriptor, which is the lowest that is free.
local function made_with_nodelay(make)
  local socket = require("moonsocket").socket
  local eye = t.ok(socket.tcp4())
  local number = eye:getfd()
  eye:close()
  local object = t.ok(make())
  eye = t.ok(socket.tcp())
  eye:setfd(number)
  local on = eye:getoption("tcp-nodelay")
  eye:setfd(-1)
  object:close()
  return on
end

t.case("tcp_nodelay of a connection, and of those that a listen socket accepts", function()
  for _, wanted in ipairs({ true, false }) do
    local server, port = s.listener("127.0.0.1", { tcp_nodelay = wanted })
    t.collect()
    t.equal(made_with_nodelay(function()
      return osn.connect({ ip = "127.0.0.1", port = port, tcp_nodelay = wanted })
    end), wanted)
    t.equal(made_with_nodelay(function() return server:accept() end), wanted)
    server:close()
  end
end)

t.case("tcp_nodelay is accepted by both, and the connection works", function()
  local server, port = s.listener("127.0.0.1", { tcp_nodelay = true })
  local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port, tcp_nodelay = true }))
  local a = t.ok(server:accept())
  t.gives(5)(c:send("hello"))
  t.gives("hello")(a:receive(10))
  t.gives(5)(a:send("world"))
  t.gives("world")(c:receive(10))
end)

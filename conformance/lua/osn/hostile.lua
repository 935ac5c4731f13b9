-- Input nobody should give.

local t, s = ...
local osn = s.osn

local values = {
  "", "x", "\0", ("y"):rep(5000), 0, -1, 1.5, 2 ^ 31, 2 ^ 53, 2 ^ 63, -2 ^ 63, 1e300, math.huge, -math.huge,
  0 / 0, true, false, {}, print, coroutine.create(function() end), io.stdout,
}

t.case("a connected socket survives any arguments", function()
  local c, peer = s.pair()
  peer:send(("x"):rep(100))
  for _, name in ipairs({ "receive", "send", "getpeername", "getsockname", "accept" }) do
    for i = 0, #values do
      for _, b in ipairs({ "x", 0, -1, {}, true, 0 / 0 }) do
        peer:send("x")
        local ok, err = pcall(c[name], c, values[i], b)
        if not ok then t.equal(type(err), "string", name) end
      end
    end
  end
  t.ok(c:send("alive"))
end)

t.case("a listen socket survives any arguments", function()
  local server, port = s.listener()
  for _, name in ipairs({ "receive", "send", "getpeername", "getsockname" }) do
    for i = 0, #values do
      local ok, err = pcall(server[name], server, values[i], values[i])
      if not ok then t.equal(type(err), "string", name) end
    end
  end
  t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
  t.ok(server:accept())
end)

t.case("tables with any values in any field", function()
  for _, field in ipairs({ "ip", "port", "family", "protocol", "tcp_nodelay", "connect_timeout", "usock",
    "socket_mode", "remove_socket_before_start" }) do
    for _, value in ipairs(values) do
      local spec = { ip = "127.0.0.1", port = "0", connect_timeout = 200 }
      spec[field] = value
      for _, call in ipairs({ osn.serve, osn.connect }) do
        -- A real path would leave a file behind.
        if not (field == "usock" and type(value) == "string") then
          local ok, object = pcall(call, spec)
          if not ok then t.equal(type(object), "string", field) end
          if ok and object then object:close() end
          -- A number is a path, too.
          if field == "usock" and type(value) == "number" then os.remove(tostring(value)) end
        end
      end
    end
  end
end)

t.case("wrong selfs", function()
  local c = s.pair()
  for _, name in ipairs({ "receive", "send", "close", "getpeername", "getsockname", "accept" }) do
    for i = 0, #values do
      local ok, err = pcall(c[name], values[i], 1, 1)
      t.equal(ok, false, name)
      t.equal(type(err), "string", name)
    end
    local ok = pcall(c[name], require("moonsocket").socket.tcp(), 1)
    t.equal(ok, false, name)
  end
end)

t.case("closing a closed number does not touch another", function()
  local c, peer = s.pair()
  c:close()
  local d, other = s.pair()
  c:close()
  c = nil
  t.collect()
  t.gives(1)(d:send("x"))
  t.gives("x")(other:receive(1))
  peer:close()
end)

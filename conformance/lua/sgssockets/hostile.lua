-- Input nobody should give.

local t, s = ...
local S = s.S

local values = {
  "", "x", "\0", ("y"):rep(5000), 0, -1, 1.5, 2 ^ 31, 2 ^ 53, 2 ^ 63, -2 ^ 63, 1e300, math.huge, -math.huge,
  0 / 0, true, false, {}, print, coroutine.create(function() end), io.stdout,
}

t.case("methods survive any arguments", function()
  local c, peer = s.pair()
  c.blocking = false
  for _, name in ipairs({ "accept", "bind", "connect", "getpeername", "getsockname", "listen", "recv", "recvfrom", "send",
    "sendto", "shutdown" }) do
    for i = 0, #values do
      for _, b in ipairs({ "x", 0, -1, {}, true, 0 / 0 }) do
        local ok, err = pcall(c[name], c, values[i], b)
        if not ok then t.equal(type(err), "string", name) end
      end
    end
  end
  t.ok(S.tobool(c))
  peer:close()
end)

t.case("properties survive any values", function()
  local c, a = t.ok(S.socket_tcp()), s.loopback(1)
  for _, name in ipairs({ "error", "blocking", "broadcast", "reuse_addr", "send_timeout", "recv_timeout", "port", "family",
    "addr_u32", "addr_buf", "addr_bytes", "addr_string", "full_addr_string", "send", "class" }) do
    for i = 0, #values do
      for _, object in ipairs({ c, a }) do
        local ok, err = pcall(function() object[name] = values[i] end)
        if not ok then t.equal(type(err), "string", name) end
        t.ok(pcall(function() return object[name] end))
      end
    end
  end
  for i = 1, #values do
    t.ok(pcall(function() return c[values[i]], a[values[i]] end))
  end
  t.ok(tostring(a))
end)

t.case("functions survive any arguments", function()
  for name, f in pairs(S) do
    if type(f) == "function" then
      for i = 0, #values do
        for _, b in ipairs({ "x", 0, -1, {}, true }) do
          local ok, err = pcall(f, values[i], b, b, 0)
          if not ok then t.equal(type(err), "string", name) end
        end
      end
    end
  end
end)

t.case("wrong selfs", function()
  local c, a = t.ok(S.socket_tcp()), s.loopback(1)
  for _, name in ipairs({ "accept", "bind", "close", "connect", "recv", "send", "shutdown" }) do
    for i = 0, #values do
      local ok, err = pcall(c[name], values[i], 1, 1)
      t.equal(ok, false, name)
      t.equal(type(err), "string", name)
    end
    t.equal((pcall(c[name], a, 1)), false)
    t.equal((pcall(c[name], require("moonsocket").socket.tcp(), 1)), false)
  end
  local index, newindex = getmetatable(c).__index, getmetatable(c).__newindex
  for i = 0, #values do
    t.equal((pcall(index, values[i], "blocking")), false)
    t.equal((pcall(newindex, values[i], "blocking", true)), false)
  end
  t.equal((pcall(index, a, "blocking")), false)
  t.gives(true, false)(pcall(getmetatable(a).__eq, a, c))
  t.equal((pcall(getmetatable(a).__lt, a, c)), false)
end)

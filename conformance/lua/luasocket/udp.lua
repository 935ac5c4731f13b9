-- UDP objects: how they are made, their classes and methods.

local t, s = ...
local socket = s.socket

local methods = {
  "close", "dirty", "getfamily", "getfd", "getoption", "getpeername", "getsockname", "gettimeout",
  "receive", "receivefrom", "send", "sendto", "setfd", "setoption", "setpeername", "setsockname",
  "settimeout",
}

local function two()
  local connected = socket.udp4()
  assert(connected:setpeername("127.0.0.1", 9))
  return { unconnected = socket.udp(), connected = connected }
end

t.case("udp has no descriptor yet", function()
  local u = t.results(1, socket.udp())
  t.equal(u.class, "udp{unconnected}")
  t.equal(u:getfd(), -1)
  t.equal(u:getfamily(), "inet4")
  t.gives(-1, -1)(u:gettimeout())
  t.fails("Bad file descriptor", u:getsockname())
end)

t.case("udp4 and udp6 have one at once", function()
  local four, six = socket.udp4(), socket.udp6()
  t.ok(four:getfd() >= 0)
  t.ok(six:getfd() >= 0)
  t.equal(four.class, "udp{unconnected}")
  t.equal(six.class, "udp{unconnected}")
  t.equal(four:getfamily(), "inet4")
  t.equal(six:getfamily(), "inet6")
end)

t.case("arguments of the constructors do not matter", function()
  for _, make in ipairs({ socket.udp, socket.udp4, socket.udp6 }) do
    t.equal(make("x", {}, 1).class, "udp{unconnected}")
  end
end)

t.case("unbound names", function()
  local ip, port, family = t.results(3, socket.udp4():getsockname())
  t.equal(ip, "0.0.0.0")
  t.equal(tonumber(port), 0)
  t.equal(family, "inet")
  ip, port, family = t.results(3, socket.udp6():getsockname())
  t.equal(ip, "::")
  t.equal(tonumber(port), 0)
  t.equal(family, "inet6")
end)

t.case("udp6 is for IPv6 only", function()
  t.gives(true)(socket.udp6():getoption("ipv6-v6only"))
end)

t.case("class names, tostring and marks", function()
  for name, object in pairs(two()) do
    t.equal(object.class, "udp{" .. name .. "}")
    t.ok(tostring(object):find("^udp{" .. name .. "}: 0x%x+$"), tostring(object))
    local meta = getmetatable(object)
    t.equal(type(meta.__index), "table")
    t.equal(meta.__index.class, object.class)
    t.equal(meta["udp{any}"], true)
    t.equal(meta["select{able}"], true)
    t.equal(meta["tcp{any}"], nil)
  end
end)

t.case("every method is on every class, and no other", function()
  for _, object in pairs(two()) do
    for _, name in ipairs(methods) do t.equal(type(object[name]), "function", name) end
    for _, name in ipairs({ "accept", "listen", "bind", "connect", "shutdown" }) do
      t.equal(object[name], nil, name)
    end
  end
end)

local matrix = {
  { "send", "connected" }, { "getpeername", "connected" },
  { "sendto", "unconnected" }, { "receivefrom", "unconnected" }, { "setsockname", "unconnected" },
}

for _, row in ipairs(matrix) do
  local name, only = row[1], row[2]
  t.case(name .. " is for udp{" .. only .. "} alone", function()
    local all = two()
    local wrong = only == "connected" and all.unconnected or all.connected
    local method = wrong[name]
    t.raises(function() local r = method(wrong, "x", "127.0.0.1", 9) return r, 1 end,
      "bad argument #1 to 'method' (udp{" .. only .. "} expected)")
    local right = all[only]
    right:settimeout(0)
    t.ok(pcall(right[name], right, name ~= "receivefrom" and "127.0.0.1" or nil,
      name == "sendto" and "127.0.0.1" or 0, 0))
  end)
end

t.case("the text of a method called with a colon", function()
  local all = two()
  t.raises(function() local r = all.unconnected:send("x") return r, 1 end,
    "calling 'send' on bad self (udp{connected} expected)")
  t.raises(function() local r = all.connected:sendto("x", "127.0.0.1", 9) return r, 1 end,
    "calling 'sendto' on bad self (udp{unconnected} expected)")
end)

for _, name in ipairs(methods) do
  t.case(name .. " refuses values that are no udp object", function()
    local method = socket.udp()[name]
    for _, value in ipairs({ 1, "x", {}, print, io.stdout, true, socket.tcp() }) do
      t.raises_like(function() local r = method(value) return r, 1 end,
        "bad argument #1 to 'method' (udp{")
    end
  end)
end

t.case("the metatable is named on 5.3 and later", function()
  if not t.at_least("5.3") then t.skip("no __name before 5.3") end
  for _, object in pairs(two()) do t.equal(getmetatable(object).__name, object.class) end
end)

t.case("close returns 1, and again", function()
  local u = socket.udp4()
  t.gives(1)(u:close())
  t.gives(1)(u:close())
  t.equal(u:getfd(), -1)
  t.equal(u.class, "udp{unconnected}")
  t.gives(1)(socket.udp():close())
end)

t.case("collected objects close their descriptors", function()
  local before = t.descriptors()
  for _ = 1, 50 do socket.udp4() end
  t.collect()
  t.ok(t.descriptors() <= before, "descriptors stay open")
end)

t.case("setfd takes and gives a descriptor away", function()
  local u = socket.udp4()
  assert(u:setsockname("127.0.0.1", 0))
  local fd, port = u:getfd(), s.port(u)
  t.results(0, u:setfd(-1))
  t.equal(u:getfd(), -1)
  local heir = socket.udp()
  heir:setfd(fd)
  t.equal(heir:getfd(), fd)
  t.equal(s.port(heir), port)
  u:close()
  t.equal(s.port(heir), port)
  t.gives(3)(heir:sendto("own", "127.0.0.1", port))
  heir:settimeout(s.patience)
  t.gives("own", "127.0.0.1", port)(heir:receivefrom())
end)

t.case("dirty is always false", function()
  local u = socket.udp4()
  assert(u:setsockname("127.0.0.1", 0))
  assert(u:sendto("x", "127.0.0.1", s.port(u)))
  s.await(u)
  t.equal(u:dirty(), false)
  u:receive(0)
  t.equal(u:dirty(), false)
end)

t.case("limits are set and shown like everywhere", function()
  local u = socket.udp()
  t.gives(1)(u:settimeout(2.5))
  t.gives(1)(u:settimeout(7, "t"))
  t.gives(2.5, 7)(u:gettimeout())
  t.raises(function() local r = u:settimeout(1, "x") return r, 1 end,
    "bad argument #2 to 'settimeout' (invalid timeout mode)")
end)

t.case("getstats and setstats count messages' bytes", function()
  local u = socket.udp4()
  assert(u:setsockname("127.0.0.1", 0))
  u:settimeout(s.patience)
  assert(u:sendto("abc", "127.0.0.1", s.port(u)))
  t.gives("ab")(u:receive(2))
  local received, sent, age = t.results(3, u:getstats())
  t.equal(received, 2)
  t.equal(sent, 3)
  t.near(age, 0, 10)
  t.gives(1)(u:setstats(5, 6))
  received, sent = u:getstats()
  t.equal(received, 5)
  t.equal(sent, 6)
end)

t.case("to-be-closed variables close a udp object", function()
  if not t.at_least("5.4") then t.skip("no <close> before 5.4") end
  local chunk = assert(load([[
    local make, seen = ...
    do
      local u <close> = make()
      seen = u
    end
    return seen:getfd()
  ]]))
  t.equal(chunk(socket.udp4), -1)
end)

-- Unix stream sockets: classes, paths, connections.

local t, s = ...
local socket = s.socket
local unix = require("socket.unix")

local methods = {
  "accept", "bind", "close", "connect", "dirty", "getfd", "getsockname", "getstats", "listen",
  "receive", "send", "setfd", "setoption", "setpeername", "setsockname", "setstats", "settimeout",
  "shutdown",
}

--- A path that nothing stands on; what a case leaves there is removed after it.
local path = t.path

local function listener(backlog)
  local name = path()
  local server = unix.stream()
  assert(server:bind(name))
  assert(server:listen(backlog))
  server:settimeout(s.patience)
  return server, name
end

local function pair()
  local server, name = listener()
  local client = unix.stream()
  assert(client:connect(name))
  local accepted = assert(server:accept())
  server:close()
  client:settimeout(s.patience)
  accepted:settimeout(s.patience)
  return client, accepted
end

local function three()
  local server, name = listener()
  local client = unix.stream()
  assert(client:connect(name))
  return { master = unix.stream(), server = server, client = client }
end

t.case("the module is a table that can be called", function()
  t.equal(type(unix), "table")
  t.equal(unix.tcp, unix.stream)
  t.equal(unix.udp, unix.dgram)
  t.equal(getmetatable(unix), unix)
  t.equal(type(unix.__call), "function")
  t.equal(unix().class, "unixstream{master}")
  t.equal(unix(1, {}).class, "unixstream{master}")
  t.equal(unix.stream("x").class, "unixstream{master}")
  t.equal(require("socket.unix"), unix)
end)

t.case("a call makes what the field stream makes", function()
  local old = unix.stream
  unix.stream = function(...) return "mine", ... end
  local a, b = unix(7)
  unix.stream = old
  t.equal(a, "mine")
  t.equal(b, 7)
end)

t.case("classes, tostring and marks", function()
  for name, object in pairs(three()) do
    t.equal(object.class, "unixstream{" .. name .. "}")
    t.ok(tostring(object):find("^unixstream{" .. name .. "}: 0x%x+$"), tostring(object))
    local meta = getmetatable(object)
    t.equal(type(meta.__index), "table")
    t.equal(meta["unixstream{any}"], true)
    for _, method in ipairs(methods) do t.equal(type(object[method]), "function", method) end
  end
end)

t.case("objects have a descriptor at once", function()
  t.ok(unix.stream():getfd() >= 0)
end)

local matrix = {
  { "accept", "server" }, { "bind", "master" }, { "setsockname", "master" }, { "listen", "master" },
  { "connect", "master" }, { "setpeername", "master" },
  { "send", "client" }, { "receive", "client" }, { "shutdown", "client" },
}

for _, row in ipairs(matrix) do
  local name, only = row[1], row[2]
  t.case(name .. " is for unixstream{" .. only .. "} alone", function()
    for class, object in pairs(three()) do
      if class ~= only then
        local method = object[name]
        t.raises(function() local r = method(object, "x") return r, 1 end,
          "bad argument #1 to 'method' (unixstream{" .. only .. "} expected)")
      end
    end
  end)
end

t.case("a tcp object is not a unix object", function()
  local close = unix.stream().close
  t.raises(function() local r = close(socket.tcp()) return r, 1 end,
    "bad argument #1 to 'close' (unixstream{any} expected)")
  close = socket.tcp().close
  t.raises(function() local r = close(unix.stream()) return r, 1 end,
    "bad argument #1 to 'close' (tcp{any} expected)")
end)

t.case("bind, listen, connect and accept", function()
  local name = path()
  local server = unix.stream()
  t.gives(1)(server:bind(name))
  t.equal(server.class, "unixstream{master}")
  t.gives(1)(server:listen())
  t.equal(server.class, "unixstream{server}")
  local client = unix.stream()
  t.gives(1)(client:connect(name))
  t.equal(client.class, "unixstream{client}")
  local accepted = t.results(1, server:accept())
  t.equal(accepted.class, "unixstream{client}")
  t.differs(accepted:getfd(), client:getfd())
end)

t.case("setsockname and setpeername are bind and connect", function()
  local name = path()
  local server = unix.stream()
  t.gives(1)(server:setsockname(name))
  t.gives(1)(server:listen(5))
  local client = unix.stream()
  t.gives(1)(client:setpeername(name))
  t.equal(client.class, "unixstream{client}")
end)

t.case("lines and bytes both ways", function()
  local a, b = pair()
  t.gives(12, nil, nil)(a:send("hello\nworld\n"))
  t.gives("hello", nil, nil)(b:receive())
  t.equal(b:dirty(), true)
  t.gives("world", nil, nil)(b:receive("*l"))
  t.gives(4, nil, nil)(b:send("answer", 1, 4))
  t.gives("answ", nil, nil)(a:receive(4))
  b:close()
  t.gives(nil, "closed", "")(a:receive())
end)

t.case("a large transfer", function()
  local server, name = listener()
  local peer = t.peer([[
    local c = require("socket.unix").stream()
    assert(c:connect(...))
    c:settimeout(10)
    local data = assert(c:receive("*a"))
    say(#data)
  ]], name)
  local c = assert(server:accept())
  local data = s.noise(3000000)
  t.gives(#data, nil, nil)(c:send(data))
  c:close()
  t.equal(peer:line(), "3000000")
end)

t.case("shutdown ends a direction", function()
  local a, b = pair()
  a:send("last")
  t.gives(1)(a:shutdown("send"))
  t.gives("last", nil, nil)(b:receive("*a"))
  t.gives(2, nil, nil)(b:send("ok"))
  t.gives("ok", nil, nil)(a:receive(2))
  t.gives(1)(a:shutdown())
  t.raises(function() local r = a:shutdown("nope") return r, 1 end,
    "bad argument #1 to 'shutdown' (invalid option 'nope')")
end)

t.case("a peer that is gone does not kill", function()
  local a, b = pair()
  b:close()
  local last, err, sent
  for _ = 1, 3 do last, err, sent = a:send("x") end
  t.equal(last, nil)
  t.equal(err, "closed")
  t.equal(sent, 0)
end)

t.case("limits hold", function()
  local a = pair()
  a:settimeout(0)
  t.gives(nil, "timeout", "")(a:receive())
  a:settimeout(0.1)
  local took, _, err = t.elapsed(function() return a:receive() end)
  t.equal(err, "timeout")
  t.near(took, 0.1 - s.slack, 1)
  local server = listener()
  server:settimeout(0)
  t.fails("timeout", server:accept())
  server:settimeout(0.1)
  took, _, err = t.elapsed(function() return server:accept() end)
  t.equal(err, "timeout")
  t.near(took, 0.1 - s.slack, 1)
end)

t.case("accept waits for somebody", function()
  local server, name = listener()
  local peer = t.peer([[
    require("socket").sleep(0.15)
    local c = require("socket.unix")()
    assert(c:connect(...))
    assert(c:send("late\n"))
  ]], name)
  local c = t.ok(server:accept())
  c:settimeout(s.patience)
  t.gives("late", nil, nil)(c:receive())
  peer:finish()
end)

t.case("getstats, setstats", function()
  local a, b = pair()
  a:send("12345")
  b:receive(3)
  local received, sent = a:getstats()
  t.equal(received, 0)
  t.equal(sent, 5)
  t.equal((b:getstats()), 3)
  t.gives(1)(b:setstats(1, 2, 3))
  t.equal((b:getstats()), 1)
end)

t.case("close returns 1 and does not unlink", function()
  local server, name = listener()
  t.gives(1)(server:close())
  t.gives(1)(server:close())
  t.equal(server:getfd(), -1)
  t.fails("connection refused", unix.stream():connect(name))
  t.fails("address already in use", unix.stream():bind(name))
  t.ok(os.remove(name))
end)

t.case("bytes that were buffered survive close", function()
  local a, b = pair()
  a:send("one\ntwo\n")
  t.gives("one", nil, nil)(b:receive())
  b:close()
  t.equal(b:dirty(), true)
  t.gives("two", nil, nil)(b:receive())
  t.gives(nil, "closed", "")(b:receive())
end)

t.case("getpeername, gettimeout and getoption exist", function()
  local server, name = listener()
  local client = unix.stream()
  t.fails("Transport endpoint is not connected", client:getpeername())
  client:connect(name)
  t.gives(name)(client:getpeername())
  t.gives("")(server:accept():getpeername())
  t.gives(s.patience, -1)(server:gettimeout())
  t.gives(false)(client:getoption("keepalive"))
end)

t.case("select mixes unix and tcp objects", function()
  local a, b = pair()
  local c, d = s.pair()
  a:send("x")
  c:send("y")
  local ready = socket.select({ b, d }, nil, s.patience)
  s.await(b)
  s.await(d)
  ready = socket.select({ b, d }, nil, 0)
  t.equal(#ready, 2)
  t.ok(ready[b] and ready[d])
  b:receive(1)
  ready = socket.select({ b, d }, nil, 0)
  t.equal(ready[b], nil)
  a:send("one\ntwo\n")
  b:receive()
  ready = socket.select({ b }, nil, 0)
  t.equal(ready[b], 1, "buffered bytes count")
  local _, writable = socket.select(nil, { a, c }, 0)
  t.equal(#writable, 2)
end)

t.case("collected objects close their descriptors", function()
  local before = t.descriptors()
  for _ = 1, 50 do unix.stream() end
  t.collect()
  t.ok(t.descriptors() <= before, "descriptors stay open")
end)

t.case("a reader that stops on the way does not prolong a send's timeout", function()
  local name = path()
  local peer = t.peer([[
    local server = assert(require("socket.unix").stream())
    assert(server:bind(...))
    assert(server:listen())
    say("ready")
    local c = assert(server:accept())
    c:settimeout(10)
    c:receive(100000)
    say("read")
    require("socket").sleep(2.5)
    c:receive(100000)
  ]], name)
  t.equal(peer:line(), "ready")
  local client = unix.stream()
  assert(client:connect(name))
  client:settimeout(1.5)
  local took, last, err, partial = t.elapsed(function() return client:send(("x"):rep(1600000)) end)
  t.equal(last, nil)
  t.equal(err, "timeout")
  t.near(partial, 100000, 1599999)
  t.near(took, 1.5 - s.slack, 2.2)
  client:close()
end)

t.case("setfd hands a connection over", function()
  local a, b = pair()
  local fd = a:getfd()
  t.results(0, a:setfd(-1))
  local heir = unix.stream()
  heir:close()
  heir:setfd(fd)
  t.equal(heir:getfd(), fd)
  heir:close()
  t.gives(nil, "closed", "")(b:receive())
end)

t.case("options", function()
  local u = unix.stream()
  t.gives(1)(u:setoption("keepalive", true))
  t.gives(1)(u:setoption("reuseaddr", true))
  t.gives(1)(u:setoption("linger", { on = true, timeout = 1 }))
  t.raises(function() local r = u:setoption("tcp-nodelay", true) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `tcp-nodelay')")
  t.raises(function() local r = u:setoption("reuseaddr", 1) return r, 1 end,
    "bad argument #2 to 'setoption' (boolean expected, got number)")
  u:close()
  t.raises(function() local r = u:setoption("nope", true) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `nope')")
end)

t.case("options can be read, and there are more of them", function()
  local u = unix.stream()
  u:setoption("keepalive", true)
  t.gives(true)(u:getoption("keepalive"))
  u:setoption("linger", { on = true, timeout = 4 })
  t.equal(u:getoption("linger").timeout, 4)
  t.gives(1)(u:setoption("send-buffer-size", 20000))
  t.near(u:getoption("send-buffer-size"), 20000, 80000)
  t.gives(nil)(u:getoption("error"))
end)

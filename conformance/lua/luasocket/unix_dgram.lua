-- Unix datagram sockets.

local t, s = ...
local socket = s.socket
local unix = require("socket.unix")

local methods = {
  "bind", "close", "connect", "dirty", "getfd", "getsockname", "gettimeout", "receive", "receivefrom",
  "send", "sendto", "setfd", "setoption", "setpeername", "setsockname", "settimeout",
}

local path = t.path

local function bound()
  local u, name = unix.dgram(), path()
  assert(u:bind(name))
  u:settimeout(s.patience)
  return u, name
end

local function two()
  local peer, name = bound()
  local connected = unix.dgram()
  assert(connected:connect(name))
  return { unconnected = unix.dgram(), connected = connected }, peer
end

t.case("classes, tostring and marks", function()
  for name, object in pairs((two())) do
    t.equal(object.class, "unixdgram{" .. name .. "}")
    t.ok(tostring(object):find("^unixdgram{" .. name .. "}: 0x%x+$"), tostring(object))
    local meta = getmetatable(object)
    t.equal(meta["unixdgram{any}"], true)
    t.equal(meta["select{able}"], true)
    for _, method in ipairs(methods) do t.equal(type(object[method]), "function", method) end
    t.ok(object:getfd() >= 0)
    t.equal(object:dirty(), false)
    t.gives(-1, -1)(object:gettimeout())
  end
end)

local matrix = {
  { "send", "connected" }, { "sendto", "unconnected" }, { "receivefrom", "unconnected" },
  { "bind", "unconnected" }, { "setsockname", "unconnected" },
}

for _, row in ipairs(matrix) do
  local name, only = row[1], row[2]
  t.case(name .. " is for unixdgram{" .. only .. "} alone", function()
    local all = two()
    local wrong = only == "connected" and all.unconnected or all.connected
    local method = wrong[name]
    t.raises(function() local r = method(wrong, "x", "y") return r, 1 end,
      "bad argument #1 to 'method' (unixdgram{" .. only .. "} expected)")
  end)
end

t.case("messages by name, and who sent them", function()
  local a, a_name = bound()
  local b, b_name = bound()
  t.gives(5)(a:sendto("hello", b_name))
  t.gives("hello", a_name)(b:receivefrom())
  t.gives(0)(b:sendto("", a_name))
  t.gives("", b_name)(a:receivefrom())
  t.gives(2)(unix.dgram():sendto(42, a_name))
  t.gives("42", "")(a:receivefrom())
end)

t.case("connected objects send and receive", function()
  local a, a_name = bound()
  local b, b_name = bound()
  t.gives(1)(a:connect(b_name))
  t.equal(a.class, "unixdgram{connected}")
  t.gives(4)(a:send("ping"))
  t.gives("ping", a_name)(b:receivefrom())
  t.gives(4)(b:sendto("pong", a_name))
  t.gives("pong")(a:receive())
  t.gives(0)(a:send(""))
  t.gives("")(b:receive())
end)

t.case("setsockname and setpeername are bind and connect", function()
  local a, name = unix.dgram(), path()
  t.gives(1)(a:setsockname(name))
  t.gives(name)(a:getsockname())
  local b = unix.dgram()
  t.gives("")(b:getsockname())
  t.gives(1)(b:setpeername(name))
  t.equal(b.class, "unixdgram{connected}")
  t.gives(1)(b:send("x"))
  t.gives("x")(a:receive())
end)

t.case("the peer may be changed", function()
  local a, a_name = bound()
  local b, b_name = bound()
  local u = unix.dgram()
  t.gives(1)(u:connect(a_name))
  t.gives(1)(u:connect(b_name))
  t.gives(1)(u:send("x"))
  t.gives("x")(b:receive())
  a:settimeout(0)
  t.fails("timeout", a:receive())
end)

t.case("sizes", function()
  local a, name = bound()
  local u = unix.dgram()
  u:sendto("abcdef", name)
  u:sendto("next", name)
  t.gives("abc")(a:receive(3))
  t.gives("next")(a:receive())
  u:sendto("abcdef", name)
  t.gives("")(a:receive(0))
  local data = s.noise(20000)
  t.gives(20000)(u:sendto(data, name))
  t.gives(data:sub(1, 8192))(a:receive())
  u:sendto(data, name)
  t.ok(a:receive(30000) == data)
  t.fails("out of memory", a:receive(-1))
end)

t.case("limits hold", function()
  local a = bound()
  a:settimeout(0)
  t.gives(nil, "timeout")(a:receive())
  t.gives(nil, "timeout")(a:receivefrom())
  a:settimeout(0.1)
  local took, _, err = t.elapsed(function() return a:receive() end)
  t.equal(err, "timeout")
  t.near(took, 0.1 - s.slack, 1)
end)

t.case("nobody there", function()
  local u = unix.dgram()
  local gone = path()
  t.fails("No such file or directory", u:sendto("x", gone))
  t.fails("Invalid argument", u:sendto("x", ""))
  local a, name = bound()
  t.gives(1)(u:connect(name))
  a:close()
  t.fails("connection refused", u:send("x"))
  t.fails("connection refused", unix.dgram():sendto("x", name))
end)

t.case("too long a path", function()
  local u = unix.dgram()
  local fd = u:getfd()
  t.gives(nil, "path too long")(u:bind(("x"):rep(108)))
  t.gives(nil, "path too long")(u:connect(("x"):rep(108)))
  t.gives(nil, "path too long")(u:sendto("y", ("x"):rep(108)))
  t.equal(u:getfd(), fd)
end)

t.case("a closed object refuses", function()
  local all = two()
  local gone = path()
  for _, u in pairs(all) do
    t.gives(1)(u:close())
    t.gives(1)(u:close())
    t.equal(u:getfd(), -1)
    t.fails("Bad file descriptor", u:getsockname())
    t.fails("closed", u:connect(gone))
  end
  t.fails("refused", all.unconnected:sendto("x", gone))
  t.fails("Bad file descriptor", all.unconnected:bind(gone))
  t.fails("refused", all.connected:send("x"))
end)

t.case("receive without a descriptor refuses too", function()
  local u = unix.dgram()
  u:close()
  t.fails("refused", u:receive())
  t.fails("refused", u:receivefrom())
end)

t.case("a receiver whose queue is full", function()
  local a, name = bound()
  local u = unix.dgram()
  u:settimeout(0)
  local done, err
  repeat done, err = u:sendto("x", name) until not done
  t.equal(err, "timeout")
  t.gives("x")(a:receive())
  t.gives(1)(u:sendto("y", name))
end)

t.case("a receiver whose queue is full is waited for", function()
  local a, name = bound()
  -- The original never comes back, and would not give up.
  local peer = t.peer_with("ulimit -t 2", [[
    local socket = require("socket")
    local u = require("socket.unix").dgram()
    local name = ...
    u:settimeout(0)
    repeat until not u:sendto("x", name)
    u:settimeout(0.1)
    local start = socket.gettime()
    local done, err = u:sendto("x", name)
    say(err, socket.gettime() - start)
    u:settimeout(10)
    say((u:sendto("last", name)))
  ]], name)
  local err, took = peer:line():match("^(%S+)%s+(%S+)$")
  t.equal(err, "timeout")
  t.near(tonumber(took), 0.1, 1)
  local data
  repeat data = t.ok(a:receive()) until data == "last"
  t.equal(peer:line(), "4")
end)

t.case("a connected sender waits for room", function()
  local a, name = bound()
  local u = unix.dgram()
  u:connect(name)
  u:settimeout(0)
  while true do
    local done, err = u:send("x")
    if not done then
      t.equal(err, "timeout")
      break
    end
  end
  u:settimeout(0.1)
  local took, done, err = t.elapsed(function() return u:send("x") end)
  t.equal(done, nil)
  t.equal(err, "timeout")
  t.near(took, 0.1 - s.slack, 1)
  t.gives("x")(a:receive())
  u:settimeout(s.patience)
  t.gives(1)(u:send("y"))
end)

t.case("failed bind and connect leave the object usable", function()
  local a, name = bound()
  local u = unix.dgram()
  t.fails("No such file or directory", u:connect(path()))
  t.equal(u.class, "unixdgram{unconnected}")
  t.fails("address already in use", u:bind(name))
  t.gives(1)(u:bind(path()))
  t.gives(1)(u:sendto("x", name))
  t.gives("x")(a:receive())
end)

t.case("abstract names", function()
  local a, b = unix.dgram(), unix.dgram()
  local a_name, b_name = "\0moonsocket a " .. t.own_pid(), "\0moonsocket b " .. t.own_pid()
  t.gives(1)(a:bind(a_name))
  t.gives(1)(b:bind(b_name))
  t.gives(a_name)(a:getsockname())
  t.gives(1)(a:sendto("x", b_name))
  b:settimeout(s.patience)
  t.gives("x", a_name)(b:receivefrom())
end)

t.case("options", function()
  local u = unix.dgram()
  t.gives(1)(u:setoption("reuseaddr", true))
  for _, name in ipairs({ "keepalive", "linger", "broadcast" }) do
    t.raises(function() local r = u:setoption(name, true) return r, 1 end,
      "bad argument #1 to 'setoption' (unsupported option `" .. name .. "')")
  end
end)

t.case("options can be read, and there are more of them", function()
  local u = unix.dgram()
  u:setoption("reuseaddr", true)
  t.gives(true)(u:getoption("reuseaddr"))
  t.gives(1)(u:setoption("recv-buffer-size", 20000))
  t.near(u:getoption("recv-buffer-size"), 20000, 80000)
end)

t.case("select sees messages", function()
  local a, name = bound()
  local b = bound()
  unix.dgram():sendto("x", name)
  local ready = socket.select({ b, a }, nil, s.patience)
  t.equal(#ready, 1)
  t.equal(ready[1], a)
end)

t.case("getpeername exists", function()
  local _, name = bound()
  local u = unix.dgram()
  t.fails("Transport endpoint is not connected", u:getpeername())
  u:connect(name)
  t.gives(name)(u:getpeername())
end)

-- Options that are unknown, or given the wrong kind of value.

local t, s = ...
local socket = s.socket

t.case("unknown names raise", function()
  local c = socket.tcp4()
  t.raises(function() local r = c:setoption("nope", true) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `nope')")
  t.raises(function() local r = c:getoption("nope") return r, 1 end,
    "bad argument #1 to 'getoption' (unsupported option `nope')")
  t.raises(function() local r = c:setoption("", true) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `')")
end)

t.case("names are case-sensitive", function()
  local c = socket.tcp4()
  t.raises(function() local r = c:setoption("KeepAlive", true) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `KeepAlive')")
end)

t.case("a long unknown name is cut in the message", function()
  local c = socket.tcp4()
  t.raises(function() local r = c:setoption(("x"):rep(60), true) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `" .. ("x"):rep(35) .. "')")
  t.raises(function() local r = c:getoption(("y"):rep(36)) return r, 1 end,
    "bad argument #1 to 'getoption' (unsupported option `" .. ("y"):rep(35) .. "')")
end)

t.case("options of udp are unknown", function()
  local c = socket.tcp4()
  for _, name in ipairs({ "broadcast", "dontroute", "ip-multicast-ttl", "ip-add-membership" }) do
    t.raises(function() local r = c:setoption(name, true) return r, 1 end,
      "bad argument #1 to 'setoption' (unsupported option `" .. name .. "')")
  end
end)

t.case("options that can only be set are unknown to getoption", function()
  local c = socket.tcp4()
  for _, name in ipairs({ "tcp-defer-accept", "tcp-fastopen", "tcp-fastopen-connect" }) do
    t.raises(function() local r = c:getoption(name) return r, 1 end,
      "bad argument #1 to 'getoption' (unsupported option `" .. name .. "')")
  end
end)

t.case("error can only be read", function()
  local c = socket.tcp4()
  t.raises(function() local r = c:setoption("error", 1) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `error')")
end)

t.case("the name must be a string", function()
  local c = socket.tcp4()
  t.raises(function() local r = c:setoption() return r, 1 end,
    "bad argument #1 to 'setoption' (string expected, got no value)")
  t.raises(function() local r = c:setoption({}) return r, 1 end,
    "bad argument #1 to 'setoption' (string expected, got table)")
  t.raises(function() local r = c:getoption() return r, 1 end,
    "bad argument #1 to 'getoption' (string expected, got no value)")
end)

for _, name in ipairs({ "keepalive", "reuseaddr", "reuseport", "tcp-nodelay", "ipv6-v6only" }) do
  t.case(name .. " must be a boolean", function()
    local c = socket.tcp6()
    for _, kind in ipairs({ { 1, "number" }, { "true", "string" }, { {}, "table" } }) do
      t.raises(function() local r = c:setoption(name, kind[1]) return r, 1 end,
        "bad argument #2 to 'setoption' (boolean expected, got " .. kind[2] .. ")")
    end
    t.raises(function() local r = c:setoption(name) return r, 1 end,
      "bad argument #2 to 'setoption' (boolean expected, got no value)")
    t.raises(function() local r = c:setoption(name, nil) return r, 1 end,
      "bad argument #2 to 'setoption' (boolean expected, got nil)")
  end)
end

t.case("linger must be a table with two fields", function()
  local c = socket.tcp4()
  for _, kind in ipairs({ { 1, "number" }, { "x", "string" }, { true, "boolean" } }) do
    t.raises(function() local r = c:setoption("linger", kind[1]) return r, 1 end,
      "bad argument #2 to 'setoption' (table expected, got " .. kind[2] .. ")")
  end
  t.raises(function() local r = c:setoption("linger") return r, 1 end,
    "bad argument #2 to 'setoption' (table expected, got no value)")
  t.raises(function() local r = c:setoption("linger", {}) return r, 1 end,
    "bad argument #2 to 'setoption' (boolean 'on' field expected)")
  t.raises(function() local r = c:setoption("linger", { on = 1, timeout = 1 }) return r, 1 end,
    "bad argument #2 to 'setoption' (boolean 'on' field expected)")
  t.raises(function() local r = c:setoption("linger", { on = true }) return r, 1 end,
    "bad argument #2 to 'setoption' (number 'timeout' field expected)")
  t.raises(function() local r = c:setoption("linger", { on = true, timeout = {} }) return r, 1 end,
    "bad argument #2 to 'setoption' (number 'timeout' field expected)")
  t.equal(c:getoption("linger").on, false)
end)

t.case("a closed object", function()
  local c = socket.tcp4()
  c:close()
  t.fails("getsockopt failed", c:getoption("keepalive"))
  t.fails("getsockopt failed", c:getoption("linger"))
  t.fails("getsockopt failed", c:getoption("recv-buffer-size"))
end)

t.case("a NUL in a name does not end the message", function()
  local c = s.pair()
  t.raises(function() local r = c:setoption("no\0such", true) return r, 1 end,
    "bad argument #1 to 'setoption' (unsupported option `no')")
  t.raises(function() local r = c:shutdown("a\0b") return r, 1 end,
    "bad argument #1 to 'shutdown' (invalid option 'a')")
end)

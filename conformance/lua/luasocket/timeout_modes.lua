-- The modes of settimeout: block, total, and both.

local t, s = ...
local socket = s.socket

t.case("the mode's first letter counts", function()
  local c = socket.tcp()
  t.gives(1)(c:settimeout(1, "b"))
  t.gives(1, -1)(c:gettimeout())
  t.gives(1)(c:settimeout(2, "block"))
  t.gives(2, -1)(c:gettimeout())
  t.gives(1)(c:settimeout(3, "t"))
  t.gives(2, 3)(c:gettimeout())
  t.gives(1)(c:settimeout(4, "total"))
  t.gives(2, 4)(c:gettimeout())
  t.gives(1)(c:settimeout(5, "r"))
  t.gives(2, 5)(c:gettimeout())
  t.gives(1)(c:settimeout(6, "return"))
  t.gives(2, 6)(c:gettimeout())
end)

t.case("nil means block", function()
  local c = socket.tcp()
  t.gives(1)(c:settimeout(3, nil))
  t.gives(3, -1)(c:gettimeout())
end)

t.case("other modes raise and change nothing", function()
  local c = socket.tcp()
  for _, mode in ipairs({ "", "x", "B", "T", " b" }) do
    t.raises(function() local r = c:settimeout(1, mode) return r, 1 end,
      "bad argument #2 to 'settimeout' (invalid timeout mode)")
  end
  t.raises(function() local r = c:settimeout(1, {}) return r, 1 end,
    "bad argument #2 to 'settimeout' (string expected, got table)")
  t.gives(-1, -1)(c:gettimeout())
end)

local drip = [[
  local socket = require("socket")
  c:setoption("tcp-nodelay", true)
  for _ = 1, 12 do
    if not c:send("x") then break end
    socket.sleep(0.06)
  end
  c:close()
]]

for _, mode in ipairs({ "b", "t" }) do
  t.case("mode " .. mode .. " alone limits the whole call", function()
    local c = s.serve(drip)
    c:settimeout(nil)
    c:settimeout(0.3, mode)
    local took, data, err, part = t.elapsed(function() return c:receive(12) end)
    t.equal(data, nil)
    t.equal(err, "timeout")
    t.near(#part, 1, 11)
    t.near(took, 0.3 - s.slack, 3)
    c:close()
  end)
end

t.case("with both set, block limits each wait", function()
  local c = s.serve(drip)
  c:settimeout(2)
  c:settimeout(9, "t")
  t.gives(("x"):rep(12), nil, nil)(c:receive(12))
  c:close()
end)

t.case("with both set, a single long wait ends at block", function()
  local c, peer = s.pair()
  c:settimeout(0.05)
  c:settimeout(5, "t")
  local took = t.elapsed(function() t.gives(nil, "timeout", "")(c:receive()) end)
  t.near(took, 0.05 - s.slack, 3)
  peer:close()
end)

t.case("with both set, total ends many short waits", function()
  local c = s.serve(drip)
  c:settimeout(2)
  c:settimeout(0.3, "t")
  local took, data, err, part = t.elapsed(function() return c:receive(12) end)
  t.equal(data, nil)
  t.equal(err, "timeout")
  t.near(#part, 1, 11)
  t.near(took, 0.3 - s.slack, 3)
  c:close()
end)

t.case("total below block wins", function()
  local c, peer = s.pair()
  c:settimeout(5)
  c:settimeout(0.05, "t")
  local took = t.elapsed(function() t.gives(nil, "timeout", "")(c:receive()) end)
  t.near(took, 0.05 - s.slack, 3)
  peer:close()
end)

t.case("total 0 does not wait", function()
  local c, peer = s.pair()
  c:settimeout(nil)
  c:settimeout(0, "t")
  local took = t.elapsed(function() t.gives(nil, "timeout", "")(c:receive()) end)
  t.near(took, 0, 1)
  peer:send("ab")
  s.await(c)
  t.gives("ab", nil, nil)(c:receive(2))
end)

t.case("a negative total is no total", function()
  local c, peer = s.pair()
  c:settimeout(0.05)
  c:settimeout(-1, "t")
  local took = t.elapsed(function() t.gives(nil, "timeout", "")(c:receive()) end)
  t.near(took, 0.05 - s.slack, 3)
  peer:close()
end)

t.case("accept obeys both modes", function()
  local server = s.listener()
  server:settimeout(nil)
  server:settimeout(0.05, "t")
  local took = t.elapsed(function() t.fails("timeout", server:accept()) end)
  t.near(took, 0.05 - s.slack, 3)
  server:settimeout(0.02, "b")
  took = t.elapsed(function() t.fails("timeout", server:accept()) end)
  t.near(took, 0.02 - s.slack, 3)
end)

t.case("a change applies to the next call", function()
  local c, peer = s.pair()
  c:settimeout(0.05)
  t.near(t.elapsed(function() return c:receive() end), 0.05 - s.slack, 3)
  c:settimeout(3)
  c:settimeout(0)
  t.near(t.elapsed(function() return c:receive() end), 0, 2)
  c:settimeout(0.05)
  t.near(t.elapsed(function() return c:receive() end), 0.05 - s.slack, 3)
  peer:close()
end)

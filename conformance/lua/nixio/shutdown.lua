-- shutdown.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case_for({ "wr", "write" }, "no more sending", function(how)
  local c, a = s.pair()
  t.gives(true)(c:shutdown(how))
  s.fails(const.EPIPE, c:send("x"))
  s.fails(const.EPIPE, c:write("x"))
  t.gives("")(a:recv(10))
  t.gives(5)(a:send("hello"))
  t.gives("hello")(c:recv(10))
end)

t.case_for({ "rd", "read" }, "no more receiving", function(how)
  local c, a = s.pair()
  t.gives(true)(c:shutdown(how))
  t.gives("")(c:recv(10))
  t.gives(5)(c:send("hello"))
  t.gives("hello")(a:recv(10))
end)

t.case_for({ "rdwr", "both" }, "neither", function(how)
  local c, a = s.pair()
  t.gives(true)(c:shutdown(how))
  t.gives("")(c:recv(10))
  s.fails(const.EPIPE, c:send("x"))
  t.gives("")(a:recv(10))
end)

t.case("both is the default, also for nil", function()
  local c, a = s.pair()
  t.gives(true)(c:shutdown())
  s.fails(const.EPIPE, c:send("x"))
  t.gives(true)(a:shutdown(nil))
  s.fails(const.EPIPE, a:send("x"))
end)

t.case("where there is no connection any more", function()
  s.fails(107, t.ok(nixio.socket("inet", "stream")):shutdown())
  local c, a = s.pair()
  t.gives(true)(c:shutdown())
  t.gives(true)(a:shutdown())
  s.fails(107, c:shutdown())
end)

t.case("words that it does not know raise", function()
  local c, peer = s.pair()
  for _, how in ipairs({ "RD", "none", "", 1 }) do
    t.raises_like(function() return c:shutdown(how) end, "bad argument")
  end
  t.raises_like(function() return c:shutdown({}) end, "string expected")
end)

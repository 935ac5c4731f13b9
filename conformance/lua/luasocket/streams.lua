-- skip, choose, sink and source.

local t, s = ...
local socket = s.socket

t.case("skip drops arguments", function()
  t.gives(1, 2, 3)(socket.skip(0, 1, 2, 3))
  t.gives(3)(socket.skip(2, 1, 2, 3))
  t.gives(nil, nil)(socket.skip(1, 1, nil, nil))
  t.results(0, socket.skip(3, 1, 2, 3))
  t.results(0, socket.skip(9, 1, 2, 3))
  t.results(0, socket.skip(0))
  t.gives(2)(socket.skip("1", 1, 2))
end)

t.case("skip wants a number", function()
  t.raises(function() local r = socket.skip() return r, 1 end,
    "bad argument #1 to 'skip' (number expected, got no value)")
  t.raises(function() local r = socket.skip("x") return r, 1 end,
    "bad argument #1 to 'skip' (number expected, got string)")
end)

t.case("choose picks by name", function()
  local seen = {}
  local table_of = {
    one = function(a, b) seen = { "one", a, b } return 1 end,
    default = function(a, b) seen = { "default", a, b } return 2 end,
  }
  local f = socket.choose(table_of)
  t.equal(f("one", "a", "b"), 1)
  t.equal(table.concat(seen, " "), "one a b")
  local object = {}
  t.equal(f(object, "b"), 2)
  t.equal(seen[1], "default")
  t.equal(seen[2], object)
  t.equal(seen[3], "b")
end)

t.case("choose raises for unknown names", function()
  t.raises(function() local r = socket.choose({})("x") return r, 1 end, "unknown key (x)")
  t.raises_like(function() local r = socket.choose({})() return r, 1 end, "unknown key (")
end)

-- sinks

t.case("the default sink is keep-open", function()
  local c, peer = s.pair()
  local sink = socket.sink(c)
  t.ok(sink("data"))
  t.gives(1)(sink(nil))
  t.ok(c:getfd() >= 0)
  t.gives("data", nil, nil)(peer:receive(4))
end)

t.case("keep-open sends chunks and stays open", function()
  local c, peer = s.pair()
  local sink = socket.sink("keep-open", c)
  t.gives(5, nil, nil)(sink("chunk"))
  t.gives(0, nil, nil)(sink(""))
  t.gives(1)(sink())
  t.ok(c:getfd() >= 0)
  t.gives("chunk", nil, nil)(peer:receive(5))
end)

t.case("close-when-done closes at the end", function()
  local c, peer = s.pair()
  local sink = socket.sink("close-when-done", c)
  t.gives(5, nil, nil)(sink("chunk"))
  t.gives(1)(sink(nil))
  t.equal(c:getfd(), -1)
  t.gives("chunk", nil, nil)(peer:receive("*a"))
end)

t.case("a sink passes on send's failure", function()
  local c, peer = s.pair()
  local sink = socket.sink("keep-open", c)
  c:close()
  t.gives(nil, "closed", 0)(sink("chunk"))
  peer:close()
end)

t.case("an unknown sink raises", function()
  local c = s.pair()
  t.raises(function() local r = socket.sink("nosuch", c) return r, 1 end, "unknown key (nosuch)")
end)

-- sources

t.case("by-length reads blocks until the length is reached", function()
  local c, peer = s.pair()
  local data = s.noise(5000)
  peer:send(data .. "rest")
  local source = socket.source("by-length", c, 5000)
  local first, second, third = source(), source(), source()
  t.equal(#first, 2048)
  t.equal(#second, 2048)
  t.equal(first .. second .. third, data)
  t.gives(nil)(source())
  t.gives(nil)(source())
  t.gives("rest", nil, nil)(c:receive(4))
end)

t.case("by-length tells errors", function()
  local source = socket.source("by-length", s.given("abc"), 10)
  local chunk, err = source()
  t.equal(chunk, nil)
  t.equal(err, "closed")
end)

t.case("by-length 0 is empty", function()
  local c = s.pair()
  t.gives(nil)(socket.source("by-length", c, 0)())
end)

t.case("until-closed reads all and closes", function()
  local data = s.noise(5000)
  local c = s.given(data)
  local source = socket.source("until-closed", c)
  local got = {}
  while true do
    local chunk, err = source()
    if not chunk then
      t.equal(err, nil)
      break
    end
    got[#got + 1] = chunk
  end
  t.equal(table.concat(got), data)
  t.equal(c:getfd(), -1)
  t.gives(nil)(source())
end)

t.case("the default source is until-closed", function()
  local source = socket.source(s.given("abc"))
  t.gives("abc")(source())
  t.gives(nil)(source())
end)

t.case("until-closed of an empty stream", function()
  local source = socket.source("until-closed", s.given(""))
  local chunk, err = source()
  t.ok(chunk == nil or chunk == "", chunk)
  t.equal(err, nil)
end)

t.case("until-closed tells a timeout", function()
  local c, peer = s.pair()
  c:settimeout(0)
  local chunk, err = socket.source("until-closed", c)()
  t.equal(chunk, nil)
  t.equal(err, "timeout")
  peer:close()
end)

t.case("BLOCKSIZE is read at each call", function()
  local c, peer = s.pair()
  peer:send(("x"):rep(100))
  local size = socket.BLOCKSIZE
  local source = socket.source("by-length", c, 100)
  socket.BLOCKSIZE = 30
  local ok, chunk = pcall(source)
  socket.BLOCKSIZE = size
  t.ok(ok, chunk)
  t.equal(#chunk, 30)
  t.equal(#source(), 70)
end)

t.case("ltn12 pumps from source to sink", function()
  local ok, ltn12 = pcall(require, "ltn12")
  if not ok then t.skip("no ltn12 here") end
  local data = s.noise(50000)
  local from, to = s.given(data), nil
  local c, peer = s.pair()
  t.ok(ltn12.pump.all(socket.source("until-closed", from), socket.sink("close-when-done", c)))
  to = peer:receive("*a")
  t.equal(to, data)
end)

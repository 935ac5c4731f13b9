-- nixio.util: linesource, blocksource, sink.

local t, s = ...
local const = s.const

t.case("linesource: lines that end with LF or CR LF", function()
  local c, a = s.pair()
  c:send("one\ntwo\r\n\n\r\nthr\ree\nfo\0ur\nrest")
  c:close()
  local lines = t.results(1, a:linesource())
  for _, line in ipairs({ "one", "two", "", "", "thr\ree", "fo\0ur" }) do t.gives(line)(lines()) end
  t.gives(nil)(lines())
  t.gives("rest")(lines(true))
  t.gives("")(lines(true))
  t.gives(nil)(lines())
end)

t.case("linesource: in a for loop", function()
  local c, a = s.pair()
  c:send("a\nb\nc\n")
  c:close()
  local seen = {}
  for line in a:linesource() do seen[#seen + 1] = line end
  t.equal(table.concat(seen, ","), "a,b,c")
end)

t.case("linesource: an end in two pieces", function()
  local c, a = s.pair()
  a:setblocking(false)
  local lines = a:linesource()
  c:send("half")
  s.await(a)
  t.gives(nil, const.EAGAIN, "Resource temporarily unavailable")(lines())
  c:send(" line\r")
  s.await(a)
  t.gives(nil, const.EAGAIN, "Resource temporarily unavailable")(lines())
  c:send("\nnext\n")
  s.await(a)
  t.gives("half line")(lines())
  t.gives("next")(lines())
end)

t.case("linesource: a line that is too long, until it is flushed", function()
  local c, a = s.pair()
  c:send("1234567890\nnext\n")
  local lines = a:linesource(8)
  t.gives(nil, 0)(lines())
  t.gives(nil, 0)(lines())
  t.gives("12345678")(lines(true))
  t.gives("90")(lines())
  t.gives("next")(lines())
end)

t.case("linesource: the end of a line counts", function()
  local c, a = s.pair()
  c:send("1234567\n12345678\n")
  local lines = a:linesource(8)
  t.gives("1234567")(lines())
  t.gives(nil, 0)(lines())
  t.gives("12345678")(lines(true))
  t.gives("")(lines())
end)

t.case("linesource: other text in place of what is buffered", function()
  local c, a = s.pair()
  c:send("first\nsecond")
  local lines = a:linesource()
  t.gives("first")(lines())
  t.gives("second")(lines("other\nmore "))
  t.gives("other")(lines())
  c:send("text\n")
  t.gives("more text")(lines())
end)

t.case("linesource: many lines", function()
  local c, a = s.pair()
  local out = {}
  for i = 1, 2000 do out[i] = "line number " .. i end
  c:writeall(table.concat(out, "\r\n") .. "\r\n")
  c:close()
  local lines = a:linesource()
  for i = 1, 2000 do t.equal(lines(), out[i]) end
  t.gives(nil)(lines())
end)

t.case("blocksource: what comes, in blocks", function()
  local c, a = s.pair()
  local data = s.noise(20000)
  c:writeall(data)
  c:close()
  local parts = {}
  for block in a:blocksource(1000) do
    t.ok(#block <= 1000)
    parts[#parts + 1] = block
  end
  t.equal(table.concat(parts), data)
end)

t.case("blocksource: a block is as long as it may be", function()
  local c, a = s.pair()
  c:send("abcdef")
  c:close()
  s.await(a)
  local source = t.results(1, a:blocksource(4))
  t.gives("abcd")(source())
  t.gives("ef")(source())
  t.gives(nil)(source())
end)

t.case("blocksource: no more than the limit", function()
  local c, a = s.pair()
  local data = s.noise(5000)
  c:writeall(data)
  local source, parts = a:blocksource(nil, 2500), {}
  for block in source do parts[#parts + 1] = block end
  t.equal(table.concat(parts), data:sub(1, 2500))
  t.gives(nil)(source())
  t.gives(data:sub(2501), nil, nil, data:sub(2501))(a:readall(2500))
end)

t.case("blocksource: an error", function()
  local _, a = s.pair()
  a:setblocking(false)
  t.gives(nil, const.EAGAIN, "Resource temporarily unavailable")(a:blocksource()())
end)

t.case("sink: writes its chunks", function()
  local c, a = s.pair()
  local sink = t.results(1, c:sink())
  t.gives(5, nil, nil, 5)(sink("hello"))
  t.gives(true)(sink(""))
  t.gives(true)(sink(nil))
  t.gives(true)(sink(nil, "an error"))
  t.gives("hello")(a:recv(10))
  t.ok(c:fileno())
end)

t.case("sink: closes at the end, if asked to", function()
  local c, a = s.pair()
  local sink = c:sink(true)
  t.gives(true)(sink(nil, "an error"))
  t.ok(c:fileno())
  t.gives(true)(sink(nil))
  t.raised(function() return c:fileno() end)
  t.gives("")(a:recv(10))
end)

t.case("sink: an error of the write", function()
  local c, peer = s.pair()
  c:shutdown("wr")
  t.gives(nil, const.EPIPE, "Broken pipe", 0)(c:sink()("x"))
end)

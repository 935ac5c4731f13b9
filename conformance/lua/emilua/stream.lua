-- stream.

local t, s = ...
local stream = s.stream

s.case("write_all and read_all", function()
  local a, b = s.pair()
  t.equal(t.results(1, stream.write_all(a, "0123456789")), 10)
  local buffer = s.byte_span.new(4)
  t.equal(t.results(1, stream.read_all(b, buffer)), 4)
  t.equal(tostring(buffer), "0123")
  t.equal(stream.write_all(a, s.span("abcd")), 4)
  local rest = s.byte_span.new(10)
  t.equal(stream.read_all(b, rest), 10)
  t.equal(tostring(rest), "456789abcd")
  t.equal(stream.write_all(a, ""), 0)
  t.equal(stream.read_all(b, s.byte_span.new(0)), 0)
  a:close()
  b:close()
end)

s.case("at least", function()
  local a, b = s.pair()
  t.equal(stream.write_at_least(a, s.span("012345"), 3), 6)
  b:wait("read")
  local buffer = s.byte_span.new(6)
  t.equal(stream.read_at_least(b, buffer, 2), 6)
  local slow = s.spawn(function() return stream.read_at_least(b, buffer, 4) end)
  for _, part in ipairs({ "a", "b", "cd" }) do
    s.this_fiber.yield()
    a:write_some(part)
  end
  t.equal(slow:join(), 4)
  t.equal(tostring(buffer:slice(1, 4)), "abcd")
  a:write_some("xyz")
  -- No more than there is room for.
  local small = s.byte_span.new(3)
  t.equal(stream.read_at_least(b, small, 100), 3)
  a:close()
  b:close()
end)

s.case("an end in the middle raises, and the bytes so far are there", function()
  local a, b = s.pair()
  a:write_some("half")
  a:close()
  local buffer = s.byte_span.new(8)
  s.raises("asio.misc.2", function() stream.read_all(b, buffer) end)
  t.equal(tostring(buffer:slice(1, 4)), "half")
  b:close()
end)

s.case("much, both ways at once", function()
  local a, b = s.pair()
  local size = 2 * 1024 * 1024
  local text = ("abcdefgh"):rep(size / 8)
  local function exchange(socket)
    local writer = s.spawn(function() return stream.write_all(socket, text) end)
    local buffer = s.byte_span.new(size)
    t.equal(stream.read_all(socket, buffer), size)
    t.equal(writer:join(), size)
    t.ok(tostring(buffer) == text, "other bytes")
  end
  local other = s.spawn(function() exchange(b) end)
  exchange(a)
  other:join()
  a:close()
  b:close()
end)

t.case("streams of the program's own", function()
  local written = {}
  local one_by_one = {
    write_some = function(_, span)
      written[#written + 1] = tostring(span:slice(1, 1))
      return 1
    end,
    read_some = function(_, span)
      span[1] = 120
      return 1
    end,
  }
  t.equal(stream.write_all(one_by_one, "abc"), 3)
  t.equal(table.concat(written, "."), "a.b.c")
  local buffer = s.byte_span.new(3)
  t.equal(stream.read_all(one_by_one, buffer), 3)
  t.equal(tostring(buffer), "xxx")
end)

s.case("errors come through", function()
  local a, b = s.pair()
  b:close()
  t.raised(function() for _ = 1, 100 do stream.write_all(a, "x") end end)
  a:close()
  s.raises("EBADF", function() stream.write_all(a, "x") end)
  s.raises("EBADF", function() stream.read_all(a, s.byte_span.new(1)) end)
  t.raised(function() stream.write_all(a, 5) end)
end)

-- read_some, write_some, wait.

local t, s = ...

s.case("counts, and bytes where they belong", function()
  local a, b = s.pair()
  local buffer = s.byte_span.new(8)
  t.equal(t.results(1, a:write_some(s.span("hello"))), 5)
  t.equal(t.results(1, b:read_some(buffer)), 5)
  t.equal(tostring(buffer), "hello\0\0\0")
  a:write_some("0123456789")
  b:wait("read")
  t.equal(b:read_some(buffer:slice(3, 6)), 4)
  t.equal(tostring(buffer), "he0123\0\0")
  t.equal(s.read(b), "456789")
  a:close()
  s.raises("asio.misc.2", function() b:read_some(buffer) end)
  b:close()
end)

s.case("a buffer of no bytes is done at once", function()
  local a, b = s.pair()
  t.equal(b:read_some(s.byte_span.new(0)), 0)
  t.equal(a:write_some(s.byte_span.new(0)), 0)
  t.equal(a:write_some(""), 0)
  a:close()
  b:close()
end)

s.case("wrong buffers raise, and take nothing", function()
  local a, b = s.pair()
  a:write_some("kept")
  for _, junk in ipairs({ 5, true, {}, a, "text" }) do
    s.blames(2, function() b:read_some(junk) end)
  end
  s.blames(2, function() b:read_some() end)
  s.blames(2, function() a:write_some({}) end)
  s.blames(2, function() a:write_some(nil) end)
  t.equal(s.read(b), "kept")
  a:close()
  b:close()
end)

s.case("others run while one waits", function()
  local a, b = s.pair()
  local log, all = s.log()
  s.spawn(function()
    log("reader waits")
    log(s.read(b))
  end):detach()
  s.this_fiber.yield()
  log("writer")
  a:write_some("data")
  s.await(function() return all():find("data") end)
  t.equal(all(), "reader waits writer data")
  a:close()
  b:close()
end)

s.case("a call lets the others run even when it need not wait", function()
  local a, b = s.pair()
  local turns, over = 0, false
  s.spawn(function()
    while not over do
      turns = turns + 1
      s.this_fiber.yield()
    end
  end):detach()
  for _ = 1, 5 do a:write_some("x") end
  t.ok(turns >= 5, "only " .. turns .. " turns")
  over = true
  a:close()
  b:close()
end)

s.case("readers are served in their order", function()
  local a, b = s.pair()
  local log, all = s.log()
  local fibers = {}
  for i = 1, 4 do
    fibers[i] = s.spawn(function() log(i .. s.read(b, 2)) end)
  end
  s.this_fiber.yield()
  a:write_some("aabbccdd")
  for _, fiber in ipairs(fibers) do fiber:join() end
  t.equal(all(), "1aa 2bb 3cc 4dd")
  a:close()
  b:close()
end)

s.case("a writer waits for room, and every byte arrives", function()
  local a, b = s.pair()
  local size = 3 * 1024 * 1024
  local text = ("0123456789abcdef"):rep(size / 16)
  local writer = s.spawn(function()
    local sent = 0
    local span = s.span(text)
    while sent < size do sent = sent + a:write_some(span:slice(1 + sent)) end
    a:shutdown("send")
    return sent
  end)
  local parts, buffer = {}, s.byte_span.new(70000)
  while true do
    local ok, count = pcall(b.read_some, b, buffer)
    if not ok then
      t.ok(count == s.emilua.asio_error.misc.eof, tostring(count))
      break
    end
    parts[#parts + 1] = tostring(buffer:slice(1, count))
  end
  t.equal(writer:join(), size)
  t.ok(table.concat(parts) == text, "other bytes")
  a:close()
  b:close()
end)

s.case("writing to a peer that is gone raises, and the process lives", function()
  local a, b = s.pair()
  b:close()
  local err = t.raised(function()
    for _ = 1, 100 do a:write_some("x") end
  end)
  local basic = s.emilua.asio_error.basic
  t.ok(err == basic.broken_pipe or err == basic.connection_reset, tostring(err))
  a:close()
end)

s.case("wait", function()
  local a, b = s.pair()
  t.results(0, a:wait("write"))
  local ready = false
  local waiter = s.spawn(function()
    b:wait("read")
    ready = true
  end)
  s.this_fiber.yield()
  s.this_fiber.yield()
  t.equal(ready, false)
  a:write_some("untouched")
  waiter:join()
  t.equal(s.read(b), "untouched")
  t.equal(s.raises("generic.EINVAL", function() b:wait("nothing") end).arg, 2)
  local bothered = s.spawn(function() b:wait("error") end)
  s.this_fiber.yield()
  b:cancel()
  s.raises("ECANCELED", function() bothered:join() end)
  a:close()
  b:close()
  s.raises("EBADF", function() b:wait("read") end)
end)

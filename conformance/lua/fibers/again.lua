-- A receive that waits, and then tries again by itself: whatever happens to the socket, to its coroutine, or to the bytes
-- in the meantime. With a limit and without one.

local t, s = ...
local socket = s.socket
-- As a library may have kept it: fibers have another.
local resume = coroutine.resume

--- A connection whose ends have this limit.
local function pair(limit)
  local c, peer = s.pair()
  c:settimeout(limit)
  return c, peer
end

for _, limit in ipairs({ -1, 20 }) do
  local name = limit < 0 and "without a limit" or "with a limit"
  local function case(what, body) t.case(what .. ", " .. name, body) end

  case("lines that come whole and in pieces", function()
    local c, peer = pair(limit)
    local log, all = s.log()
    s.run(function()
      for _ = 1, 5 do log(t.ok(c:receive())) end
      log(t.ok(c:receive(3)))
      log(t.ok(c:receive("*L")))
    end, function()
      for _, piece in ipairs({ "one\n", "two\nth", "re", "e\nfour\n", "fi", "ve\r\nabcde", "f\n" }) do
        peer:send(piece)
        socket.sleep(0.005)
      end
    end)
    t.equal(all(), "one two three four five abc def\n")
  end)

  case("a line that comes in pieces goes to who waited first", function()
    local c, peer = pair(limit)
    local log, all = s.log()
    for i = 1, 3 do
      s.spawn(function() log(i .. t.ok(c:receive())) end)
    end
    s.run(function()
      socket.sleep(0.005)
      for _, piece in ipairs({ "a", "a", "a\nb", "b\nc", "c\n" }) do
        peer:send(piece)
        socket.sleep(0.005)
      end
    end)
    t.equal(all(), "1aaa 2bb 3cc")
  end)

  case("one waits for bytes, another for a line behind them", function()
    local c, peer = pair(limit)
    local log, all = s.log()
    s.run(function() log(t.ok(c:receive(4))) end, function() log(t.ok(c:receive())) end,
      function() log(t.ok(c:receive(2))) end, function()
        socket.sleep(0.005)
        for _, piece in ipairs({ "ab", "c", "dline", "\nx", "y" }) do
          peer:send(piece)
          socket.sleep(0.005)
        end
      end)
    t.equal(all(), "abcd line xy")
  end)

  case("an end, with and without bytes before it", function()
    for _, rest in ipairs({ "", "rest" }) do
      local c, peer = pair(limit)
      s.run(function()
        t.equal(t.ok(c:receive()), "line")
        t.gives(nil, "closed", rest)(c:receive())
        t.gives(nil, "closed", "")(c:receive())
      end, function()
        socket.sleep(0.005)
        peer:send("line\n" .. rest)
        socket.sleep(0.005)
        peer:close()
      end)
    end
  end)

  case("another fiber closes the socket", function()
    local c, peer = pair(limit)
    s.run(function()
      t.gives(nil, "closed", "")(c:receive())
      t.gives(nil, "closed", "")(c:receive())
    end, function()
      socket.sleep(0.005)
      c:close()
    end)
    t.gives(nil, "closed", "")(peer:receive())
  end)

  case("another fiber closes the socket where bytes have just come", function()
    local c, peer = pair(limit)
    s.run(function() t.equal((select(2, c:receive())), "closed") end, function()
      socket.sleep(0.005)
      peer:send("part")
      c:close()
    end)
  end)

  case("in a coroutine of the fiber's own", function()
    local c, peer = pair(limit)
    local log, all = s.log()
    s.run(function()
      local line = coroutine.wrap(function()
        for _ = 1, 3 do coroutine.yield(t.ok(c:receive())) end
      end)
      for _ = 1, 3 do log(line()) end
      log(select(2, pcall(function() return c:receive() end)))
    end, function()
      for _, piece in ipairs({ "a\nb", "\nc", "\nd\n" }) do
        socket.sleep(0.005)
        peer:send(piece)
      end
    end)
    t.equal(all(), "a b c d")
  end)

  case("somebody else cannot resume the coroutine", function()
    local c, peer = pair(limit)
    local waiting
    s.run(function()
      waiting = coroutine.running()
      t.equal(t.ok(c:receive()), "line")
    end, function()
      socket.sleep(0.005)
      t.gives(false, "cannot resume non-suspended coroutine")(coroutine.resume(waiting, "his", "own"))
      peer:send("line\n")
    end)
  end)

  -- (Where a call cannot try again by itself, the operation that it left behind takes what comes.)
  if t.at_least("5.3") then case("somebody resumes it all the same", function()
    local c, peer = pair(limit)
    local waiting, got
    s.run(function()
      waiting = coroutine.running()
      got = t.pack(c:receive())
    end, function()
      socket.sleep(0.005)
      t.gives(true)(resume(waiting, "his", "own"))
      peer:send("line\n")
      socket.sleep(0.005)
    end)
    t.equal(table.concat(got, " "), "his own")
    t.equal(c:receive(), "line")
  end) end

  case("the limit is changed while it waits", function()
    local c, peer = pair(limit)
    s.run(function() t.equal(t.ok(c:receive()), "line") end, function()
      socket.sleep(0.005)
      c:settimeout(0)
      socket.sleep(0.02)
      peer:send("line\n")
    end)
  end)

  case("the fiber's calls take turns with others", function()
    local c, peer = pair(limit)
    peer:send(("x\n"):rep(3000))
    local before
    s.run(function()
      for _ = 1, 3000 do t.equal(t.ok(c:receive()), "x") end
      before = before or "never"
      t.equal(t.ok(c:receive()), "y")
    end, function()
      socket.sleep(0.001)
      before = before or "in between"
      peer:send("y\n")
    end)
    t.equal(before ~= nil, true)
  end)
end

t.case("a limit counts from the call's begin, however often bytes come", function()
  local c, peer = pair(0.1)
  local part
  s.run(function()
    local before, data, err = socket.gettime()
    data, err, part = c:receive()
    t.equal(data, nil)
    t.equal(err, "timeout")
    t.near(socket.gettime() - before, 0.095, 5, "the wait")
  end, function()
    for byte in ("abcdefgh"):gmatch(".") do
      peer:send(byte)
      socket.sleep(0.01)
    end
    while not part do socket.sleep(0.01) end
    peer:send("late\n")
  end)
  t.equal(part .. c:receive(), "abcdefghlate")
end)

t.case("a limit that is over says so, and the next call goes on", function()
  local c, peer = pair(0.02)
  s.run(function()
    for _ = 1, 3 do t.gives(nil, "timeout", "")(c:receive()) end
    c:settimeout(5)
    t.equal(t.ok(c:receive()), "line")
  end, function()
    socket.sleep(0.1)
    peer:send("line\n")
  end)
end)

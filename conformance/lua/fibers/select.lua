-- select in fibers: the same answers, and only this fiber waits.

local t, s = ...
local socket = s.socket

t.case("ready and unready sockets", function()
  local a, pa = s.pair()
  local b, pb = s.pair()
  pa:send("x")
  s.await(a)
  s.run(function()
    local r, w, err = t.results(2, socket.select({ a, b }, { a }, 1))
    t.equal(#r, 1)
    t.equal(r[1], a)
    t.equal(r[a], 1)
    t.equal(r[b], nil)
    t.equal(#w, 1)
    t.equal(w[1], a)
    t.equal(err, nil)
  end)
end)

t.case("what becomes ready later", function()
  local a, pa = s.pair()
  local b, pb = s.pair()
  s.run(function()
    local r, w = t.results(2, socket.select({ a, b }, nil, s.patience))
    t.equal(r[1], b)
    t.equal(#r, 1)
    t.equal(#w, 0)
    t.gives("hello", nil, nil)(b:receive())
    r = socket.select({ a, b }, {}, s.patience)
    t.equal(r[1], a)
  end, function()
    socket.sleep(0.01)
    pb:send("hello\n")
    socket.sleep(0.02)
    pa:close()
  end)
end)

t.case("a limit, kept and never early, and the others run", function()
  local a, pa = s.pair()
  s.run(function()
    local turns = s.turns(function()
      local took = t.elapsed(function()
        local r, w, err = t.results(3, socket.select({ a }, nil, 0.1))
        t.equal(#r + #w, 0)
        t.equal(err, "timeout")
      end)
      t.near(took, 0.1 - 0.0005, 4)
    end)
    t.ok(turns >= 1, "turns: " .. turns)
  end)
end)

t.case("zero looks once", function()
  local a, pa = s.pair()
  s.run(function()
    t.equal(select(3, socket.select({ a }, nil, 0)), "timeout")
    pa:send("x")
    socket.sleep(0.02)
    t.equal(socket.select({ a }, nil, 0)[1], a)
    t.equal(select(3, socket.select(nil, nil, 0)), "timeout")
  end)
end)

t.case("what select found is there for a receive without time", function()
  local a, pa = s.pair()
  s.run(function()
    a:settimeout(0)
    for i = 1, 5 do
      pa:send("x")
      t.equal(socket.select({ a }, nil, 1)[1], a)
      -- Less than was asked for: the socket is drained, until the reactor hears of more.
      t.gives(nil, "timeout", "x")(a:receive(10))
    end
  end)
end)

t.case("no sockets: a sleep", function()
  s.run(function()
    local turns = s.turns(function()
      local took = t.elapsed(function() t.equal(select(3, socket.select(nil, nil, 0.06)), "timeout") end)
      t.near(took, 0.0595, 0.5)
    end)
    t.ok(turns >= 1, "turns: " .. turns)
  end)
end)

t.case("buffered bytes make it ready", function()
  local a, pa = s.pair()
  pa:send("one\ntwo\n")
  s.await(a)
  s.run(function()
    a:receive()
    local b, pb = s.pair()
    local r = socket.select({ b, a }, nil, s.patience)
    t.equal(r[1], a)
    t.equal(#r, 1)
  end)
end)

t.case("objects of others, and closed ones", function()
  local a, pa = s.pair()
  local foreign = { getfd = function() return a:getfd() end }
  local closed = socket.tcp()
  s.run(function()
    local r = socket.select({ closed, foreign }, nil, s.patience)
    t.equal(r[1], foreign)
    t.equal(r[foreign], 1)
  end, function()
    socket.sleep(0.01)
    pa:send("x")
  end)
end)

t.case("a receive and a select on one socket", function()
  local a, pa = s.pair()
  local line, ready
  s.run(function()
    line = t.ok(a:receive())
  end, function()
    ready = #socket.select({ a }, nil, s.patience)
  end, function()
    socket.sleep(0.01)
    pa:send("x\n")
    socket.sleep(0.01)
    pa:send("y\n")
  end)
  t.equal(line, "x")
  t.equal(ready, 1)
end)

t.case("a list that is nil takes nobody's place", function()
  -- It was kept in the slot that a coroutine was given next, which then was garbage while it ran.
  local ended = 0
  for round = 1, 40 do
    s.spawn(function()
      local c = s.pair()
      socket.select(nil, nil, 0.001)
      for _ = 1, 5 do
        local _, writable = socket.select(nil, { c }, 0.0005)
        t.equal(writable[1], c)
        socket.select({ c }, nil, 0.0005)
        s.spawn(function()
          socket.select(nil, nil, 0.0001 * round)
          collectgarbage()
          ended = ended + 1
        end)
      end
    end)
  end
  s.run()
  t.equal(ended, 200)
end)

t.case("many selects on overlapping sets", function()
  local list, peers = {}, {}
  for i = 1, 20 do list[i], peers[i] = s.pair() end
  local found = 0
  for i = 1, 19 do
    s.spawn(function()
      local r = socket.select({ list[i], list[i + 1] }, nil, s.patience)
      t.ok(#r >= 1)
      found = found + 1
    end)
  end
  s.run(function()
    socket.sleep(0.01)
    for i = 1, 20, 2 do
      peers[i]:send("x")
      socket.sleep(0.001)
    end
  end)
  t.equal(found, 19)
end)

t.case("tables changed while they are selected on", function()
  local a, pa = s.pair()
  local set = { a }
  s.run(function()
    -- Which objects are meant is settled by their positions: nothing may crash.
    pcall(socket.select, set, nil, s.patience)
  end, function()
    socket.sleep(0.005)
    set[1] = nil
    pa:send("x")
  end)
end)

t.case("a descriptor that is not open", function()
  local dead = { getfd = function() return 9999 end }
  local ok_outside, err_outside = pcall(socket.select, { dead }, nil, 0.05)
  local ok, err
  s.run(function() ok, err = pcall(socket.select, { dead }, nil, 0.05) end)
  t.equal(ok, ok_outside)
  t.equal(type(err), type(err_outside))
end)

t.case("a select that is ended while it waits answers with tables", function()
  local a, pa = s.pair()
  local emilua = require("emilua")
  local r, w, why
  s.run(function()
    local fiber = emilua.spawn(function() r, w, why = socket.select({ a }, nil, s.patience) end)
    emilua.this_fiber.yield()
    emilua.this_fiber.yield()
    fiber:interrupt()
  end)
  t.equal(type(r), "table")
  t.equal(#r, 0)
  t.equal(#w, 0)
  t.equal(why, "cancelled")
  a:close()
  pa:close()
end)

t.case("errors of arguments are raised", function()
  s.run(function()
    t.raises_like(function() socket.select(1) end, "table expected, got number")
    t.raises_like(function() socket.select({}, {}, {}) end, "number expected, got table")
  end)
end)

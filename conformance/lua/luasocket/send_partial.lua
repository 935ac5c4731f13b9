-- Sending more than fits: what went out, and going on from there.

local t, s = ...
local socket = s.socket

t.case_for(s.ips, "timeout 0 reports how far it came", function(ip)
  local c, peer = s.pair(ip)
  local data = s.noise(16 * 1024 * 1024)
  c:settimeout(0)
  local last, err, sent = t.results(3, c:send(data))
  t.equal(last, nil)
  t.equal(err, "timeout")
  t.near(sent, 1, #data - 1)
  c:close()
  t.equal((peer:receive("*a")), data:sub(1, sent))
end)

t.case("nothing fits: the index before the first", function()
  local c, peer = s.pair()
  s.fill(c)
  t.gives(nil, "timeout", 0)(c:send("hello"))
  t.gives(nil, "timeout", 1)(c:send("hello", 2))
  t.gives(nil, "timeout", 3)(c:send("hello", -2))
  t.gives(nil, "timeout", 0)(c:send("hello", 1, 2))
  peer:close()
end)

t.case("an empty range does not wait", function()
  local c, peer = s.pair()
  s.fill(c)
  t.gives(0, nil, nil)(c:send(""))
  t.gives(5, nil, nil)(c:send("hello", 6))
  peer:close()
end)

t.case("a full socket is not writable, a drained one is", function()
  local c, peer = s.pair()
  local total = s.fill(c)
  local _, ready, err = socket.select(nil, { c }, 0)
  t.equal(#ready, 0)
  t.equal(err, "timeout")
  t.equal(#t.ok(peer:receive(total)), total)
  local _, writable = socket.select(nil, { c }, s.patience)
  t.equal(writable[1], c)
end)

-- Sends all of data from index i to j with timeout 0; the peer reads in between.
local function pumped(c, peer, data, i, j)
  local got, taken, rounds = {}, 0, 0
  c:settimeout(0)
  peer:settimeout(0)
  local function drain()
    socket.select({ peer }, nil, 0.1)
    local chunk, _, part = peer:receive(1024 * 1024)
    got[#got + 1] = chunk or part
    taken = taken + #got[#got]
    t.ok(taken <= #data, "more arrives than was to be sent")
  end
  while true do
    local last, err, partial = t.results(3, c:send(data, i, j))
    rounds = rounds + 1
    if last then
      t.equal(last, j or #data)
      break
    end
    t.equal(err, "timeout")
    t.near(partial, i - 1, #data)
    i = partial + 1
    drain()
  end
  c:close()
  peer:settimeout(s.patience)
  got[#got + 1] = (peer:receive("*a")) or ""
  return table.concat(got), rounds
end

t.case_for(s.ips, "resumed from last+1 every byte arrives once", function(ip)
  local c, peer = s.pair(ip)
  local data = s.noise(12 * 1024 * 1024)
  local got, rounds = pumped(c, peer, data, 1)
  t.ok(rounds > 1, "it all went at once")
  t.equal(got, data)
end)

t.case("a resumed range keeps its own indexes", function()
  local c, peer = s.pair()
  local data = s.noise(9 * 1024 * 1024)
  local got, rounds = pumped(c, peer, data, 1000001, 9000000)
  t.ok(rounds > 1, "it all went at once")
  t.equal(got, data:sub(1000001, 9000000))
end)

t.case("resumed with a small buffer", function()
  -- Only the sender's: a small window on both sides makes TCP wait for its timers.
  local c, peer = s.pair()
  t.gives(1)(c:setoption("send-buffer-size", 4096))
  local data = s.noise(300001)
  local got, rounds = pumped(c, peer, data, 1)
  t.ok(rounds > 1, "it all went at once")
  t.equal(got, data)
end)

t.case("a limit makes send give up in time", function()
  for _, mode in ipairs({ "b", "t" }) do
    local c, peer = s.pair()
    s.fill(c)
    c:settimeout(nil)
    c:settimeout(0.05, mode)
    local took = t.elapsed(function() t.gives(nil, "timeout", 0)(c:send("x")) end)
    t.near(took, 0.05 - s.slack, 3)
    c:settimeout(-1, mode)
    peer:close()
  end
end)

t.case("send waits for room when it may", function()
  local c, peer = s.serve([[
    local socket = require("socket")
    socket.sleep(0.05)
    local data = assert(c:receive(20 * 1024 * 1024))
    say(#data)
    c:close()
  ]])
  local data = ("abcdefgh"):rep(20 * 1024 * 1024 / 8)
  t.gives(#data, nil, nil)(c:send(data))
  t.equal(tonumber(peer:line()), #data)
end)

t.case("after a timeout the connection still works both ways", function()
  local c, peer = s.pair()
  local total = s.fill(c)
  peer:send("back\n")
  c:settimeout(s.patience)
  t.gives("back", nil, nil)(c:receive())
  t.equal(#t.ok(peer:receive(total)), total)
  t.gives(4, nil, nil)(c:send("more"))
  t.gives("more", nil, nil)(peer:receive(4))
end)

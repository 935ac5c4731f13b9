-- select over socket objects.

local t, s = ...
local socket = s.socket

local function empty(list)
  return next(list) == nil
end

t.case("nothing ready: two empty tables and timeout", function()
  local c, peer = s.pair()
  local r, w, err = t.results(3, socket.select({ c }, nil, 0))
  t.ok(empty(r) and empty(w))
  t.equal(err, "timeout")
  r, w, err = t.results(3, socket.select({ c }, {}, 0.01))
  t.ok(empty(r) and empty(w))
  t.equal(err, "timeout")
  peer:close()
end)

t.case("something ready: two results, with reverse keys", function()
  local c, peer = s.pair()
  peer:send("x")
  s.await(c)
  local r, w = t.results(2, socket.select({ c }, nil, 0))
  t.equal(#r, 1)
  t.equal(r[1], c)
  t.equal(r[c], 1)
  t.ok(empty(w))
end)

t.case("writable objects", function()
  local c, peer = s.pair()
  local r, w = t.results(2, socket.select(nil, { c, peer }, 0))
  t.ok(empty(r))
  t.equal(#w, 2)
  t.equal(w[w[c]], c)
  t.equal(w[w[peer]], peer)
  local keys = 0
  for _ in pairs(w) do keys = keys + 1 end
  t.equal(keys, 4)
end)

t.case("both lists at once", function()
  local c, peer = s.pair()
  peer:send("x")
  s.await(c)
  local r, w = t.results(2, socket.select({ c, peer }, { c }, 1))
  t.equal(#r, 1)
  t.equal(r[c], 1)
  t.equal(r[peer], nil)
  t.equal(#w, 1)
  t.equal(w[c], 1)
end)

t.case("the result tables are new and the arguments untouched", function()
  local c, peer = s.pair()
  peer:send("x")
  s.await(c)
  local input = { c, peer }
  local r, w = socket.select(input, input, 0)
  t.differs(r, input)
  t.differs(w, input)
  t.differs(r, w)
  t.equal(#input, 2)
  t.equal(input[c], nil)
end)

t.case("ready objects come by descriptor, whatever the input order", function()
  local readers, all = {}, {}
  for i = 1, 6 do
    local c, peer = s.pair()
    peer:send("x")
    s.await(c)
    readers[i], all[i] = c, peer
  end
  table.sort(readers, function(a, b) return a:getfd() < b:getfd() end)
  local mixed = { readers[4], readers[1], readers[6], readers[3], readers[5], readers[2] }
  local r = socket.select(mixed, nil, 0)
  t.equal(#r, 6)
  for i = 1, 6 do
    t.equal(r[i], readers[i], "position " .. i)
    t.equal(r[readers[i]], i)
  end
  local _, w = socket.select(nil, mixed, 0)
  for i = 1, 6 do t.equal(w[i], readers[i], "position " .. i) end
end)

t.case("dirty objects come first, in input order", function()
  local readers, peers = {}, {}
  for i = 1, 4 do
    readers[i], peers[i] = s.pair()
    peers[i]:send("one\ntwo\n")
    s.await(readers[i])
  end
  table.sort(readers, function(a, b) return a:getfd() < b:getfd() end)
  readers[4]:receive()
  readers[3]:receive()
  local r = t.results(2, socket.select({ readers[4], readers[1], readers[3], readers[2] }, nil, 1))
  t.equal(#r, 4)
  t.equal(r[1], readers[4])
  t.equal(r[2], readers[3])
  t.equal(r[3], readers[1])
  t.equal(r[4], readers[2])
  for i = 1, 4 do t.equal(r[r[i]], i) end
end)

t.case("a dirty object makes select return at once", function()
  local c, peer = s.pair()
  local d, other = s.pair()
  peer:send("one\ntwo\n")
  s.await(c)
  c:receive()
  local took = t.elapsed(function()
    local r, w = t.results(2, socket.select({ d, c }, nil, 5))
    t.equal(#r, 1)
    t.equal(r[1], c)
    t.equal(r[c], 1)
    t.ok(empty(w))
  end)
  t.near(took, 0, 3)
  other:close()
end)

t.case("dirty objects are for reading only", function()
  local c, peer = s.pair()
  peer:send("one\ntwo\n")
  s.await(c)
  c:receive()
  s.fill(c)
  local r, w, err = t.results(3, socket.select(nil, { c }, 0))
  t.ok(empty(r) and empty(w))
  t.equal(err, "timeout")
end)

t.case("a dirty object is listed once", function()
  local c, peer = s.pair()
  peer:send("one\ntwo\n")
  s.await(c)
  c:receive()
  peer:send("three\n")
  local r = t.results(2, socket.select({ c }, nil, 1))
  t.equal(#r, 1)
  t.equal(r[c], 1)
end)

t.case("the same object twice is listed once", function()
  local c, peer = s.pair()
  peer:send("x")
  s.await(c)
  local r = t.results(2, socket.select({ c, c }, nil, 1))
  t.equal(#r, 1)
  t.equal(r[c], 1)
end)

t.case("a server is readable when someone connects", function()
  local server, port = s.listener()
  local _, _, err = socket.select({ server }, nil, 0)
  t.equal(err, "timeout")
  local c = assert(socket.connect("127.0.0.1", port))
  local r = socket.select({ server }, nil, s.patience)
  t.equal(r[server], 1)
  c:close()
end)

t.case("the end of a stream is readable", function()
  local c, peer = s.pair()
  peer:close()
  local r = t.results(2, socket.select({ c }, nil, s.patience))
  t.equal(r[1], c)
  t.gives(nil, "closed", "")(c:receive())
  r = t.results(2, socket.select({ c }, nil, s.patience))
  t.equal(r[1], c)
end)

t.case("a reset is readable and writable", function()
  local c, peer = s.pair()
  s.fill(c)
  peer:setoption("linger", { on = true, timeout = 0 })
  peer:close()
  local r, w = t.results(2, socket.select({ c }, { c }, s.patience))
  t.equal(r[1], c)
  t.equal(w[1], c)
end)

t.case("closed and unopened objects are passed over", function()
  local c, peer = s.pair()
  local gone, other = s.pair()
  gone:close()
  other:close()
  peer:send("x")
  s.await(c)
  local r, w = t.results(2, socket.select({ gone, socket.tcp(), c }, { gone, socket.tcp() }, 0))
  t.equal(#r, 1)
  t.equal(r[1], c)
  t.ok(empty(w))
  local _, _, err = t.results(3, socket.select({ gone }, { socket.tcp() }, 0))
  t.equal(err, "timeout")
end)

t.case("no lists: it sleeps", function()
  local took = t.elapsed(function()
    local r, w, err = t.results(3, socket.select(nil, nil, 0.05))
    t.ok(empty(r) and empty(w))
    t.equal(err, "timeout")
  end)
  t.near(took, 0.05 - s.slack, 3)
  took = t.elapsed(function() t.results(3, socket.select({}, {}, 0.05)) end)
  t.near(took, 0.05 - s.slack, 3)
end)

t.case("the limit is kept", function()
  local c, peer = s.pair()
  local took = t.elapsed(function() t.results(3, socket.select({ c }, nil, 0.1)) end)
  t.near(took, 0.1 - s.slack, 3)
  took = t.elapsed(function() t.results(3, socket.select({ c }, nil, 0)) end)
  t.near(took, 0, 1)
  peer:close()
end)

for _, limit in ipairs({ -1, false }) do
  t.case("limit " .. tostring(limit or nil) .. " waits on and on", function()
    local c, peer = s.serve([[
      require("socket").sleep(0.15)
      c:send("x")
      c:receive()
    ]])
    local r
    if limit then
      r = t.results(2, socket.select({ c }, nil, limit))
    else
      r = t.results(2, socket.select({ c }))
    end
    t.equal(r[1], c)
    c:close()
    t.equal(peer:finish(), "")
  end)
end

t.case("an infinite limit waits on and on", function()
  local c, peer = s.pair()
  peer:send("x")
  for _, limit in ipairs({ math.huge, 1e10, 1e300 }) do
    local r = t.results(2, socket.select({ c }, nil, limit))
    t.equal(r[1], c)
  end
end)

t.case("wrong arguments raise", function()
  for _, kind in ipairs({ { 1, "number" }, { "x", "string" }, { true, "boolean" } }) do
    t.raises(function() local r = socket.select(kind[1], nil, 0) return r, 1 end,
      "bad argument #1 to 'select' (table expected, got " .. kind[2] .. ")")
    t.raises(function() local r = socket.select(nil, kind[1], 0) return r, 1 end,
      "bad argument #2 to 'select' (table expected, got " .. kind[2] .. ")")
  end
  t.raises(function() local r = socket.select(nil, nil, "x") return r, 1 end,
    "bad argument #3 to 'select' (number expected, got string)")
  t.raises(function() local r = socket.select(nil, nil, {}) return r, 1 end,
    "bad argument #3 to 'select' (number expected, got table)")
end)

t.case("a numeric string is a limit", function()
  local _, _, err = t.results(3, socket.select(nil, nil, "0.01"))
  t.equal(err, "timeout")
end)

t.case("three hundred objects, one ready", function()
  local server, port = s.listener("127.0.0.1", 512)
  local clients, accepted = {}, {}
  for i = 1, 300 do
    clients[i] = assert(socket.connect("127.0.0.1", port))
    accepted[i] = assert(server:accept())
  end
  accepted[217]:send("x")
  local r = t.results(2, socket.select(clients, nil, s.patience))
  t.equal(#r, 1)
  t.equal(r[1], clients[217])
  local _, w = socket.select(nil, clients, 0)
  t.equal(#w, 300)
end)

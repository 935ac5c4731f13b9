-- poll and poll_flags.

local t, s = ...
local nixio = s.nixio
local flags = nixio.poll_flags
local IN, PRI, OUT, ERR, HUP, NVAL = 1, 2, 4, 8, 16, 32

t.case("poll_flags: words to a number", function()
  for word, number in pairs({ ["in"] = IN, pri = PRI, out = OUT, err = ERR, hup = HUP, nval = NVAL }) do
    t.gives(number)(flags(word))
  end
  t.gives(5)(flags("in", "out"))
  t.gives(63)(flags("in", "out", "pri", "err", "hup", "nval", "in"))
  t.gives(0)(flags())
  t.raises_like(function() return flags("IN") end, "supported values")
  t.raises_like(function() return flags("in", {}) end, "string expected")
end)

t.case("poll_flags: a number to words", function()
  local set = t.results(1, flags(5))
  t.equal(set["in"], true)
  t.equal(set.out, true)
  t.equal(set.err, nil)
  t.equal(next(flags(0)), nil)
  t.equal(flags("16").hup, true)
  local all = { ["in"] = IN, pri = PRI, out = OUT, err = ERR, hup = HUP, nval = NVAL }
  for word, number in pairs(all) do
    local one = flags(number)
    for other in pairs(all) do t.equal(one[other], other == word or nil, other) end
  end
end)

t.case("how many are ready, and the list", function()
  local c, a = s.pair()
  local fds = { { fd = a, events = IN }, { fd = c, events = IN }, { fd = c, events = OUT } }
  c:send("x")
  s.await(a)
  local count, list = t.results(2, nixio.poll(fds, 1000))
  t.equal(count, 2)
  t.equal(list, fds)
  t.equal(fds[1].revents, IN)
  t.equal(fds[2].revents, 0)
  t.equal(fds[3].revents, OUT)
end)

t.case("false when the time is up; revents stay as they were", function()
  local c, peer = s.pair()
  local fds = { { fd = c, events = IN, revents = 99 } }
  local took = t.elapsed(function() t.gives(false)(nixio.poll(fds, 50)) end)
  t.near(took, 0.05 - s.slack, 1)
  t.equal(fds[1].revents, 99)
end)

t.case("without a time it only looks", function()
  local c, peer = s.pair()
  local took = t.elapsed(function() t.gives(false)(nixio.poll({ { fd = c, events = IN } })) end)
  t.near(took, 0, 2)
  t.gives(false)(nixio.poll({ { fd = c, events = IN } }, 0))
end)

t.case("-1 waits for ever", function()
  local server, port = s.listener()
  local peer = t.peer([[
    local nixio = require("nixio")
    local c = assert(nixio.connect("127.0.0.1", ...))
    nixio.nanosleep(0, 80000000)
    c:send("x")
    c:recv(1)
  ]], port)
  local a = t.ok(server:accept())
  t.equal((nixio.poll({ { fd = a, events = IN } }, -1)), 1)
  t.gives("x")(a:recv(5))
  a:close()
  t.equal(peer:finish(), "")
end)

t.case_for({ "nil", "empty" }, "without entries it sleeps", function(kind)
  local list = kind == "empty" and {} or nil
  local took = t.elapsed(function() t.gives(0)(nixio.poll(list, 30)) end)
  t.near(took, 0.03 - s.slack, 1)
end)

t.case("a time with a fraction", function()
  if s.ours then
    local took = t.elapsed(function() t.gives(0)(nixio.poll(nil, 20.5)) end)
    t.near(took, 0.0205 - 0.0005, 1)
  else
    t.skip("for moonsocket")
  end
end)

t.case("a waiting client, an end, a hang-up", function()
  local server, port = s.listener()
  local list = { { fd = server, events = IN } }
  local c = t.ok(nixio.connect("127.0.0.1", port))
  t.equal((nixio.poll(list, 1000)), 1)
  t.equal(list[1].revents, IN)
  local a = t.ok(server:accept())
  c:shutdown("wr")
  list = { { fd = a, events = IN } }
  t.equal((nixio.poll(list, 1000)), 1)
  t.equal(list[1].revents, IN)
  a:shutdown("wr")
  s.await(c)
  list = { { fd = a, events = IN } }
  while nixio.poll(list, 1000) == 1 and list[1].revents == IN do nixio.nanosleep(0, 1000000) end
  t.equal(list[1].revents, IN + HUP)
end)

t.case("hang-ups are told whatever is asked for", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  for _, events in ipairs({ 0, IN, HUP }) do
    local list = { { fd = socket, events = events } }
    t.equal((nixio.poll(list, 1000)), 1)
    t.equal(list[1].revents, HUP)
  end
  local list = { { fd = socket } }
  t.equal((nixio.poll(list, 1000)), 1)
  t.equal(list[1].revents, HUP)
end)

t.case("a wait for a hang-up alone", function()
  local server, port = s.listener()
  local peer = t.peer([[
    local nixio = require("nixio")
    local c = assert(nixio.connect("127.0.0.1", ...))
    c:send("data that nobody asks for")
    nixio.nanosleep(0, 60000000)
  ]], port)
  local a = t.ok(server:accept())
  a:shutdown("wr")
  local list = { { fd = a, events = 0 } }
  t.equal((nixio.poll(list, 5000)), 1)
  t.ok(list[1].revents >= HUP, list[1].revents)
  peer:finish()
end)

t.case("an error", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  socket:setblocking(false)
  socket:connect("127.0.0.1", s.dead_port())
  local list = { { fd = socket, events = 0 } }
  t.equal((nixio.poll(list, 1000)), 1)
  t.equal(list[1].revents, ERR + HUP)
end)

t.case("files of the io library", function()
  local file = assert(io.popen("echo x; sleep 0.05"))
  local list = { { fd = file, events = IN } }
  t.equal((nixio.poll(list, 5000)), 1)
  t.ok(list[1].revents == IN or list[1].revents == IN + HUP)
  file:close()
  t.raises_like(function() return nixio.poll({ { fd = file, events = IN } }, 0) end, "invalid fd")
end)

t.case("objects of other libraries, by their getfd", function()
  local c, a = s.pair()
  c:send("x")
  local wrapped = { getfd = function() return a:fileno() end }
  t.equal((nixio.poll({ { fd = wrapped, events = IN } }, 1000)), 1)
  local broken = { getfd = function() error("broken", 0) end }
  t.equal(t.raised(function() return nixio.poll({ { fd = broken, events = IN } }, 0) end), "broken")
end)

t.case("one socket in several entries", function()
  local c, a = s.pair()
  c:send("x")
  local list = { { fd = a, events = IN }, { fd = a, events = OUT }, { fd = a, events = PRI } }
  s.await(a)
  t.equal((nixio.poll(list, 1000)), 2)
  t.equal(list[1].revents + list[2].revents + list[3].revents, IN + OUT)
end)

t.case("many", function()
  local list, pairs_kept = {}, {}
  for i = 1, 100 do
    local c, a = s.pair()
    pairs_kept[i] = { c, a }
    list[i] = { fd = a, events = IN, number = i }
    if i % 3 == 0 then
      c:send("x")
      s.await(a)
    end
  end
  t.equal((nixio.poll(list, 1000)), 33)
  for i, entry in ipairs(list) do t.equal(entry.revents, i % 3 == 0 and IN or 0) end
end)

t.case("what is no list of that kind raises", function()
  local c, peer = s.pair()
  for _, bad in ipairs({ { 1 }, { "x" }, { true } }) do
    t.raises_like(function() return nixio.poll(bad, 0) end, "invalid datastructure")
  end
  for _, bad in ipairs({ {}, { fd = 1 }, { fd = {} }, { fd = "x" }, { events = IN } }) do
    t.raises_like(function() return nixio.poll({ bad }, 0) end, "invalid fd")
  end
  t.raises_like(function() return nixio.poll({ { fd = c, events = IN } }, "x") end, "number expected")
  t.raised(function() return nixio.poll("text", 0) end)
end)

t.case("events that are no number are none", function()
  local c, a = s.pair()
  c:send("x")
  s.await(a)
  t.gives(false)(nixio.poll({ { fd = a, events = "in" } }, 0))
  t.equal((nixio.poll({ { fd = a, events = "1" } }, 0)), 1)
end)

t.case("urgent data", function()
  local c, a = s.pair()
  t.gives(false)(nixio.poll({ { fd = a, events = PRI } }, 0))
  if not s.ours then return end
  -- It cannot be sent by nixio.
  local S = require("sgssockets")
  local server, port = s.listener()
  local sender = t.ok(S.socket_tcp())
  t.ok(sender:connect(S.socket_address(S.AF_INET, "127.0.0.1", port)))
  a = t.ok(server:accept())
  t.ok(sender:send("!", S.MSG_OOB))
  local list = { { fd = a, events = PRI } }
  t.equal((nixio.poll(list, 5000)), 1)
  t.equal(list[1].revents, PRI)
  sender:close()
  t.ok(c)
end)

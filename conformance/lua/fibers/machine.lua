-- The Lua machine around fibers: fairness, stacks, memory over a long run.

local t, s = ...
local socket = s.socket

t.case("a busy receiver does not starve the others", function()
  local c, peer = s.pair()
  local turns, over = 0, false
  s.run(function()
    -- Both ends here: there is always something to receive.
    for _ = 1, 20000 do
      peer:send("0123456789\n")
      t.ok(c:receive())
    end
    over = true
  end, function()
    while not over do
      socket.sleep(0)
      coroutine.yield()
      turns = turns + 1
    end
  end)
  t.ok(turns >= 10, "turns: " .. turns)
end)

t.case("a loop of zero-limit selects does not starve the others", function()
  local c, peer = s.pair()
  local over = false
  s.run(function()
    local deadline = socket.gettime() + 5
    while not over and socket.gettime() < deadline do socket.select({ c }, nil, 0) end
    t.equal(over, true)
  end, function()
    socket.sleep(0.01)
    over = true
  end)
end)

t.case("a loop of zero-limit receives does not starve the others", function()
  local c, peer = s.pair()
  c:settimeout(0)
  local over = false
  s.run(function()
    local deadline = socket.gettime() + 5
    while not over and socket.gettime() < deadline do t.gives(nil, "timeout", "")(c:receive()) end
    t.equal(over, true)
  end, function()
    socket.sleep(0.01)
    over = true
  end)
end)

t.case("a loop of sleep(0) does not starve the others", function()
  local over = false
  s.run(function()
    local deadline = socket.gettime() + 5
    while not over and socket.gettime() < deadline do socket.sleep(0) end
    t.equal(over, true)
  end, function()
    socket.sleep(0.01)
    over = true
  end)
end)

t.case("a loop of accepts on a busy listener does not starve the others", function()
  local server, port = s.listener("127.0.0.1", 128)
  local turns, over = 0, false
  s.run(function()
    for _ = 1, 500 do
      local c = t.ok(socket.connect("127.0.0.1", port))
      t.ok(server:accept()):close()
      c:close()
    end
    over = true
  end, function()
    while not over do
      socket.sleep(0)
      coroutine.yield()
      turns = turns + 1
    end
  end)
  t.ok(turns >= 2, "turns: " .. turns)
end)

t.case("a long run keeps no memory of what was received", function()
  local text = s.process([[
    local function resident()
      collectgarbage()
      collectgarbage()
      return tonumber(io.open("/proc/self/status"):read("*a"):match("VmRSS:%s*(%d+)"))
    end
    local c, a = pair()
    local line = ("x"):rep(9999)
    local rounds = 10000
    spawn(function()
      for _ = 1, rounds do a:send(line .. "\n") assert(a:receive(2)) end
      a:close()
    end)
    spawn(function()
      local first
      for i = 1, rounds do
        assert(c:receive() == line)
        c:send("ok")
        if i == 1000 then first = resident() end
      end
      say("kilobytes gained", resident() - first)
    end)
    run()
  ]]):line()
  t.near(tonumber(text:match("(%-?%d+)$")), -1e6, 20000, "kilobytes of 90,000")
end)

t.case("a long run keeps no accepted objects", function()
  local text = s.process([[
    local server, port = listener()
    local alive = setmetatable({}, { __mode = "k" })
    spawn(function()
      for _ = 1, 300 do
        local c = assert(server:accept())
        alive[c] = true
        c:close()
      end
    end)
    spawn(function()
      for _ = 1, 300 do
        local c = socket.connect("127.0.0.1", port)
        c:receive()
        c:close()
      end
      collectgarbage()
      collectgarbage()
      local count = 0
      for _ in pairs(alive) do count = count + 1 end
      say("alive", count)
    end)
    run()
  ]]):line()
  t.near(tonumber(text:match("(%d+)$")), 0, 5, "objects")
end)

t.case("ten thousand fibers, one after another", function()
  local ended = 0
  local function body()
    socket.sleep(0)
    ended = ended + 1
  end
  for _ = 1, 10 do
    for _ = 1, 1000 do s.spawn(body) end
    s.run()
  end
  t.equal(ended, 10000)
end)

t.case("a chain of fibers, each spawned by the one before", function()
  local depth = 0
  local function link(n)
    depth = n
    socket.sleep(0)
    if n < 2000 then s.moonsocket.spawn(link, n + 1) end
  end
  s.run(function() link(1) end)
  t.equal(depth, 2000)
end)

-- An interpreter that gets a signal sets one, which raises.
t.case("a hook that is set while fibers run is called, and ends the run", function()
  local running, sethook = coroutine.running, debug.sethook
  local caller, wanted, turns = running(), false, 0
  s.moonsocket.spawn(function()
    wanted = true
    while turns < 100 do
      turns = turns + 1
      socket.sleep(0.001)
    end
  end)
  sethook(function()
    if wanted and running() == caller then
      sethook()
      error("interrupted!", 0)
    end
  end, "c")
  local ok, why = pcall(s.moonsocket.run)
  sethook()
  t.equal(ok, false)
  t.equal(why, "interrupted!")
  t.ok(turns < 100)
  s.run()
  t.equal(turns, 100)
end)

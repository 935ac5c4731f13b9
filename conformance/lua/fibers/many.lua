-- Many fibers with many connections.

local t, s = ...

t.case("a thousand fibers with a connection each, both ends here", function()
  local peer = s.process([[
    local server, port = listener()
    local served, answered = 0, 0
    spawn(function()
      for _ = 1, 1000 do
        local c, err = server:accept()
        if not c then say("accept", err) return end
        spawn(function()
          while true do
            local line = c:receive()
            if not line then break end
            c:send("re " .. line .. "\n")
          end
          c:close()
          served = served + 1
        end)
      end
    end)
    for i = 1, 1000 do
      spawn(function()
        local c, err = socket.connect("127.0.0.1", port)
        if not c then say("connect", err) return end
        for j = 1, 3 do
          c:send(i .. " " .. j .. "\n")
          sleep((i * 7 % 13) / 1000)
          assert(c:receive() == "re " .. i .. " " .. j)
        end
        c:close()
        answered = answered + 1
      end)
    end
    local start = socket.gettime()
    say("run", run())
    say("served", served, "answered", answered)
  ]], "ulimit -n 4096")
  t.equal(peer:line(), "run true")
  t.equal(peer:line(), "served 1000 answered 1000")
end)

t.case("a thousand fibers wait, one is woken at a time", function()
  local peer = s.process([[
    local ends, order = {}, {}
    for i = 1, 1000 do
      local c, a = pair()
      ends[i] = a
      spawn(function()
        assert(c:receive() == "go")
        order[#order + 1] = i
      end)
    end
    spawn(function()
      local i = 1
      for _ = 1, 1000 do
        i = (i * 7 + 3) % 1009
        while i < 1 or i > 1000 or not ends[i] do i = i % 1000 + 1 end
        ends[i]:send("go\n")
        ends[i] = false
        sleep(0)
      end
    end)
    say("run", run())
    say("woken", #order)
  ]], "ulimit -n 4096")
  t.equal(peer:line(), "run true")
  t.equal(peer:line(), "woken 1000")
end)

t.case("descriptors run out while fibers accept and connect", function()
  local peer = s.process([[
    local server, port = listener()
    local failed, got = 0, 0
    local function try()
      local c, err = socket.connect("127.0.0.1", port)
      if c then
        got = got + 1
        sleep(0.02)
        c:close()
      else
        failed = failed + 1
      end
    end
    spawn(function()
      server:settimeout(0.2)
      while true do
        local c, err = server:accept()
        if c then spawn(function() c:receive() c:close() end)
        elseif err == "timeout" then break
        else sleep(0.005) end
      end
    end)
    for _ = 1, 60 do spawn(try) end
    say("run", run())
    say("all", failed + got, failed > 0)
    spawn(try)
    spawn(function() local c = server:accept() if c then c:close() end end)
    local before = got
    say("run", run(), got - before)
  ]], "ulimit -n 40")
  t.equal(peer:line(), "run true")
  t.equal(peer:line(), "all 60 true")
  t.equal(peer:line(), "run true 1")
end)

t.case("no descriptor is left for the reactor", function()
  local peer = s.process([[
    local c, a = pair()
    local d, b = pair()
    local keep = {}
    while true do
      local file = io.open("/dev/null")
      if not file then break end
      keep[#keep + 1] = file
    end
    spawn(function() c:settimeout(0.05) say("receive", (select(2, c:receive()))) end)
    spawn(function() say("select", #socket.select({ b, c }, nil, 5)) say("line", (b:receive())) end)
    spawn(function() sleep(0.01) say("slept") d:send("one\n") end)
    say("run", run())
    spawn(function() say("line", (b:receive())) end)
    spawn(function()
      sleep(0.01)
      for _, file in ipairs(keep) do file:close() end
      sleep(0.01)
      d:send("two\n")
    end)
    say("run", run())
  ]], "ulimit -n 24")
  for line in ("slept,select 1,line one,receive timeout,run true,line two,run true"):gmatch("[^,]+") do
    t.equal(peer:line(), line)
  end
end)

t.case("no descriptor is left for a lookup", function()
  local text = s.process([[
    local keep = {}
    while true do
      local file = io.open("/dev/null")
      if not file then break end
      keep[#keep + 1] = file
    end
    say("outside", socket.dns.toip("localhost"))
    spawn(function()
      local ip, err = socket.dns.toip("localhost")
      say("inside", ip, err)
    end)
    say("run", run())
    for _, file in ipairs(keep) do file:close() end
    spawn(function() say("later", socket.dns.toip("localhost") ~= nil) end)
    say("again", run())
  ]], "ulimit -n 24"):finish()
  t.ok(text:find("inside nil ", 1, true), text)
  t.ok(text:find("later true\n", 1, true), text)
end)

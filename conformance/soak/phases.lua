-- What a soak goes through. Each phase does its work and returns a line that says what that was; errors are failures.

return function(soak)
  local moonsocket, traffic, measure = soak.moonsocket, soak.traffic, soak.measure
  local socket = require("socket")
  local clock = socket.gettime
  -- Lua's own, which run replaces: what waits in it blocks.
  local resume = coroutine.resume
  local phases = {}

  --- Mixed traffic, in fibers and not, until the time is up.
  function phases.mixed(seconds)
    local over, rounds, before = clock() + seconds, 0, nil
    local settled = clock() + seconds / 5
    repeat
      rounds = rounds + 1
      for _ = 1, math.random(1, 16) do traffic.converse(math.random(4) == 1 and soak.large or 5000) end
      if rounds % 10 == 0 then
        -- A child in the middle.
        traffic.fiber(function() os.execute("true") end)
      end
      assert(moonsocket.run())
      for _ = 1, 4 do traffic.exchange() end
      if not before and clock() > settled then before = measure.now(moonsocket) end
    until clock() > over and before
    local after = measure.now(moonsocket)
    -- All of a round's conversations may be large for the first time after `before`.
    local flat = measure.flat(before, after, 16 * soak.large)
    assert(flat, "it grew: " .. measure.text(before) .. ", then " .. measure.text(after))
    return ("%d connections, %.0f MB; %s, after a fifth of the time %s"):format(traffic.connections,
      traffic.bytes / 2 ^ 20, measure.text(after), measure.text(before))
  end

  --- Connections that are used and left to the collector.
  function phases.dropped(_, scale)
    for _ = 1, 50 do traffic.exchange() end
    local before, count, most = measure.now(moonsocket), math.floor(10000 * scale), 0
    for i = 1, count do
      traffic.exchange(true)
      if i % 100 == 0 then
        if i % 1000 == 0 then most = math.max(most, measure.now(moonsocket).descriptors) end
        collectgarbage()
      end
    end
    local after = measure.now(moonsocket)
    assert(measure.flat(before, after), "it grew: " .. measure.text(before) .. ", then " .. measure.text(after))
    return count .. " connections opened, used, dropped; " .. measure.text(after)
  end

  --- No descriptor is left: errors, and afterwards all is well.
  function phases.descriptors()
    return soak.child("ulimit -n 60", "no_descriptors")
  end

  --- Memory is short: errors, and afterwards all is well.
  function phases.memory()
    return soak.child("ulimit -v 150000", "no_memory")
  end

  --- Peers that are killed in the middle.
  function phases.killed(_, scale)
    local rounds, ended = math.max(2, math.floor(20 * scale)), 0
    local before
    for round = 1, rounds do
      local control = assert(socket.bind("127.0.0.1", 0))
      soak.start("peer " .. select(2, control:getsockname()))
      local line = assert(control:accept())
      control:close()
      local pid, port = line:receive("*l"):match("^(%d+) (%d+)$")
      line:close()
      local left = #traffic.dialects
      for _, dialect in ipairs(traffic.dialects) do
        traffic.fiber(function()
          local c = dialect.connect(tonumber(port))
          local how
          repeat
            local part
            part, how = dialect.receive(c, 1000)
          until how == "end" or how == "gone"
          dialect.close(c)
          ended, left = ended + 1, left - 1
        end)
      end
      traffic.fiber(function()
        socket.sleep(math.random(5, 60) / 1000)
        os.execute("kill -9 " .. pid)
        local patience = clock() + 20
        while left > 0 do
          socket.sleep(0.01)
          assert(clock() < patience, left .. " fibers have not noticed that their peer was killed")
        end
      end)
      assert(moonsocket.run())
      if round == 1 then before = measure.now(moonsocket) end
    end
    local after = measure.now(moonsocket)
    assert(measure.flat(before, after), "it grew: " .. measure.text(before) .. ", then " .. measure.text(after))
    return rounds .. " peers killed, " .. ended .. " streams that noticed; " .. measure.text(after)
  end

  --- A listener under a flood of connections that come and go as they like.
  function phases.flood(_, scale)
    local before
    local each, floods, accepted, answered = math.floor(2000 * scale), 4, 0, 0
    for round = 1, 2 do
      local server = assert(socket.bind("127.0.0.1", 0, 16))
      local _, port = server:getsockname()
      local control = assert(socket.bind("127.0.0.1", 0))
      for _ = 1, floods do
        soak.start(("flood %s %s %s"):format(port, select(2, control:getsockname()), each))
      end
      traffic.fiber(function()
        while true do
          local c = server:accept()
          if not c then return end
          accepted = accepted + 1
          moonsocket.spawn(function()
            c:settimeout(5)
            c:send("hi\n")
            c:receive("*l")
            c:close()
          end)
        end
      end)
      traffic.fiber(function()
        for _ = 1, floods do
          local line = assert(control:accept())
          answered = answered + tonumber((line:receive("*l")))
          line:close()
        end
        server:close()
        control:close()
      end)
      assert(moonsocket.run())
      if round == 1 then before = measure.now(moonsocket) end
    end
    assert(accepted >= answered and answered > 0, accepted .. " accepted, " .. answered .. " answered")
    local after = measure.now(moonsocket)
    assert(measure.flat(before, after), "it grew: " .. measure.text(before) .. ", then " .. measure.text(after))
    return accepted .. " connections accepted, " .. answered .. " of them had patience; " .. measure.text(after)
  end

  local function in_the_child()
    local server = assert(socket.bind("127.0.0.1", 0))
    for _ = 1, 3 do
      local c = assert(socket.connect("127.0.0.1", (select(2, server:getsockname()))))
      local peer = assert(server:accept())
      c:settimeout(0.002)
      assert(select(2, c:receive()) == "timeout")
      assert(peer:send("line\n"))
      c:settimeout(5)
      assert(c:receive() == "line")
      peer:close()
      assert(select(2, c:receive()) == "closed")
      c:close()
    end
  end

  --- A fork in the middle: the child has connections of its own, and the parent does not notice.
  function phases.fork(_, scale)
    local has_ffi, ffi = pcall(require, "ffi")
    if not has_ffi then return nil, "Lua has no fork; LuaJIT's ffi has" end
    ffi.cdef("int fork(void); void _exit(int); int waitpid(int, int *, int);")
    local rounds = math.max(3, math.floor(30 * scale))
    for _ = 1, rounds do
      for _ = 1, 6 do traffic.converse(20000) end
      traffic.fiber(function()
        socket.sleep(math.random(0, 3) / 1000)
        local pid = ffi.C.fork()
        if pid == 0 then
          -- In a coroutine of its own, whose calls block: else the other fibers, which it inherited with their
          -- connections, would go on here as well.
          local ok, why = resume(coroutine.create(in_the_child))
          if not ok then io.stderr:write(tostring(why), "\n") end
          ffi.C._exit(ok and 0 or 1)
        end
        local status = ffi.new("int[1]")
        while ffi.C.waitpid(pid, status, 1) == 0 do socket.sleep(0.002) end
        assert(status[0] == 0, "the child failed")
      end)
      assert(moonsocket.run())
    end
    return rounds .. " children while six connections each were talking"
  end

  return phases
end

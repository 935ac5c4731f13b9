-- The other processes of a soak: `soak.lua --child NAME ARGS`.

return function(soak)
  local moonsocket, traffic = soak.moonsocket, soak.traffic
  local socket = require("socket")
  local children = {}

  local function tell(port, ...)
    local line = assert(socket.connect("127.0.0.1", port))
    assert(line:send(table.concat({ ... }, " ") .. "\n"))
    line:close()
  end

  --- Streams without end, until it is killed.
  function children.peer(port)
    local server = assert(socket.bind("127.0.0.1", 0))
    moonsocket.spawn(function()
      while true do
        local c = assert(server:accept())
        moonsocket.spawn(function() while c:send(("x"):rep(10000)) do socket.sleep(0.001) end end)
      end
    end)
    tell(port, soak.measure.pid(), (select(2, server:getsockname())))
    -- Should nobody kill it.
    moonsocket.spawn(function()
      socket.sleep(60)
      os.exit(1)
    end)
    moonsocket.run()
  end

  --- Connects as fast as it can: some wait for an answer, some go away, some by a reset.
  function children.flood(port, control, count)
    local answered, fibers = 0, 20
    for _ = 1, fibers do
      moonsocket.spawn(function()
        for i = 1, tonumber(count) / fibers do
          local c = socket.tcp()
          c:settimeout(5)
          if c:connect("127.0.0.1", port) then
            if i % 3 == 0 and c:receive("*l") == "hi" then answered = answered + 1 end
            if i % 3 == 1 then c:setoption("linger", { on = true, timeout = 0 }) end
          end
          c:close()
        end
      end)
    end
    moonsocket.run()
    tell(control, answered)
  end

  local function fine_again()
    collectgarbage()
    collectgarbage()
    for _ = 1, 20 do traffic.exchange() end
    for _ = 1, 4 do traffic.converse(3000) end
    assert(moonsocket.run())
  end

  function children.no_descriptors()
    local told = 0
    for round = 1, 30 do
      local kept = {}
      local ok, why
      for _ = 1, 100 do
        local dialect = traffic.any()
        ok, why = pcall(function()
          local listener, port = dialect.listen()
          kept[#kept + 1] = listener
          kept[#kept + 1] = dialect.connect(port)
          kept[#kept + 1] = dialect.accept(listener)
        end)
        if not ok then break end
      end
      assert(not ok, "there is no limit")
      local text = tostring(why)
      assert(not text:find("internal error", 1, true), text)
      told = told + 1
      -- In a fiber, too: an error, not a wait.
      if round % 3 == 0 then
        local over
        moonsocket.spawn(function()
          pcall(traffic.any().listen)
          socket.sleep(0)
          over = true
        end)
        moonsocket.run()
        assert(over)
      end
      kept = nil
      fine_again()
    end
    return told .. " times without a descriptor, and fine again"
  end

  -- A few megabytes are left: what large strings leave. (When the last kilobytes go, allocations fail that cannot be
  -- refused, and the process ends, as Rust has it.)
  function children.no_memory()
    fine_again()
    local failed, worked, last = 0, 0, nil
    for _ = 1, 2 do
      local ballast, short = {}, false
      for i = 1, 2000 do
        local ok, block = pcall(string.rep, tostring(i % 10), 2 ^ 22)
        short = not ok
        if short then break end
        ballast[i] = block
      end
      assert(short, "there was memory for everything")
      ballast[#ballast] = nil
      collectgarbage()
      for _ = 1, 10 do
        local ok, why = pcall(function()
          traffic.exchange()
          -- More than there is.
          local c, far = socket.socketpair()
          assert(c, far)
          c:settimeout(0)
          c:receive(2 ^ 40, ("x"):rep(2 ^ 20))
          c:close()
          far:close()
        end)
        if ok then worked = worked + 1 else failed, last = failed + 1, tostring(why) end
        assert(ok or not tostring(why):find("internal error", 1, true), why)
      end
      ballast = nil
      fine_again()
    end
    return failed .. " rounds failed for want of memory, " .. worked .. " did not; and fine again" .. (last and " (" .. last:sub(1, 60) .. ")" or "")
  end

  return children
end

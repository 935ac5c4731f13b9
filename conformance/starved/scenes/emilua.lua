-- Emilua: joins, interruptions, clean-up, errors nobody asked for.
local stage = ...
local emilua = require("emilua")
local ip, byte_span, this_fiber, time = emilua.ip, emilua.byte_span, emilua.this_fiber, emilua.time

local objects = {}

local function keep(it)
  objects[#objects + 1] = it
  return it
end

local function close()
  for i = #objects, 1, -1 do
    pcall(objects[i].close, objects[i])
    objects[i] = nil
  end
end

-- A deadlock is what remains where a fiber died that another waited for.
local function run(f)
  local ok, err = emilua.run(f)
  close()
  if not ok then error(err == "deadlock" and "not enough memory for all" or err, 0) end
end

local function pair()
  local acceptor = keep(ip.tcp.acceptor.new())
  acceptor:open(ip.address.loopback_v4())
  acceptor:bind(ip.address.loopback_v4(), 0)
  acceptor:listen()
  local a = keep(ip.tcp.socket.new())
  a:connect(ip.address.loopback_v4(), acceptor.local_port)
  return a, keep(acceptor:accept())
end

local function guarded(f)
  return emilua.spawn(function()
    local ok, err = pcall(f)
    if not ok then
      stage.judge(err)
      close()
      error(err, 0)
    end
    return 1, 2, 3
  end)
end

return {
  over = function()
    close()
    emilua.run(function() end)
  end,
  -- Reads and writes, joined.
  function()
    run(function()
      local a, b = pair()
      local reader = guarded(function()
        local span = byte_span.new(2000)
        local n = b:read_some(span)
        tostring(span:slice(1, n))
      end)
      local writer = guarded(function()
        a:write_some(byte_span.append(("x"):rep(1000)))
      end)
      writer:join()
      reader:join()
    end)
  end,
  -- Many results.
  function()
    run(function()
      local fiber = emilua.spawn(function()
        this_fiber.yield()
        return 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
          33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62
      end)
      if select("#", fiber:join()) ~= 62 then error("results are missing") end
    end)
  end,
  -- Interrupted, with something to clean up.
  function()
    run(function()
      local cleaned = 0
      local fiber = emilua.spawn(function()
        emilua.scope_cleanup_push(function() cleaned = cleaned + 1 end)
        time.sleep(10)
      end)
      time.sleep(0.001)
      fiber:interrupt()
      pcall(fiber.join, fiber)
    end)
  end,
  -- Errors: one that is joined, one that is reported.
  function()
    run(function()
      local fiber = emilua.spawn(function()
        this_fiber.yield()
        error({})
      end)
      pcall(fiber.join, fiber)
      emilua.spawn(function()
        this_fiber.yield()
        ip.address.new("no address")
      end):detach()
      time.sleep(0.001)
    end)
  end,
  -- Datagrams, names, timers, properties.
  function()
    run(function()
      local u = keep(ip.udp.socket.new())
      u:open("v4")
      u:bind(ip.address.loopback_v4(), 0)
      u:send_to(byte_span.append("datagram"), ip.address.loopback_v4(), u.local_port)
      u:receive_from(byte_span.new(100))
      ip.tcp.get_address_info("127.0.0.1", "80")
      local timer = time.steady_timer.new()
      timer:expires_after(0.001)
      timer:wait()
      local _ = u.local_address, tostring(u.local_address), ip.address.loopback_v6() == u.local_address
    end)
  end,
}

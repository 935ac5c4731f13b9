-- Fibers: their making, waits across them, and what becomes of their errors.
local stage = ...
local got = stage.got
local moonsocket = require("moonsocket")
local socket = require("socket")

local sockets = {}

-- Closed where the fiber ends, however it does: whoever waits for the other end hears of it.
local function keep(it)
  sockets[#sockets + 1] = it
  return it
end

local function close()
  for i = #sockets, 1, -1 do
    sockets[i]:close()
    sockets[i] = nil
  end
end

local function run()
  local ok, err, why = pcall(moonsocket.run)
  if not ok then error(err, 0) end
  got(err, why)
end

local function pair()
  local server = keep(got(socket.bind("127.0.0.1", 0)))
  local _, port = server:getsockname()
  local c = keep(got(socket.connect("127.0.0.1", tonumber(port))))
  local a = keep(got(server:accept()))
  server:close()
  for _, it in ipairs({ c, a }) do it:settimeout(0.2) end
  return c, a
end

-- What is told where the other end's memory has ended.
local elsewhere = { closed = true, timeout = true, refused = true, ["connection refused"] = true }

local function guarded(f, ...)
  return moonsocket.spawn(function(...)
    local ok, err = pcall(f, ...)
    if not ok then
      if not elsewhere[err] then stage.judge(err) end
      close()
      error(err, 0)
    end
  end, ...)
end

return {
  over = function()
    close()
    moonsocket.run()
  end,
  -- Lines to and fro.
  function()
    local c, a = pair()
    guarded(function()
      for i = 1, 5 do
        got(c:send("line " .. i .. "\n"))
        got(c:receive())
      end
      c:close()
    end)
    guarded(function()
      while true do
        local line = a:receive()
        if not line then break end
        got(a:send(line .. "\n"))
      end
      a:close()
    end)
    run()
    close()
  end,
  -- Large pieces, each of which needs memory of its own.
  function()
    local c, a = pair()
    guarded(function()
      for _ = 1, 3 do got(c:send(("x"):rep(50000))) end
      c:close()
    end)
    guarded(function() got(a:receive("*a")) end)
    run()
    close()
  end,
  -- Fibers made in fibers, with many arguments, which end with errors of all kinds.
  function()
    for i = 1, 10 do
      moonsocket.spawn(function(...)
        socket.sleep(0)
        moonsocket.spawn(function(...) socket.sleep(0) return select("#", ...) end, ...)
      end, i, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
        33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50)
    end
    run()
  end,
  -- Calls that wait in protected calls and coroutines.
  function()
    local c, a = pair()
    guarded(function()
      local ok, line = pcall(function()
        return coroutine.wrap(function() return (got(c:receive())) end)()
      end)
      if not ok then error(line, 0) end
    end)
    guarded(function()
      socket.sleep(0.001)
      got(a:send("through all that\n"))
    end)
    run()
    close()
  end,
  -- Select, connect, accept.
  function()
    local server = keep(got(socket.bind("127.0.0.1", 0)))
    local _, port = server:getsockname()
    server:settimeout(0.2)
    guarded(function()
      local ready = got(socket.select({ server }, nil, 0.2))
      if not ready[1] then error("not enough memory for the other one", 0) end
      local a = keep(got(server:accept()))
      local _, writable = got(socket.select({ a }, { a }, 0.2))
      got(writable[1], "not writable")
      a:close()
    end)
    guarded(function()
      local c = keep(socket.tcp())
      c:settimeout(0.2)
      got(c:connect("127.0.0.1", tonumber(port)))
      c:receive()
    end)
    run()
    close()
  end,
  -- Names.
  function()
    guarded(function() got(socket.dns.toip("localhost")) end)
    guarded(function()
      got(socket.dns.getaddrinfo("localhost"))
      socket.dns.tohostname("127.0.0.1")
    end)
    run()
  end,
  -- A datagram, and a wait that ends in time.
  function()
    local u = keep(socket.udp())
    got(u:setsockname("127.0.0.1", 0))
    local host, port = u:getsockname()
    u:settimeout(0.2)
    guarded(function() got(u:receivefrom()) end)
    guarded(function() got(u:sendto(("d"):rep(2000), host, port)) end)
    run()
    u:settimeout(0.001)
    guarded(function() u:receive() end)
    run()
    close()
  end,
}

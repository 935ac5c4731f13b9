-- What the Emilua cases share: sockets that are connected, fibers, and what an error is.

return function(t)
  local emilua = require("emilua")
  local s = {
    emilua = emilua, ip = emilua.ip, spawn = emilua.spawn, this_fiber = emilua.this_fiber, stream = emilua.stream,
    byte_span = emilua.byte_span, time = emilua.time, sleep = emilua.time.sleep,
  }
  t.clock = emilua.time.steady_clock.now

  --- Runs `body` as the main fiber; an error in it is the case's.
  function s.run(body)
    local ok, err = emilua.run(function()
      local fine, why = pcall(body)
      if not fine then error({ why = why }, 0) end
    end)
    if ok then return end
    if type(err) == "table" and rawget(err, "why") ~= nil then error(err.why, 0) end
    t.fail("run: " .. tostring(err), 2)
  end

  --- A case whose body is the main fiber.
  function s.case(title, body)
    t.case(title, function() s.run(body) end)
  end

  --- An acceptor on a port that the system chose.
  function s.listener(host)
    local acceptor = s.ip.tcp.acceptor.new()
    local address = s.ip.address.new(host or "127.0.0.1")
    acceptor:open(address)
    acceptor:bind(address, 0)
    acceptor:listen()
    return acceptor
  end

  --- Two connected sockets: the one that connected, the one that was accepted.
  function s.pair(host)
    local acceptor = s.listener(host)
    local a = s.ip.tcp.socket.new()
    a:connect(acceptor.local_address, acceptor.local_port)
    local b = acceptor:accept()
    acceptor:close()
    return a, b
  end

  --- A port that nobody listens on.
  function s.dead_port()
    local acceptor = s.listener()
    local port = acceptor.local_port
    acceptor:close()
    return port
  end

  --- Reads once, as text.
  function s.read(socket, size, ...)
    local buffer = s.byte_span.new(size or 1024)
    local count
    if ... then count = socket:receive(buffer, ...) else count = socket:read_some(buffer) end
    return tostring(buffer:slice(1, count))
  end

  --- A span of a text.
  function s.span(text) return s.byte_span.append(text) end

  local core = {
    bad_index = 8, bad_coroutine = 9, suspension_already_allowed = 10, interruption_already_allowed = 11,
    forbid_suspend_block = 12, interrupted = 13, unmatched_scope_cleanup = 14,
  }

  --- The call raises this error: "EBADF" (system), "generic.EINVAL", "asio.misc.2", "core.interrupted"; returns it.
  function s.raises(want, body)
    local err = t.raised(body)
    if type(err) ~= "table" or getmetatable(err) ~= "error_code" then
      t.fail("expected the error " .. want .. ", got " .. t.show(err), 2)
    end
    local category, code = want:match("^(.*)%.([^.]*)$")
    if category == nil then category, code = "system", want end
    local names = emilua[category .. "_error"]
    local number = tonumber(code)
    if category == "core" then category, number = "emilua.core", core[code] end
    number = number or names[code].code
    local got = err.category.name .. "." .. err.code .. " (" .. tostring(err) .. ")"
    if err.code ~= number or err.category.name ~= category then
      t.fail("expected the error " .. want .. ", got " .. got, 2)
    end
    return err
  end

  --- The call raises the error of a wrong argument of this number.
  function s.blames(number, body)
    local err = s.raises("generic.EINVAL", body)
    if err.arg ~= number then t.fail("expected argument " .. number .. ", got " .. t.show(err.arg), 2) end
  end

  --- Lets the others run until it is so.
  function s.await(what)
    local limit = t.clock() + 10
    while not what() do
      if t.clock() > limit then t.fail("it did not come about", 2) end
      s.this_fiber.yield()
    end
  end

  --- A log that fibers write to, and its entries in one string.
  function s.log()
    local entries = {}
    return function(entry) entries[#entries + 1] = tostring(entry) end,
      function() return table.concat(entries, " ") end
  end

  return s
end

-- What the osn cases share: ready-made connections, and a clock.

return function(t)
  local osn = require("osn")
  -- The first socket makes what signals are told by, one descriptor for the whole life of the process.
  osn.signals(true)

  -- osn has no clock of its own.
  local module = require("moonsocket")
  t.clock = module.socket.gettime

  local s = { osn = osn, sleep = module.socket.sleep, slack = 0.0005, ips = { "127.0.0.1", "::1" } }

  --- A listen socket on a port that the system chose, and the port.
  function s.listener(ip, fields)
    local spec = { ip = ip or "127.0.0.1", port = "0" }
    for name, value in pairs(fields or {}) do spec[name] = value end
    local server, err = osn.serve(spec)
    if ip == "::1" then t.needs_v6() end
    assert(server, err)
    local _, port = server:getsockname()
    return server, port
  end

  --- Two connected sockets: the one that connected, the one that was accepted.
  function s.pair(ip, fields)
    local server, port = s.listener(ip)
    local spec = { ip = ip or "127.0.0.1", port = port }
    for name, value in pairs(fields or {}) do spec[name] = value end
    local client = assert(osn.connect(spec))
    local accepted = assert(server:accept())
    server:close()
    return client, accepted
  end

  --- A socket connected to a process that runs `source`, where `c` is its end.
  function s.serve(source, setup)
    local peer = t.peer_with(setup, [[
      local osn = require("osn")
      local sleep = require("moonsocket").socket.sleep
      local server = assert(osn.serve({ ip = "127.0.0.1", port = "0" }))
      say((select(2, server:getsockname())))
      local c = assert(server:accept())
      server:close()
      ]] .. source)
    return assert(osn.connect({ ip = "127.0.0.1", port = peer:line() })), peer
  end

  --- A port that nobody listens on.
  function s.dead_port()
    local server, port = s.listener()
    server:close()
    return port
  end

  --- nil, a message and perhaps an error number; returns them.
  function s.refused(...)
    local got = t.pack(...)
    if got[1] ~= nil or type(got[2]) ~= "string" or got.n > 3
      or (got.n == 3 and type(got[3]) ~= "number") then
      t.fail("expected (nil, message [, errno]), got " .. t.show(got[1]) .. ", " .. t.show(got[2])
        .. " (" .. got.n .. " results)", 2)
    end
    return got[2], got[3]
  end

  --- Everything up to the end of the stream.
  function s.all(c)
    local parts = {}
    while true do
      local part, err = c:receive(65536)
      if not part then
        t.equal(err, "closed")
        return table.concat(parts)
      end
      parts[#parts + 1] = part
    end
  end

  s.noise = t.noise

  return s
end

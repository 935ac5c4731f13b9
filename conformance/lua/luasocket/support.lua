-- What the LuaSocket cases share: ready-made connections over either IP family.

return function(t)
  local socket = require("socket")
  t.clock = socket.gettime

  local s = { socket = socket, ips = { "127.0.0.1", "::1" } }

  -- No case waits longer than this for something that should happen.
  s.patience = 10
  -- The original truncates to milliseconds, and so may return this early; cases
  -- about being never early do without it.
  s.slack = 0.002

  --- The local port, a number whatever the library makes of it.
  function s.port(object)
    local _, port = object:getsockname()
    return tonumber(port)
  end

  --- A listening socket on an ephemeral port, and the port.
  function s.listener(ip, backlog)
    local server, err = socket.bind(ip or "127.0.0.1", 0, backlog)
    if ip == "::1" then t.needs_v6() end
    assert(server, err)
    server:settimeout(s.patience)
    return server, s.port(server)
  end

  --- Two connected objects: the one that connected, the one that was accepted.
  function s.pair(ip)
    local server, port = s.listener(ip)
    local client = assert(socket.connect(ip or "127.0.0.1", port))
    local accepted = assert(server:accept())
    server:close()
    client:settimeout(s.patience)
    accepted:settimeout(s.patience)
    return client, accepted
  end

  --- A client that finds `data` and then the end of the stream.
  function s.given(data, ip)
    local client, peer = s.pair(ip)
    assert(peer:send(data))
    peer:close()
    return client
  end

  --- A client connected to a process that runs `source`, where `c` is its end.
  function s.serve(source, ip, ...)
    local peer = t.peer([[
      local socket = require("socket")
      local server = assert(socket.bind(..., 0))
      server:settimeout(10)
      say((select(2, server:getsockname())))
      local c = assert(server:accept())
      server:close()
      c:settimeout(10)
      ]] .. source, ip or "127.0.0.1", ...)
    local client = assert(socket.connect(ip or "127.0.0.1", tonumber(peer:line())))
    client:settimeout(s.patience)
    return client, peer
  end

  --- A port that nobody listens on.
  function s.dead_port(ip)
    local server, port = s.listener(ip)
    server:close()
    return port
  end

  --- Waits until `object` can be read from, so that a later zero-timeout read finds data.
  function s.await(object)
    local ready = socket.select({ object }, nil, s.patience)
    t.ok(ready[object], "nothing arrived")
  end

  s.noise = t.noise

  --- Fills the way from `sender` until nothing more fits; returns the bytes that went in.
  function s.fill(sender)
    local block, total = ("x"):rep(65536), 0
    sender:settimeout(0)
    while true do
      local last, err, partial = sender:send(block)
      total = total + (last or partial)
      if not last then
        t.equal(err, "timeout")
        return total
      end
    end
  end

  return s
end

-- What the nixio cases share. They run on the original, too, so nothing here
-- asks for more than that has.

return function(t)
  local nixio = require("nixio")
  require("nixio.util")
  t.clock = function()
    local seconds, micros = nixio.gettimeofday()
    return seconds + micros / 1e6
  end

  local s = { nixio = nixio, const = nixio.const, slack = 0.002, ips = { "127.0.0.1", "::1" } }

  local families = { ["127.0.0.1"] = "inet", ["::1"] = "inet6" }

  --- The name of an address's family.
  function s.family(ip) return families[ip] end

  --- A listening socket on a port that the system chose, and the port.
  function s.listener(ip)
    ip = ip or "127.0.0.1"
    local server, _, err = nixio.bind(ip, 0)
    if ip == "::1" then t.needs_v6() end
    assert(server, err)
    assert(server:listen(16))
    local _, port = server:getsockname()
    return server, port
  end

  --- Two connected sockets: the one that connected, the one that was accepted.
  function s.pair(ip)
    local server, port = s.listener(ip)
    local client = assert(nixio.connect(ip or "127.0.0.1", port))
    local accepted = assert(server:accept())
    server:close()
    return client, accepted
  end

  --- A datagram socket on a port that the system chose, and the port.
  function s.datagram(ip)
    ip = ip or "127.0.0.1"
    local socket, _, err = nixio.bind(ip, 0, s.family(ip), "dgram")
    if ip == "::1" then t.needs_v6() end
    assert(socket, err)
    local _, port = socket:getsockname()
    return socket, port
  end

  s.path = t.path

  --- Two connected Unix sockets, as `s.pair`.
  function s.unix_pair()
    local path = s.path()
    local server = assert(nixio.socket("unix", "stream"))
    assert(server:bind(path))
    assert(server:listen(5))
    local client = assert(nixio.socket("unix", "stream"))
    assert(client:connect(path))
    local accepted = assert(server:accept())
    server:close()
    return client, accepted
  end

  --- Waits until the socket has something, 5 seconds at most.
  function s.await(socket, ...)
    local events = nixio.poll_flags(select("#", ...) > 0 and (...) or "in")
    t.ok(nixio.poll({ { fd = socket, events = events } }, 5000), "it did not become ready")
  end

  --- The results are nil, this number and its text.
  function s.fails(number, ...)
    t.gives(nil, number, number < 0 and (select(3, ...)) or nixio.strerror(number))(...)
    if type((select(3, ...))) ~= "string" then t.fail("the third result is no text", 2) end
  end

  --- The results are those of a call that would have blocked.
  function s.would_block(...)
    t.gives(false, s.const.EAGAIN, "Resource temporarily unavailable")(...)
  end

  --- A port that nobody listens on.
  function s.dead_port()
    local server, port = s.listener()
    server:close()
    return port
  end

  --- Fills the peer's and the own buffers of a socket that does not block.
  function s.fill(socket)
    socket:setblocking(false)
    local block, total = ("x"):rep(65536), 0
    while true do
      local sent = socket:send(block)
      if not sent then return total end
      total = total + sent
    end
  end

  s.noise = t.noise

  --- Is there a library of ours below, not the original?
  s.ours = nixio.version:find("moonsocket", 1, true) ~= nil

  return s
end

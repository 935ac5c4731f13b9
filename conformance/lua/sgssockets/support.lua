-- What the sgssockets cases share: ready-made connections, and a clock.

return function(t)
  local S = require("sgssockets")
  local module = require("moonsocket")
  -- The dialect has no clock of its own.
  t.clock = module.socket.gettime

  local s = { S = S, sleep = module.socket.sleep, slack = 0.0005 }

  s.families = { "AF_INET", "AF_INET6" }
  local loopbacks = { AF_INET = "127.0.0.1", AF_INET6 = "::1" }

  -- Asked of another dialect: a failure of this one must not pass for a machine without IPv6.
  local probe = module.socket.bind("::1", 0)
  local has_ipv6 = probe and true
  if probe then probe:close() end

  local function made(socket, family)
    if family == "AF_INET6" and not has_ipv6 then t.skip("no IPv6 loopback here") end
    t.ok(socket)
    if not socket:bind(0) then t.fail("bind: " .. S.socket_error(true), 3) end
    return socket
  end

  --- The loopback of a family, with this port.
  function s.loopback(port, family)
    family = family or "AF_INET"
    return t.ok(S.socket_address(S[family], loopbacks[family], port))
  end

  --- A listening socket on a port that the system chose, and the address to connect to.
  function s.listener(family)
    local server = made(S.socket_tcp(family == "AF_INET6"), family)
    t.gives(true)(server:listen(16))
    return server, s.loopback(t.ok(server:getsockname()).port, family)
  end

  --- Two connected sockets: the one that connected, the one that was accepted.
  function s.pair(family)
    local server, at = s.listener(family)
    local client = t.ok(S.socket_tcp(family == "AF_INET6"))
    t.gives(true)(client:connect(at))
    local accepted = t.ok(server:accept())
    server:close()
    return client, accepted
  end

  --- A bound datagram socket, and the address to send to.
  function s.receiver(family)
    local socket = made(S.socket_udp(family == "AF_INET6"), family)
    return socket, s.loopback(t.ok(socket:getsockname()).port, family)
  end

  --- An address that nobody listens at.
  function s.nobody()
    local server, at = s.listener()
    server:close()
    return at
  end

  --- The last error has this name.
  function s.error_is(name)
    local code = S.socket_error()
    if code ~= S.socket_geterrnobyname(name) then
      t.fail("expected the error " .. name .. ", got " .. tostring(code) .. " " .. S.socket_error(true), 2)
    end
  end

  --- `f(...)` gives exactly `false`, with this error.
  function s.refuses(name)
    return function(...)
      local got = t.pack(...)
      if got.n ~= 1 or got[1] ~= false then
        t.fail("expected false alone, got " .. got.n .. " results, the first " .. t.show(got[1]), 2)
      end
      s.error_is(name)
    end
  end

  --- A process with the dialect as `S`, an address of this one in `at`.
  function s.process(at, source, setup)
    return t.peer_with(setup, [[
      local S = require("sgssockets")
      local sleep = require("moonsocket").socket.sleep
      local port = ...
      local at = assert(S.socket_address(S.AF_INET, "127.0.0.1", tonumber(port)))
      ]] .. source, string.format("%d", at.port))
  end

  --- Everything up to the end of the stream.
  function s.all(socket)
    local parts = {}
    while true do
      local part = socket:recv(4096)
      if part == true then return table.concat(parts) end
      if not part then t.fail("recv: " .. S.socket_error(true), 2) end
      parts[#parts + 1] = part
    end
  end

  return s
end

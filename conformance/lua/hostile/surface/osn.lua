-- osn's functions and objects, for the fuzzer.

return function(fuzz)
  local random, one_of, chance, value = fuzz.random, fuzz.one_of, fuzz.chance, fuzz.value
  local osn = require("osn")
  local surface = {}

  function surface.owns(object) return tostring(object):find("^osn") ~= nil end
  function surface.tame() end

  function surface.make()
    local server = osn.serve({ ip = "127.0.0.1", port = "0", tcp_nodelay = chance(2) })
    if not server then return end
    local _, port = server:getsockname()
    local c = osn.connect({ ip = "127.0.0.1", port = port, connect_timeout = 500 })
    local a = c and server:accept(nil, 100000)
    fuzz.put(c)
    fuzz.put(a)
    fuzz.put(server)
    fuzz.put(osn.udp_socket({ ip = "127.0.0.1", port = "0" }))
    if a then a:send("some data") end
  end

  local function spec()
    local fields = { ip = one_of({ "127.0.0.1", "::1", "localhost" }), port = "0" }
    local names = { "ip", "port", "family", "protocol", "tcp_nodelay", "socket_mode", "connect_timeout", "nonsense" }
    for _ = 1, random(3) do
      local name, v = one_of(names), value()
      -- A number is a name, too, and asks the network.
      if name == "ip" then v = one_of({ one_of(fuzz.hosts), {}, false }) end
      fields[name] = v
    end
    if type(fields.connect_timeout) ~= "number" or not (fields.connect_timeout <= 50) then
      fields.connect_timeout = 5
    end
    return fields
  end

  local function local_spec()
    local fields = spec()
    if tonumber(fields.port) then fields.port = "0" end
    return fields
  end

  surface.functions = {
    { name = "osn.connect", f = osn.connect, arguments = spec },
    { name = "osn.serve", f = osn.serve, arguments = local_spec },
    { name = "osn.udp_socket", f = osn.udp_socket, arguments = local_spec },
    { name = "osn.signals", f = osn.signals, arguments = function() return one_of({ true, false, {}, "x" }) end },
  }

  -- What is there by name: properties make __index a function.
  surface.methods = { "accept", "close", "closed", "getpeername", "getsockname", "receive", "send" }

  local arguments = {
    -- Without a time it waits for ever.
    accept = function() return one_of({ fuzz.none, one_of(fuzz.pool), {}, 1 }), one_of({ 0, 1000, -1, "x", 0 / 0, "10" }) end,
    receive = function()
      return one_of({ 1, 10, 2 ^ 40, -1, 0 / 0, "x", 100 }), one_of({ 0.001, "0.001", 0, -1, "x", {}, true })
    end,
    -- It waits ten seconds for a full peer.
    send = function()
      return one_of({ "x", "", 1, {}, true }), one_of({ fuzz.none, {}, { ip = "127.0.0.1", port = 9 }, { usock = "x" }, 1 })
    end,
  }

  function surface.arguments(_, name) return arguments[name] or function() return value(), value() end end

  return surface
end

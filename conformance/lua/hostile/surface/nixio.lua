-- nixio's functions and objects, for the fuzzer.

return function(fuzz)
  local random, one_of, chance, value = fuzz.random, fuzz.one_of, fuzz.chance, fuzz.value
  local nixio = require("nixio", require("nixio.util"))
  local surface = { methods = {} }

  function surface.owns(object) return debug.getmetatable(object) == nixio.meta_socket end

  function surface.tame(object)
    pcall(nixio.meta_socket.setblocking, object, not chance(3))
    for _, name in ipairs({ "rcvtimeo", "sndtimeo" }) do
      pcall(nixio.meta_socket.setopt, object, "socket", name, 0.0001 + fuzz.limit())
    end
  end

  function surface.make()
    local server = nixio.bind(one_of({ "127.0.0.1", "::1" }), 0)
    if not server then return end
    server:listen(random(10))
    local host, port = server:getsockname()
    local c = nixio.connect(host, port)
    surface.tame(server)
    fuzz.put((server:accept()))
    fuzz.put(c)
    fuzz.put(server)
    fuzz.put(nixio.socket(one_of({ "inet", "inet6", "unix" }), one_of({ "stream", "dgram" })))
    if c then c:send(("line\r\n"):rep(random(40))) end
  end

  local function kind()
    return one_of({ "inet", "inet6", "unix", "x", 1 }), one_of({ "stream", "dgram", "raw", "", {} }),
      one_of({ fuzz.none, "icmp", "icmpv6", "tcp" })
  end

  local function address()
    local host, port = fuzz.address()
    return host, port, one_of({ "any", "inet", "inet6", "x" }), one_of({ "stream", "dgram", "any", "x" })
  end

  local function polled()
    local list = {}
    for i = 1, random(4) - 1 do
      local fd = chance(2) and one_of(fuzz.pool) or value()
      list[i] = { fd = fd, events = one_of({ 0, 1, 4, 5, 2 ^ 15, -1, "x", 1e300 }), revents = value() }
    end
    return chance(8) and value() or list, one_of({ 0, 1, 2, 0.5, -0.0, "1", "x", {}, 0 / 0 })
  end

  local by_name = {
    bind = function() return fuzz.local_address() end,
    connect = address,
    getaddrinfo = function() return one_of(fuzz.hosts), one_of({ "any", "inet", "inet6", "x" }), one_of({ 0, "0", "no service", {} }) end,
    getnameinfo = function() return one_of(fuzz.hosts), one_of({ "inet", "inet6", "x" }) end,
    nanosleep = function() return one_of({ 0, -1, "x", false }), one_of({ 0, 1000, 2 ^ 40, -5, 0 / 0, {} }) end,
    poll = polled,
    socket = kind,
  }
  surface.functions = {}
  for name, f in pairs(nixio) do
    if type(f) == "function" then
      surface.functions[#surface.functions + 1] = { name = "nixio." .. name, f = f, arguments = by_name[name] }
    end
  end
  -- In the same order on every Lua.
  table.sort(surface.functions, function(a, b) return a.name < b.name end)

  for name, f in pairs(nixio.meta_socket) do
    if type(f) == "function" and not name:find("^__") then surface.methods[#surface.methods + 1] = name end
  end
  table.sort(surface.methods)

  local function setting()
    return one_of({ "socket", "tcp", "ip", "ipv6", "x", 1 }), one_of({ "broadcast", "error", "keepalive", "linger",
      "oobinline", "priority", "rcvbuf", "reuseaddr", "sndbuf", "cork", "nodelay", "add_membership", "drop_membership",
      "hdrincl", "mtu", "multicast_if", "multicast_loop", "multicast_ttl", "multicast_hops", "v6only", "bindtodevice",
      "x", {} }), value(), value()
  end
  local function copying() return one_of(fuzz.pool), one_of({ 0, 1, 100, 70000, "x" }) end

  local arguments = {
    bind = function() return fuzz.local_address() end,
    connect = function() return fuzz.address() end,
    -- Without a size, two that are connected with each other would never come to an end.
    copy = copying, copyz = copying,
    listen = function() return one_of({ 0, 1, -1, 1e10, "x" }) end,
    sendto = function() return value(), one_of(fuzz.hosts), one_of({ 0, 9, "9", -1, {}, 65536 }), value(), value() end,
    setopt = setting, setsockopt = setting, getopt = setting, getsockopt = setting,
    setblocking = function() return one_of({ false, 1, "x", true }) end,
    shutdown = function() return one_of({ "rd", "wr", "rdwr", "x", 1 }) end,
  }

  function surface.arguments(_, name) return arguments[name] end

  return surface
end

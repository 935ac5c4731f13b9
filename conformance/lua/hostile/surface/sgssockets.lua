-- sgssockets' functions, sockets and addresses, for the fuzzer.

return function(fuzz)
  local random, one_of, chance, value = fuzz.random, fuzz.one_of, fuzz.chance, fuzz.value
  local S = require("sgssockets")
  local surface = {}

  local function is_socket(object) return S.typeof(object) == "socket" end
  function surface.owns(object)
    local kind = S.typeof(object)
    return kind == "socket" or kind == "socket_address"
  end

  function surface.tame(object)
    if not is_socket(object) then return end
    pcall(function()
      object.blocking = not chance(3)
      object.recv_timeout = 0.001 + fuzz.limit()
      object.send_timeout = 0.001 + fuzz.limit()
    end)
  end

  local function loopback(port) return S.socket_address(S.AF_INET, "127.0.0.1", port) end

  function surface.make()
    local server = S.socket_tcp()
    if not server or not server:bind(0) then return end
    server:listen(random(10))
    local c = S.socket_tcp(chance(4) and true or nil)
    surface.tame(c)
    local address = server:getsockname()
    if address then c:connect(loopback(address.port)) end
    surface.tame(server)
    local a, from = server:accept()
    for _, it in ipairs({ c, server, S.socket_udp() }) do fuzz.put(it) end
    if type(a) == "userdata" then
      fuzz.put(a)
      a:send(("some data "):rep(random(30)))
    end
    if type(from) == "userdata" then fuzz.put(from) end
  end

  local families = { S.AF_INET, S.AF_INET6, S.AF_UNIX, S.AF_UNSPEC, 99, -1, 2 ^ 31, "x" }
  local by_name = {
    socket = function() return one_of(families), one_of({ 1, 2, 3, 0, 99, {} }), one_of({ 0, 6, 17, 255, -1 }) end,
    socket_address = function() return one_of(families), one_of(fuzz.hosts), one_of({ fuzz.none, 0, 65535, 65536, -1, 0.5, 0 / 0 }) end,
    socket_getaddrinfo = function()
      return one_of(fuzz.hosts), one_of({ 0, 80, "no service", {}, 0.5, -1 }), one_of({ fuzz.none, 1, 2, 99 }), one_of({ fuzz.none, 0, 4, -1 })
    end,
    socket_select = function()
      local function array() return chance(3) and value() or { one_of(fuzz.pool), one_of(fuzz.pool) } end
      return array(), array(), array(), fuzz.limit()
    end,
  }
  surface.functions = {}
  for name, f in pairs(S) do
    if type(f) == "function" then
      surface.functions[#surface.functions + 1] = { name = "sgssockets." .. name, f = f, arguments = by_name[name] }
    end
  end
  table.sort(surface.functions, function(a, b) return a.name < b.name end)

  local methods = { "accept", "bind", "close", "connect", "getpeername", "getsockname", "listen", "recv", "recvfrom",
    "send", "sendto", "shutdown", "a property" }
  function surface.methods_of(object) return is_socket(object) and methods or { "a property", "compare" } end

  local properties = { "blocking", "broadcast", "error", "recv_timeout", "reuse_addr", "send_timeout", "addr_buf",
    "addr_bytes", "addr_string", "addr_u32", "family", "full_addr_string", "port", "nonsense" }
  -- Reads one, or writes it; the time limits stay.
  function surface.property(object)
    local name = one_of(properties)
    if chance(2) or name:find("timeout") or name == "blocking" then return object[name] end
    object[name] = value()
  end

  function surface.compare(object)
    local other = one_of(fuzz.pool)
    return object == other, surface.owns(other) and not is_socket(other) and object < other
  end

  local function target() return chance(2) and loopback(one_of({ 0, 9, 65535 })) or one_of(fuzz.pool) end
  local arguments = {
    bind = function() return one_of({ 0, -1, 65536, 0.5, "x", 0 / 0 }) end,
    connect = target,
    recv = function() return one_of({ 0, 1, 100, 2 ^ 40, -1, 0 / 0, "x", {} }), one_of({ fuzz.none, 0, 2, 0x40, "x" }) end,
    sendto = function() return value(), target(), one_of({ fuzz.none, 0, "x" }) end,
  }
  arguments.recvfrom = arguments.recv

  function surface.arguments(_, name) return arguments[name] end

  return surface
end

-- LuaSocket's functions and objects, for the fuzzer; and what LuaSocket has for mime and URLs.

return function(fuzz)
  local random, one_of, chance = fuzz.random, fuzz.one_of, fuzz.chance
  local value, limit = fuzz.value, fuzz.limit
  local socket = require("socket")
  local surface = { functions = {} }
  local listeners = {}

  -- Objects ----------------------------------------------------------------------

  function surface.owns(object) return type(fuzz.field(object, "settimeout")) == "function" end

  function surface.tame(object)
    pcall(object.settimeout, object, nil, "t")
    pcall(object.settimeout, object, limit(), "b")
  end

  local function listener()
    local server = socket.bind(one_of({ "127.0.0.1", "::1" }), 0, one_of({ 1, 16, 128 }))
    if not server then return end
    listeners[random(6)] = server
    fuzz.put(server)
  end

  local function port_of(server)
    local ok, _, port = pcall(server.getsockname, server)
    return ok and tonumber(port) or 1
  end

  function surface.make()
    local server = listeners[random(6)]
    if not server then return listener() end
    local c = socket.tcp()
    surface.tame(c)
    c:connect(one_of({ "127.0.0.1", "::1", "127.0.0.1" }), port_of(server))
    fuzz.put(c)
    if server.accept then surface.tame(server) end
    local a = server.accept and server:accept()
    fuzz.put(a)
    if a and chance(2) then a:send(("line\n"):rep(random(50))) end
  end

  function surface.forget() listeners = {} end

  -- Functions --------------------------------------------------------------------

  -- Called only in ways that come back: argument lists for those that could wait.
  local careful = {
    sleep = function() return one_of({ 0, 0.0002, -1, 0 / 0, "x", "0", false }) end,
    select = function()
      local a, b = value(), value()
      if type(a) == "function" then a = nil end
      return chance(3) and fuzz.table_value() or a, chance(3) and fuzz.table_value() or b, limit()
    end,
    connect = fuzz.address, connect4 = fuzz.address, connect6 = fuzz.address, bind = fuzz.local_address,
  }

  -- Those that run what they are given, raise tables by design, or take numbers in charge that are not theirs.
  local excluded = { try = true, fromfd = true, __unload = true }

  local function all(module, prefix, arguments)
    local names = {}
    for name, f in pairs(module) do
      if type(f) == "function" and not excluded[name] then names[#names + 1] = name end
    end
    table.sort(names)
    for _, name in ipairs(names) do
      local it = { name = prefix .. name, f = module[name], arguments = arguments or careful[name] }
      surface.functions[#surface.functions + 1] = it
    end
  end

  all(socket, "socket.")
  -- Only names that no resolver goes to the network for.
  all(socket.dns, "socket.dns.", function() return one_of(fuzz.hosts) end)
  local has_unix, unix = pcall(require, "socket.unix")
  if has_unix and type(unix) == "table" then all(unix, "socket.unix.") end
  all(require("mime.core"), "mime.")
  all(require("socket.url"), "url.")

  local methods = {
    connect = fuzz.address, setpeername = fuzz.address, bind = fuzz.local_address, setsockname = fuzz.local_address,
    settimeout = function() return one_of({ 0, 0.001, "0.001", -0.0, "x", true }), one_of({ "b", "x" }) end,
    sendto = function() return value(), one_of(fuzz.hosts), one_of({ 0, "0", -1, {}, 65536 }) end,
    setfd = function() return -1 end,
    setoption = function()
      return one_of({ "linger", "keepalive", "tcp-nodelay", "reuseaddr", "ip-add-membership", "ipv6-v6only",
        "recv-buffer-size", "send-buffer-size", "tcp-keepidle", "x" }), value()
    end,
  }
  if fuzz.options.setfd then
    function methods.setfd()
      return one_of({ -1, -2, 9999, 2 ^ 31, -2 ^ 40, 100 + random(50), 0 / 0, one_of(fuzz.pool), "x" })
    end
  end

  function surface.arguments(_, name) return methods[name] end

  for _ = 1, 3 do listener() end
  return surface
end

-- Random calls of every function and method, with random arguments, from a seed.
--
--   INTERP conformance/lua/hostile/program.lua [--seed N] [--calls N] [--seconds S]
--     [--fibers N] [--setfd] [--trace]
--
-- It fails when an error is no string or tells of an internal error, or when
-- descriptors are left over; that the process lives to say "fine" is the rest.
-- --fibers makes the calls from N fibers that share their sockets. --setfd puts
-- any numbers into objects, so that descriptors are closed under others' feet;
-- they are then not counted. --trace writes each call to stderr before it is made.

io.stdout:setvbuf("line")

local options = { seed = 1, calls = 20000, seconds = 1e9, fibers = 0 }
do
  local i = 1
  while arg[i] do
    local name = arg[i]:match("^%-%-(%a+)$")
    if name == "setfd" or name == "trace" then
      options[name] = true
    elseif name and options[name] then
      i = i + 1
      options[name] = tonumber(arg[i])
    else
      io.stderr:write("fuzz: what is ", arg[i], "?\n")
      os.exit(2)
    end
    i = i + 1
  end
end

local moonsocket = require("moonsocket")
local socket = require("socket")
local osn = require("osn")
local has_unix, unix = pcall(require, "socket.unix")

local pool, listeners = {}, {}
local values = dofile((arg[0]:match("^(.*)[/\\]") or ".") .. "/values.lua")(options.seed, pool)
local random, one_of, chance = values.random, values.one_of, values.chance
local value, table_value, limit = values.any, values.table, values.limit

local unpack = table.unpack or unpack
local calls, problems = 0, {}

local function problem(text)
  problems[#problems + 1] = text
  io.stderr:write("fuzz: ", text, "\n")
end

-- Objects ----------------------------------------------------------------------

local function tame(object)
  if type(object) == "userdata" and object.settimeout then
    pcall(object.settimeout, object, nil, "t")
    pcall(object.settimeout, object, limit(), "b")
  end
  return object
end

local function put(object)
  if type(object) ~= "userdata" then return end
  tame(object)
  if #pool < 40 then
    pool[#pool + 1] = object
  else
    pool[random(#pool)] = object
  end
end

local function listener()
  local server = socket.bind(one_of({ "127.0.0.1", "::1" }), 0, one_of({ 1, 16, 128 }))
  if not server then return end
  tame(server)
  listeners[random(6)] = server
  put(server)
end

local function port_of(server)
  local ok, _, port = pcall(server.getsockname, server)
  return ok and tonumber(port) or 1
end

local function connection()
  local server = listeners[random(6)]
  if not server then return listener() end
  local c = socket.tcp()
  tame(c)
  c:connect(one_of({ "127.0.0.1", "::1", "127.0.0.1" }), port_of(server))
  put(c)
  local a = server.accept and tame(server):accept()
  put(a)
  if a and chance(2) then a:send(("line\n"):rep(random(50))) end
end

local function osn_pair()
  local server = osn.serve({ ip = "127.0.0.1", port = "0", tcp_nodelay = chance(2) })
  if not server then return end
  local _, port = server:getsockname()
  local c = osn.connect({ ip = "127.0.0.1", port = port, connect_timeout = 500 })
  local a = c and server:accept()
  put(c)
  put(a)
  put(server)
  if a then a:send("some data") end
end

-- Calls ------------------------------------------------------------------------

-- Called only in ways that come back: argument lists for those that could wait.
local careful = {
  sleep = function() return one_of({ 0, 0.0002, -1, 0 / 0, "x", "0", false }) end,
  settimeout = function() return one_of({ 0, 0.001, "0.001", -0.0, "x", true }), one_of({ "b", "x" }) end,
  select = function()
    local a, b = value(), value()
    if type(a) == "function" then a = nil end
    return chance(3) and table_value() or a, chance(3) and table_value() or b, limit()
  end,
  setfd = function() return -1 end,
}

local function osn_receive()
  return one_of({ 1, 10, 2 ^ 40, -1, 0 / 0, "x", 100 }), one_of({ 0.001, "0.001", 0, -1, "x", {}, true })
end

local names_of_hosts = { "127.0.0.1", "::1", "localhost", "no such name..", "", "*", "a\0b", true }

local function spec()
  local fields = { ip = one_of({ "127.0.0.1", "::1", "localhost" }), port = "0" }
  local names = { "ip", "port", "family", "protocol", "tcp_nodelay", "socket_mode", "connect_timeout", "nonsense" }
  for _ = 1, random(3) do
    local name, v = one_of(names), value()
    -- A number is a name, too, and asks the network.
    if name == "ip" then v = one_of({ one_of(names_of_hosts), {}, false }) end
    fields[name] = v
  end
  if type(fields.connect_timeout) ~= "number" or not (fields.connect_timeout <= 50) then
    fields.connect_timeout = 5
  end
  return fields
end

-- Functions by name; those with a true value are left out.
local excluded = {
  run = true, spawn = true, connect = true, connect4 = true, connect6 = true, bind = true, serve = true,
  -- These raise tables by design, or take numbers in charge that are not theirs.
  try = true, fromfd = true,
  __unload = true, newtry = true, protect = true, sink = true, source = true, choose = true,
}

local functions = {}
local function collect_functions(module, prefix, careful_arguments)
  local names = {}
  for name, f in pairs(module) do
    if type(f) == "function" and not excluded[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    functions[#functions + 1] = { name = prefix .. name, f = module[name], arguments = careful_arguments or careful[name] }
  end
end
collect_functions(socket, "socket.")
-- Only names that no resolver goes to the network for.
collect_functions(socket.dns, "socket.dns.", function() return one_of(names_of_hosts) end)
if has_unix and type(unix) == "table" then collect_functions(unix, "socket.unix.") end
local function address()
  return one_of(names_of_hosts), one_of({ 0, "0", "no service", -1, 65536, {}, 2 ^ 40 }), value(), value(), value()
end
-- To bind to: no port that somebody else may mean.
local function local_address()
  return one_of(names_of_hosts), one_of({ 0, "0", "no service", -1, 65536, {}, 2 ^ 40 }), one_of({ 1, 5, "x", -1 })
end
for _, name in ipairs({ "connect", "connect4", "connect6" }) do
  functions[#functions + 1] = { name = "socket." .. name, f = socket[name], arguments = address }
end
functions[#functions + 1] = { name = "socket.bind", f = socket.bind, arguments = local_address }
functions[#functions + 1] = { name = "osn.connect", f = osn.connect, arguments = spec }
functions[#functions + 1] = { name = "osn.serve", f = osn.serve, arguments = function()
  local fields = spec()
  if tonumber(fields.port) then fields.port = "0" end
  return fields
end }
for _, name in ipairs({ "newtry", "protect", "sink", "source", "choose" }) do
  functions[#functions + 1] = { name = "socket." .. name, f = socket[name] }
end

local own_methods = { connect = address, bind = local_address, setpeername = address, setsockname = local_address, sendto = function()
  return value(), one_of(names_of_hosts), one_of({ 0, "0", -1, {}, 65536 }) end }

local methods_of = {}
local function methods(object)
  local metatable = debug.getmetatable(object)
  local index = type(metatable) == "table" and rawget(metatable, "__index")
  if type(index) ~= "table" then return {} end
  if not methods_of[index] then
    local list = {}
    for name, f in pairs(index) do
      if type(f) == "function" then list[#list + 1] = { name = name, f = f } end
    end
    for _, name in ipairs({ "__tostring", "__gc", "__close" }) do
      -- The end of an object is left to the collector, mostly.
      if name == "__tostring" or chance(2) then
        list[#list + 1] = { name = name, f = rawget(metatable, name) }
      end
    end
    table.sort(list, function(a, b) return a.name < b.name end)
    methods_of[index] = list
  end
  return methods_of[index]
end

local function show(v)
  if type(v) == "string" then return ("%q"):format(#v > 40 and v:sub(1, 40) or v) end
  return tostring(v)
end

local function attempt(name, f, ...)
  calls = calls + 1
  if options.trace then
    local shown = {}
    for i = 1, select("#", ...) do shown[i] = show((select(i, ...))) end
    io.stderr:write(calls, " ", name, "(", table.concat(shown, ", "), ")\n")
  end
  local got = { pcall(f, ...) }
  if not got[1] then
    local err = got[2]
    -- Lua's own errors may be anything; ours are strings.
    if type(err) ~= "string" then
      problem(name .. " raised a " .. type(err))
    elseif err:find("internal error", 1, true) then
      problem(name .. ": " .. err)
    end
    return
  end
  if type(got[2]) == "userdata" then put(got[2]) end
end

-- A socket's own descriptor in the place of another: nothing is closed twice.
local function swap(a, b)
  local fa, fb = a:getfd(), b:getfd()
  a:setfd(fb)
  b:setfd(fa)
end

local function call_method(object)
  local list = methods(object)
  if #list == 0 then return end
  local method = one_of(list)
  local name = method.name
  if name == "settimeout" then
    return attempt(name, method.f, object, careful.settimeout())
  elseif name == "setfd" then
    if options.setfd then
      local number = one_of({ -1, -2, 9999, 2 ^ 31, -2 ^ 40, 100 + random(50), 0 / 0, one_of(pool), "x" })
      return attempt(name, method.f, object, number)
    end
    local other = one_of(pool)
    return attempt("swap", swap, object, other)
  elseif own_methods[name] then
    return attempt(name, method.f, object, own_methods[name]())
  elseif tostring(object):find("^osn") then
    if name == "receive" then return attempt("osn." .. name, method.f, object, osn_receive()) end
    -- osn's accept has no limit.
    if name == "accept" then return end
    -- Its send waits ten seconds for a full peer.
    if name == "send" then return attempt("osn." .. name, method.f, object, one_of({ "x", "", 1, {}, true })) end
  elseif name == "setoption" and chance(2) then
    return attempt(name, method.f, object, one_of({ "linger", "keepalive", "tcp-nodelay", "reuseaddr",
      "ip-add-membership", "ipv6-v6only", "recv-buffer-size", "send-buffer-size", "tcp-keepidle", "x" }), value())
  end
  local count = random(5) - 1
  local arguments = {}
  for i = 1, count do arguments[i] = value() end
  local receiver = object
  if chance(40) then receiver = value() end
  attempt(name, method.f, receiver, unpack(arguments, 1, count))
end

local function call_function()
  local it = one_of(functions)
  if it.arguments then return attempt(it.name, it.f, it.arguments()) end
  local count = random(5) - 1
  local arguments = {}
  for i = 1, count do arguments[i] = value() end
  attempt(it.name, it.f, unpack(arguments, 1, count))
end

local function tamper()
  -- What scripts do to metatables.
  local object = one_of(pool)
  local metatable = debug.getmetatable(object)
  if type(metatable) ~= "table" then return end
  -- Objects that die while there is no __gc take their descriptors with them.
  local kind = random(options.setfd and 3 or 2)
  if kind == 1 then
    local saved = rawget(metatable, "__index")
    metatable.__index = nil
    attempt("no __index", function() return object:receive(0) end)
    metatable.__index = saved
  elseif kind == 3 then
    local saved = rawget(metatable, "__gc")
    metatable.__gc = nil
    collectgarbage("step")
    metatable.__gc = saved
  else
    debug.setmetatable(object, { __index = rawget(metatable, "__index") })
    attempt("other metatable", function() return object:getfd() end)
    attempt("other metatable", function() return tostring(object) end)
    debug.setmetatable(object, metatable)
  end
end

local function step()
  -- Taking: what random methods closed is replaced.
  if #pool < 5 or chance(12) then
    attempt("connection", chance(4) and osn_pair or connection)
  end
  if chance(50) then
    pool[random(#pool)] = pool[#pool]
    pool[#pool] = nil
  elseif chance(200) then
    collectgarbage()
  elseif chance(100) then
    attempt("tamper", tamper)
  end
  if #pool == 0 or chance(3) then
    call_function()
  else
    local object = one_of(pool)
    tame(object)
    call_method(object)
  end
end

-- Running ----------------------------------------------------------------------

local function descriptors()
  local file = io.open("/proc/self/stat")
  local pid = file:read("*l"):match("^%d+")
  file:close()
  local pipe = io.popen("ls -l /proc/" .. pid .. "/fd 2>/dev/null | grep -v anon_inode | wc -l")
  local count = tonumber((pipe:read("*l")))
  pipe:close()
  return count
end

local function collect()
  if rawget(_G, "jit") then require("jit").flush() end
  for _ = 1, 3 do collectgarbage() end
end

local function go()
  local deadline = socket.gettime() + options.seconds
  local function over() return calls >= options.calls or socket.gettime() >= deadline end
  for _ = 1, 3 do listener() end
  for _ = 1, 5 do connection() end
  if options.fibers == 0 then
    while not over() do step() end
    return
  end
  local ended = 0
  for _ = 1, options.fibers do
    moonsocket.spawn(function()
      while not over() do step() end
      ended = ended + 1
    end)
  end
  local ok, err = moonsocket.run()
  for _ = 1, 10 do
    -- The reactor's own descriptor may have been closed: then run says so.
    if ok or not options.setfd then break end
    ok, err = moonsocket.run()
  end
  if not options.setfd and (not ok or ended ~= options.fibers) then
    problem("run: " .. tostring(err) .. ", " .. ended .. " of " .. options.fibers .. " fibers ended")
  end
end

-- What the first call of its kind opens once (a reactor, a resolver's file) is no leak.
pcall(socket.dns.toip, "localhost")
collect()
local before = descriptors()
go()
for i = #pool, 1, -1 do pool[i] = nil end
values.forget()
listeners, methods_of, functions = {}, {}, {}
collect()
moonsocket.run()
collect()
if not options.setfd then
  local after = descriptors()
  for _ = 1, 20 do
    -- A lookup that was given up may still have its files open.
    if after <= before then break end
    socket.sleep(0.05)
    after = descriptors()
  end
  if after > before then problem("descriptors: " .. before .. " before, " .. after .. " after") end
end
print(#problems == 0 and "fine" or "problems: " .. #problems, "seed " .. options.seed, calls .. " calls")
os.exit(#problems == 0 and 0 or 1, true)

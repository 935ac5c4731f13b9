-- Random calls of every function and method, with random arguments, from a seed. What each dialect has stands in the
-- folder surface; Emilua's program of its own is emilua.lua.
--
--   INTERP conformance/lua/hostile/program.lua [--seed N] [--calls N] [--seconds S]
--     [--fibers N] [--setfd] [--trace]
--
-- Anything may become the path of a Unix socket: so it runs only in an empty folder, which can be thrown away with what
-- is in it. seeds.lua makes one.
-- It fails when an error is no string or tells of an internal error, when a call hangs, or when
-- descriptors are left over; that the process lives to say "fine" is the rest.
-- --fibers makes the calls from N fibers that share their sockets. --setfd puts
-- any numbers into objects, so that descriptors are closed under others' feet;
-- they are then not counted. --trace writes each call to stderr before it is made.

io.stdout:setvbuf("line")

local here = arg[0]:match("^(.*)[/\\]") or "."
local options = dofile(here .. "/words.lua")({ seed = 1, calls = 20000, seconds = 1e9, fibers = 0 }, "setfd", "trace")

local listing = assert(io.popen("ls -A", "r"))
local inhabited = listing:read("*l")
listing:close()
if inhabited then error("would leave sockets in this folder: run it in an empty one", 0) end

local moonsocket = require("moonsocket")
local socket = require("socket")
local unpack = table.unpack or unpack

local pool = {}
local values = dofile(here .. "/values.lua")(options.seed, pool)
local random, one_of, chance, value = values.random, values.one_of, values.chance, values.any
local surfaces, functions = {}, {}
local calls, problems = 0, {}
-- Seconds after which a call hangs. (osn's send gives up after ten.)
local HANGS = 9

local function problem(text)
  problems[#problems + 1] = text
  io.stderr:write("fuzz: ", text, "\n")
end

-- What the surfaces are written with ---------------------------------------------

local fuzz = {
  random = random, one_of = one_of, chance = chance, value = value, table_value = values.table, limit = values.limit,
  pool = pool, options = options, hosts = values.hosts,
  -- For lists whose members are never nil: no argument at all.
  none = {},
}

--- A field of whatever it is; nil where there is none, or where asking is an error.
function fuzz.field(object, name)
  local ok, it = pcall(function() return object[name] end)
  return ok and it or nil
end

function fuzz.address()
  return one_of(fuzz.hosts), one_of({ 0, "0", "no service", -1, 65536, {}, 2 ^ 40 }), value(), value(), value()
end

--- To bind to: no port that somebody else may mean.
function fuzz.local_address()
  return one_of(fuzz.hosts), one_of({ 0, "0", "no service", -1, 65536, {}, 2 ^ 40 }), one_of({ 1, 5, "x", -1 })
end

local function surface_of(object)
  for _, surface in ipairs(surfaces) do
    local ok, owns = pcall(surface.owns, object)
    if ok and owns then return surface end
  end
end

local function tame(object)
  local surface = surface_of(object)
  if surface then surface.tame(object) end
  return surface
end

function fuzz.put(object)
  if type(object) ~= "userdata" then return end
  tame(object)
  if #pool < 60 then
    pool[#pool + 1] = object
  else
    pool[random(#pool)] = object
  end
end

for _, name in ipairs({ "luasocket", "osn", "nixio", "sgssockets" }) do
  local surface = dofile(here .. "/surface/" .. name .. ".lua")(fuzz)
  surfaces[#surfaces + 1] = surface
  for _, it in ipairs(surface.functions) do functions[#functions + 1] = it end
end

-- Calls ------------------------------------------------------------------------

local function show(v)
  if type(v) == "string" then return ("%q"):format(#v > 40 and v:sub(1, 40) or v) end
  return tostring(v)
end

local function given(...)
  local count, arguments = select("#", ...), { ... }
  for i = 1, count do
    if arguments[i] == fuzz.none then arguments[i] = nil end
  end
  return count, arguments
end

local function attempt(name, f, ...)
  calls = calls + 1
  local count, arguments = given(...)
  if options.trace then
    local shown = {}
    for i = 1, count do shown[i] = show(arguments[i]) end
    io.stderr:write(calls, " ", name, "(", table.concat(shown, ", "), ")\n")
  end
  local began = socket.gettime()
  local got = { pcall(f, unpack(arguments, 1, count)) }
  if options.fibers == 0 and socket.gettime() - began > HANGS then problem(name .. " took long") end
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
  for i = 2, 3 do
    if type(got[i]) == "userdata" and surface_of(got[i]) then fuzz.put(got[i]) end
  end
end

local function any_arguments(name, f, receiver)
  local count, arguments = random(5) - 1, {}
  for i = 1, count do arguments[i] = value() end
  if receiver == nil then return attempt(name, f, unpack(arguments, 1, count)) end
  attempt(name, f, receiver, unpack(arguments, 1, count))
end

local methods_of = {}
local function listed(index, metatable)
  if not methods_of[index] then
    local list = {}
    for name, f in pairs(index) do
      if type(f) == "function" and not name:find("^__") then list[#list + 1] = name end
    end
    table.sort(list)
    list.metatable = metatable
    methods_of[index] = list
  end
  return methods_of[index]
end

local function methods(object, surface)
  if surface.methods_of then return surface.methods_of(object) end
  if surface.methods then return surface.methods end
  local metatable = debug.getmetatable(object)
  local index = type(metatable) == "table" and rawget(metatable, "__index")
  return type(index) == "table" and listed(index, metatable) or {}
end

-- A socket's own descriptor in the place of another: nothing is closed twice.
local function swap(a, b)
  if not fuzz.field(b, "setfd") then return end
  local fa, fb = a:getfd(), b:getfd()
  a:setfd(fb)
  -- A collected one takes none.
  if not pcall(b.setfd, b, fa) then a:setfd(fa) end
end

local function call_method(object, surface)
  if chance(40) then
    -- The end of an object is left to the collector, mostly.
    local name = one_of({ "__tostring", "__tostring", "__gc", "__close" })
    local metatable = debug.getmetatable(object)
    local f = type(metatable) == "table" and rawget(metatable, name)
    if f then return any_arguments(name, f, object) end
  end
  local list = methods(object, surface)
  if #list == 0 then return end
  local name = one_of(list)
  if name == "a property" then return attempt(name, surface.property, object) end
  if name == "compare" then return attempt(name, surface.compare, object) end
  if name == "setfd" and not options.setfd then return attempt("swap", swap, object, one_of(pool)) end
  local method = fuzz.field(object, name)
  if type(method) ~= "function" then return end
  local arguments = surface.arguments(object, name)
  if arguments and not (name == "setoption" and chance(2)) then return attempt(name, method, object, arguments()) end
  local receiver = object
  if chance(40) then
    receiver = value()
    if type(receiver) == "userdata" then tame(receiver) end
    if receiver == nil then receiver = false end
  end
  any_arguments(name, method, receiver)
end

local function call_function()
  local it = one_of(functions)
  if it.arguments then return attempt(it.name, it.f, it.arguments()) end
  any_arguments(it.name, it.f)
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
  if #pool < 5 or chance(12) then attempt("make", one_of(surfaces).make) end
  if chance(50) and #pool > 0 then
    pool[random(#pool)] = pool[#pool]
    pool[#pool] = nil
  elseif chance(200) then
    collectgarbage()
  elseif chance(100) and #pool > 0 then
    attempt("tamper", tamper)
  end
  if #pool == 0 or chance(3) then return call_function() end
  local object = one_of(pool)
  local surface = tame(object)
  if surface then call_method(object, surface) end
end

-- Running ----------------------------------------------------------------------

local count = dofile(here .. "/count.lua")

local function go()
  local deadline = socket.gettime() + options.seconds
  local function over() return calls >= options.calls or socket.gettime() >= deadline end
  for _ = 1, 2 do
    for _, surface in ipairs(surfaces) do attempt("make", surface.make) end
  end
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
for i = #pool, 1, -1 do pool[i] = nil end
surfaces[1].forget()
count.collect()
local before = count.descriptors()
go()
for i = #pool, 1, -1 do pool[i] = nil end
values.forget()
surfaces[1].forget()
methods_of, functions = {}, {}
count.collect()
moonsocket.run()
count.collect()
if not options.setfd then
  local after = count.settled(before, socket.sleep)
  if after > before then
    problem("descriptors: " .. before .. " before, " .. after .. " after\n" .. count.list())
  end
end
-- A call may have written to standard output, which is among the values.
print("\n" .. (#problems == 0 and "fine" or "problems: " .. #problems), "seed " .. options.seed, calls .. " calls")
os.exit(#problems == 0 and 0 or 1, true)

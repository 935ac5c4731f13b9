-- Random calls of Emilua's functions, methods and properties, from fibers that are interrupted and whose sockets are
-- cancelled when they take long: Emilua knows no other limits.
--
--   INTERP conformance/lua/hostile/emilua.lua [--seed N] [--calls N] [--trace]
--
-- Like program.lua; errors are Emilua's values, or strings. A fiber that does not end when it is interrupted and all
-- sockets are cancelled is a failure, too.

io.stdout:setvbuf("line")

local here = arg[0]:match("^(.*)[/\\]") or "."
local options = dofile(here .. "/words.lua")({ seed = 1, calls = 20000 }, "trace")

local emilua = require("emilua")
local ip, byte_span, time, this_fiber = emilua.ip, emilua.byte_span, emilua.time, emilua.this_fiber
local unpack = table.unpack or unpack

local pool = {}
local values = dofile(here .. "/values.lua")(options.seed, pool)
local random, one_of, chance = values.random, values.one_of, values.chance
local calls, problems = 0, {}

local function problem(text)
  problems[#problems + 1] = text
  io.stderr:write("fuzz: ", text, "\n")
end

-- What things have, by what they are ----------------------------------------------

local common = { "assign", "bind", "cancel", "close", "get_option", "is_open", "local_address", "local_port", "open",
  "release", "set_option", "wait" }
local peered = { "connect", "disconnect", "receive", "remote_address", "remote_port", "send", "shutdown" }
local function joined(...)
  local all = {}
  for _, list in ipairs({ ... }) do
    for _, name in ipairs(list) do all[#all + 1] = name end
  end
  return all
end

local names = {
  ["ip.tcp.socket"] = joined(common, peered, { "at_mark", "io_control", "read_some", "write_some" }),
  ["ip.udp.socket"] = joined(common, peered, { "receive_from", "send_to" }),
  ["ip.tcp.acceptor"] = joined(common, { "accept", "listen" }),
  ["ip.address"] = { "is_loopback", "is_multicast", "is_v4", "is_v6", "is_v4_mapped", "is_link_local", "scope_id", "to_v4",
    "to_v6" },
  byte_span = { "append", "capacity", "copy", "ends_with", "find", "find_first_not_of", "find_first_of", "find_last_not_of",
    "find_last_of", "rfind", "slice", "starts_with", "trimmed" },
  file_descriptor = { "close", "dup" },
  -- Not join: two that join each other are a deadlock, which ends the run.
  fiber = { "detach", "interrupt", "interruption_caught", "joinable" },
  steady_timer = { "cancel", "expires_after", "expires_at", "expiry", "wait" },
}

local function kind_of(object)
  local kind = getmetatable(object)
  return type(kind) == "string" and names[kind] and kind or nil
end

local function put(object)
  if not kind_of(object) then return end
  if #pool < 60 then pool[#pool + 1] = object else pool[random(#pool)] = object end
end

-- Calls ------------------------------------------------------------------------------

local function show(v)
  if type(v) == "string" then return ("%q"):format(#v > 40 and v:sub(1, 40) or v) end
  local ok, text = pcall(tostring, v)
  return ok and text or type(v)
end

local function attempt(name, f, ...)
  calls = calls + 1
  if options.trace then
    local shown = {}
    for i = 1, select("#", ...) do shown[i] = show((select(i, ...))) end
    io.stderr:write(calls, " ", name, "(", table.concat(shown, ", "), ")\n")
  end
  local got = { pcall(f, ...) }
  local err = got[2]
  if not got[1] then
    if getmetatable(err) == "error_code" then
      if #tostring(err) == 0 then problem(name .. " raised an error without a text") end
    elseif type(err) ~= "string" then
      problem(name .. " raised a " .. type(err))
    elseif err:find("internal error", 1, true) then
      problem(name .. ": " .. err)
    end
    return
  end
  for i = 2, 4 do put(got[i]) end
end

local function span() return byte_span.new(one_of({ 0, 1, 10, 5000 })) end
local function data() return chance(2) and span() or byte_span.append(("text\n"):rep(random(300))) end
local function address() return ip.address.new(one_of({ "127.0.0.1", "::1", "0.0.0.0", "::", "fe80::1%lo" })) end
local function any() return chance(8) and address() or chance(8) and span() or values.any() end
local function endpoint() return chance(4) and any() or address(), one_of({ 0, 9, 65535, 65536, -1, 0.5, "x" }) end
local function flags() return one_of({ nil, 0, 1, 2, 128, -1, 2 ^ 40, "x" }) end
local waits = { "read", "write", "error", "x", 1 }

local arguments = {
  append = function() return data(), any() end,
  -- Only a descriptor that is nobody's: the pool has those that were released.
  assign = function() return one_of({ "v4", "v6", "x", 1 }), one_of(pool) end,
  bind = function() return endpoint() end,
  connect = endpoint,
  copy = function() return chance(2) and data() or any() end,
  listen = function() return one_of({ 0, 1, -1, 2 ^ 40, "x" }) end,
  open = function() return one_of({ "v4", "v6", "x", address() }) end,
  read_some = function() return chance(9) and any() or span() end,
  receive = function() return chance(9) and any() or span(), flags() end,
  receive_from = function() return chance(9) and any() or span(), flags() end,
  send = function() return chance(9) and any() or data(), flags() end,
  send_to = function()
    local host, port = endpoint()
    return data(), host, port, flags()
  end,
  set_option = function()
    return one_of({ "tcp_no_delay", "send_low_watermark", "send_buffer_size", "receive_buffer_size", "keep_alive", "linger",
      "reuse_address", "debug", "v6_only", "broadcast", "multicast_loop", "join_multicast_group", "x" }), any(), any()
  end,
  get_option = function() return one_of({ "tcp_no_delay", "linger", "v6_only", "error", "x", 1, {} }) end,
  shutdown = function() return one_of({ "send", "receive", "both", "x", 1 }) end,
  expires_after = function() return one_of({ 0, 0.001, -1, 0 / 0, math.huge, "x" }) end,
  expires_at = function() return one_of({ 0, 1e9, -1, 0 / 0, "x" }) end,
  wait = function() return one_of(waits) end,
  write_some = function() return chance(9) and any() or data() end,
}

local function method()
  local object = one_of(pool)
  local name = one_of(names[kind_of(object)])
  local function get() return object[name] end
  local ok, it = pcall(get)
  if not ok or type(it) ~= "function" then return attempt(name, get) end
  if arguments[name] then return attempt(name, it, object, arguments[name]()) end
  local list, count = {}, random(4) - 1
  for i = 1, count do list[i] = any() end
  local receiver = object
  if chance(40) then receiver = one_of({ false, 1, "x", one_of(pool) }) end
  attempt(name, it, receiver, unpack(list, 1, count))
end

local function host() return one_of(values.hosts) end
local function service() return one_of({ "0", 0, 80, "no service", {}, -1, 65536 }) end
local functions = {
  { "address.new", ip.address.new, function() return chance(3) and any() or host() end },
  { "append", byte_span.append, function() return data(), any(), any() end },
  { "new", byte_span.new, function()
    return one_of({ 0, 1, 100, -1, 0 / 0, 2 ^ 30, 2 ^ 53, "x" }), one_of({ nil, 0, 1, 100, 2 ^ 53 })
  end },
  { "tcp.socket.new", ip.tcp.socket.new }, { "udp.socket.new", ip.udp.socket.new },
  { "tcp.acceptor.new", ip.tcp.acceptor.new },
  { "toendpoint", ip.toendpoint, function() return chance(2) and any() or host() .. ":80" end },
  { "tostring", ip.tostring, function() return chance(2) and any() or address(), any() end },
  { "get_address_info", ip.tcp.get_address_info, function() return host(), service(), one_of({ nil, 0, 1, 2, -1 }) end },
  { "dial", ip.tcp.dial, function() return host(), service() end },
  { "listen", ip.tcp.listen, function() return host(), one_of({ "0", "x", {} }) end },
  { "sleep", time.sleep, function() return one_of({ 0, 0.0005, -1, 0 / 0, "x", 10 }) end },
  { "timer", time.steady_timer.new },
  { "spawn", emilua.spawn, function() return chance(4) and any() or function() this_fiber.yield() end end },
  { "yield", this_fiber.yield },
  { "index", function() return one_of(pool)[any()] end },
  { "length", function() return #one_of(pool) end },
  { "set", function() one_of(pool)[any()] = any() end },
  { "equal", function() return one_of(pool) == one_of(pool) end },
  { "less", function() return one_of(pool) < one_of(pool) end },
  { "tostring", function() return tostring(one_of(pool)) end },
  { "write_all", emilua.stream.write_all, function() return one_of(pool), data() end },
  { "read_all", emilua.stream.read_all, function() return one_of(pool), span() end },
}

local function make()
  local acceptor = ip.tcp.acceptor.new()
  acceptor:open(ip.address.loopback_v4())
  acceptor:bind(ip.address.loopback_v4(), 0)
  acceptor:listen()
  local a = ip.tcp.socket.new()
  a:connect(ip.address.loopback_v4(), acceptor.local_port)
  local b = acceptor:accept()
  if chance(2) then b:write_some(data()) end
  local u = ip.udp.socket.new()
  u:open("v4")
  for _, it in ipairs({ acceptor, a, b, u, address(), span(), time.steady_timer.new() }) do put(it) end
end

local function step()
  if #pool < 10 or chance(12) then return attempt("make", make) end
  if chance(40) then
    pool[random(#pool)] = pool[#pool]
    pool[#pool] = nil
  elseif chance(150) then
    collectgarbage()
  end
  if chance(3) then
    local it = one_of(functions)
    if it[3] then return attempt(it[1], it[2], it[3]()) end
    return attempt(it[1], it[2])
  end
  method()
end

-- Running ----------------------------------------------------------------------------

local function cancel_all()
  for _, object in ipairs(pool) do pcall(function() object:cancel() end) end
end

-- A few calls in a fiber of their own, which is brought to its end.
local function round()
  local over = false
  local fiber = emilua.spawn(function()
    -- Interrupted, it ends in the middle.
    emilua.scope_cleanup_push(function() over = true end)
    for _ = 1, random(20) do step() end
  end)
  local patience, turns = time.steady_clock.now() + 20, 0
  while not over do
    turns = turns + 1
    time.sleep(math.min(0.0005 * turns, 0.05))
    if not over then fiber:interrupt() end
    time.sleep(0.0005)
    if not over then cancel_all() end
    if turns > 200 and time.steady_clock.now() > patience then
      problem("a fiber goes on although it was interrupted")
      print("problems", "seed " .. options.seed)
      os.exit(1)
    end
  end
  pcall(fiber.join, fiber)
end

local function main()
  while calls < options.calls do
    local rounds, left = random(3), 0
    for _ = 1, rounds do
      left = left + 1
      emilua.spawn(function()
        round()
        left = left - 1
      end)
    end
    while left > 0 do time.sleep(0.0005) end
  end
end

local count = dofile(here .. "/count.lua")
pcall(ip.tcp.get_address_info, "localhost", "80")
assert(emilua.run(make))
for i = #pool, 1, -1 do pool[i] = nil end
count.collect()
local before = count.descriptors()
local ok, err = emilua.run(main)
if not ok and err ~= "deadlock" then problem("run: " .. tostring(err)) end
for i = #pool, 1, -1 do pool[i] = nil end
values.forget()
count.collect()
emilua.run(function() end)
count.collect()
local after = count.settled(before, function(seconds) emilua.run(function() time.sleep(seconds) end) end)
if after > before then problem("descriptors: " .. before .. " before, " .. after .. " after\n" .. count.list()) end
print("\n" .. (#problems == 0 and "fine" or "problems: " .. #problems), "seed " .. options.seed, calls .. " calls")
os.exit(#problems == 0 and 0 or 1, true)

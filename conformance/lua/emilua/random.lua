-- At random, from a seed: connections that are written, read, cancelled, interrupted, closed, moved and dropped at any
-- moment. Whatever happens, a reader sees the bytes of its connection, each of them once, in order; and no descriptor
-- is left. A failure names its seed: MOONSOCKET_SEED=n runs that one alone.

local t, s = ...

-- Numbers that are the same on every Lua.
local function generator(seed)
  local state = seed % 2147483647
  if state == 0 then state = 1 end
  return function(limit)
    state = state * 16807 % 2147483647
    return state % limit + 1
  end
end

-- The byte at this place of every stream.
local function byte_at(place) return (place * 7 + math.floor(place / 251)) % 256 end

local function bytes(from, count)
  local list = {}
  for i = 1, count do list[i] = string.char(byte_at(from + i - 1)) end
  return table.concat(list)
end

-- Errors that the disturbances explain.
local function is_expected(err)
  if type(err) ~= "table" or not err.category then return false end
  local name, code = err.category.name, err.code
  local generic = s.emilua.generic_error
  if name == "asio.misc" then return code == 2 end
  if name == "emilua.core" then return code == 13 end
  for _, known in ipairs({ "ECANCELED", "EBADF", "EPIPE", "ECONNRESET", "ENOTCONN", "EBUSY" }) do
    if code == generic[known].code then return true end
  end
  return false
end

local function writer(world, line)
  -- However it ends: the reader must not wait for more.
  s.emilua.scope_cleanup_push(function()
    if not line.complete then line.a:close() end
  end)
  while line.sent < line.size do
    local count = math.min(world.random(5000), line.size - line.sent)
    local span = s.span(bytes(line.sent, count))
    local ok, err = pcall(line.a.write_some, line.a, span)
    if ok then
      line.sent = line.sent + err
    elseif not is_expected(err) then
      error(err, 0)
    elseif not line.a.is_open or err.code ~= s.emilua.generic_error.ECANCELED.code then
      return
    end
    if world.random(4) == 1 then s.this_fiber.yield() end
  end
  pcall(line.a.shutdown, line.a, "send")
  line.complete = line.sent == line.size
end

local function reader(world, line)
  local buffer = s.byte_span.new(4096)
  while true do
    local room = buffer:slice(1, world.random(4096))
    local ok, count = pcall(line.b.read_some, line.b, room)
    if ok then
      local got = tostring(room:slice(1, count))
      if got ~= bytes(line.got, count) then error("other bytes at " .. line.got, 0) end
      line.got = line.got + count
    elseif not is_expected(count) then
      error(count, 0)
    elseif count.category.name == "asio.misc" then
      line.ended = true
      return
    elseif not line.b.is_open or count.code ~= s.emilua.generic_error.ECANCELED.code then
      return
    end
  end
end

-- What may happen to a connection at any moment.
local DISTURBANCES = {
  function(_, line) if line.a.is_open then line.a:cancel() end end,
  function(_, line) if line.b.is_open then line.b:cancel() end end,
  function(_, line)
    -- Its descriptor goes to another object, and the reader goes on there.
    if not line.b.is_open then return end
    local fd = line.b:release()
    local other = s.ip.tcp.socket.new()
    other:assign("v4", fd)
    line.b = other
    line.restart = true
  end,
  function(_, line)
    line.disturbed = true
    line.reader:interrupt()
  end,
  function(_, line)
    line.disturbed = true
    line.writer:interrupt()
  end,
  function(world, line)
    line.disturbed = true
    line[world.random(2) == 1 and "a" or "b"]:close()
  end,
  function() t.collect() end,
}

local function connection(world)
  local line = { sent = 0, got = 0, size = world.random(60000) }
  line.a, line.b = s.pair()
  line.writer = s.spawn(function() writer(world, line) end)
  repeat
    line.restart = false
    line.reader = s.spawn(function() reader(world, line) end)
    for _ = 1, world.random(6) do
      for _ = 1, world.random(5) do s.this_fiber.yield() end
      if world.random(3) == 1 then DISTURBANCES[world.random(#DISTURBANCES)](world, line) end
    end
    line.reader:join()
  until not line.restart or line.ended or not line.b.is_open
  -- The rest has nobody to read it.
  if line.b.is_open and not line.ended then line.b:close() end
  line.writer:join()
  if not line.disturbed and line.ended then
    if line.got ~= line.size or not line.complete then
      error("got " .. line.got .. " of " .. line.size, 0)
    end
  end
  world.bytes = world.bytes + line.got
  if world.random(2) == 1 then
    line.a:close()
    line.b:close()
  end
end

local function round(seed)
  local world = { random = generator(seed), bytes = 0 }
  s.run(function()
    local fibers = {}
    for i = 1, 12 do fibers[i] = s.spawn(function() connection(world) end) end
    for i = 1, 12 do
      local ok, err = pcall(fibers[i].join, fibers[i])
      if not ok then t.fail("seed " .. seed .. ": " .. tostring(err), 0) end
    end
  end)
  return world.bytes
end

local chosen = tonumber(os.getenv("MOONSOCKET_SEED") or "")
local rounds = tonumber(os.getenv("MOONSOCKET_ROUNDS") or "") or 8

t.case("every byte, once, in order, whatever happens", function()
  if chosen then return round(chosen) end
  local bytes_read = 0
  for seed = 1, rounds do bytes_read = bytes_read + round(seed) end
  t.ok(bytes_read > 100000, "only " .. bytes_read .. " bytes were read")
end)

t.case("no descriptor is left", function()
  t.collect()
  local before = t.descriptors()
  round(chosen or 99)
  t.collect()
  t.no_more_descriptors(before)
end)

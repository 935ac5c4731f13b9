-- One simulated world: fibers exchange streams through the dialects, and every byte is accounted for. Needs the
-- standalone interpreter on the simulated backend; `cargo xtask simulate --lua` builds and runs it.
--
-- usage: MOONSOCKET_SEED=N moonsocket world.lua
-- The seed decides all: what is said, when, by whom, and what goes wrong below. Exit code 1 tells what came out.

local here = arg[0]:match("^(.*)/[^/]*$") or "."
local moonsocket = require("moonsocket")
local seed = assert(tonumber(os.getenv("MOONSOCKET_SEED")), "MOONSOCKET_SEED is not set")
assert(moonsocket._BACKEND == "simulated", "this needs the simulated backend")
math.randomseed(seed)
local random = math.random

-- A dialect is a file that returns, for streams that a fiber waits on:
--   listen() -> listener, port
--   connect(port) -> socket                        accept(listener) -> socket
--   send(socket, data, limit) -> sent, how         receive(socket, count, limit) -> data, how
--   finish(socket): no more will be sent; a dialect without it just stops          close(socket)
--   sleep(seconds)
--   limits(fiber, expect): checks its own limits, if it has any
-- where `limit` is in seconds or nil, and `how` is nil (all went well) or "timeout", "end" or "gone".
local dialects = {}
for _, name in ipairs(dofile(here .. "/dialects.lua")) do
  dialects[#dialects + 1] = dofile(here .. "/" .. name .. ".lua")
end

--- A fiber whose error is the end: the others would wait for it.
local function fiber(body)
  moonsocket.spawn(function()
    local ok, why = xpcall(body, function(why) return debug.traceback(tostring(why)) end)
    if not ok then
      io.stderr:write(tostring(why), "\n")
      os.exit(1)
    end
  end)
end

local function text(most)
  local bytes = {}
  for i = 1, random(0, most) do bytes[i] = string.char(random(6) == 1 and 10 or random(6) == 1 and 13 or random(0, 255)) end
  return table.concat(bytes)
end

--- No limit, none at all, or some.
local function limit()
  local kind = random(4)
  return kind == 1 and 0 or kind == 2 and random(1, 20000) / 1e6 or nil
end

local function expect(truth, ...)
  if not truth then error(table.concat({ ... }, " "), 2) end
end

--- Sends `data`; as much as there is somebody for.
local function write(dialect, side, data)
  local at = 0
  while at < #data do
    local part = data:sub(at + 1, at + random(1, 2000))
    local sent, how = dialect.send(side.socket, part, limit())
    expect(sent >= 0 and sent <= #part, dialect.name, "sent", sent, "of", #part)
    expect(how or sent == #part, dialect.name, "a send that went well is short:", sent, "of", #part)
    at = at + sent
    if how == "gone" then
      expect(side.killed or side.other.killed, dialect.name, "a send failed for no reason")
      return
    end
    expect(how == nil or how == "timeout", dialect.name, "a send ended with", tostring(how))
    if random(5) == 1 then dialect.sleep(random(0, 3000) / 1e6) end
    if how then dialect.sleep(0.001) end
  end
  if dialect.finish and not side.killed then dialect.finish(side.socket) end
end

--- Receives what the other side sends: its beginning, and all of it when nobody is killed.
local function read(dialect, side, data, ends)
  local at = 0
  while ends or at < #data do
    local part, how = dialect.receive(side.socket, random(1, 3000), limit())
    expect(part == data:sub(at + 1, at + #part), dialect.name, "other bytes than were sent, after", at)
    at = at + #part
    if how == "end" or how == "gone" then
      local whole = at == #data
      expect(whole or side.killed or side.other.killed, dialect.name, how, "after", at, "of", #data)
      return
    end
    expect(how == nil or how == "timeout", dialect.name, "a receive ended with", tostring(how))
    if random(5) == 1 then dialect.sleep(random(0, 3000) / 1e6) end
    if how then dialect.sleep(0.001) end
  end
end

--- Two sides that talk both ways at once, each in a dialect of its own; perhaps one is closed in the middle.
local function conversation()
  local near, far = dialects[random(#dialects)], dialects[random(#dialects)]
  local listener, port = far.listen()
  local sides = { {}, {} }
  sides[1].other, sides[2].other = sides[2], sides[1]
  local there, back = text(6000), text(3000)
  local left = 4
  local function done(dialect, side)
    left = left - 1
    side.left = (side.left or 2) - 1
    if side.left == 0 and not side.killed then dialect.close(side.socket) end
    if left == 0 then far.close(listener) end
  end
  local function talk(dialect, side, mine, theirs, ends)
    fiber(function() write(dialect, side, mine) done(dialect, side) end)
    fiber(function() read(dialect, side, theirs, ends) done(dialect, side) end)
    if random(4) == 1 then
      fiber(function()
        dialect.sleep(random(0, ({ 100, 1000, 10000 })[random(3)]) / 1e6)
        if (side.left or 2) == 2 then
          side.killed = true
          dialect.close(side.socket)
        end
      end)
    end
  end
  fiber(function()
    sides[2].socket = far.accept(listener)
    talk(far, sides[2], back, there, near.finish)
  end)
  fiber(function()
    sides[1].socket = near.connect(port)
    talk(near, sides[1], there, back, far.finish)
  end)
end

for _ = 1, random(1, 4) do conversation() end
assert(moonsocket.run())

-- What a dialect promises of time, where waiting costs none.
for _, dialect in ipairs(dialects) do
  if dialect.limits then dialect.limits(fiber, expect) end
end
assert(moonsocket.run())
